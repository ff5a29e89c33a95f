"""Classification with the labels in the prompt: bare label or a one-field record."""
from . import schema, values

SENTIMENT = dict(
    positive=("I love {x}", "{x} is wonderful", "{x} works perfectly", "{x} made my day", "I am very happy with {x}", "What a great {n}", "{x} exceeded my hopes",
              "I would buy {x} again", "Excellent quality and fast delivery", "The staff were friendly and helpful", "Best {n} I have ever had", "I really enjoyed {x}",
              "{x} is a delight", "Fantastic service", "I recommend {x} to everyone", "Superb", "{x} is better than I expected", "I am impressed by {x}"),
    negative=("I hate {x}", "{x} is terrible", "{x} broke after one day", "{x} ruined my week", "I am very disappointed with {x}", "What an awful {n}", "{x} never worked",
              "I want my money back", "Poor quality and slow delivery", "The staff were rude", "Worst {n} I have ever had", "I regret buying {x}", "{x} is a waste of money",
              "Horrible service", "I warn everyone about {x}", "Dreadful", "{x} is worse than I feared", "I am angry about {x}"),
    neutral=("{x} arrived on Tuesday", "I bought {x} last month", "{x} is made of wood", "{x} has a blue handle", "The box holds {x}", "{x} weighs two kilos", "I use {x} at the office",
             "{x} comes with a manual", "The shop sells {x}", "{x} is about average", "{x} is neither good nor bad", "There is a {n} on the table", "{x} is okay", "The {n} is next to the door"),
)
TOPIC = dict(
    sports=("The team won the match in the last minute", "The striker scored two goals", "The runner broke the marathon record", "The coach praised the players", "The tennis final was cancelled", "Fans cheered at the stadium", "The club signed a new goalkeeper"),
    politics=("The president signed the new law", "Parliament voted on the budget", "The minister resigned", "The election is in May", "The senate debated the treaty", "Voters went to the polls", "The mayor announced a reform"),
    technology=("The new phone has a faster chip", "The software update fixes a bug", "Engineers built a quantum computer", "The app uses machine learning", "The company released a laptop", "The server runs on Linux", "A robot sorts the parcels"),
    business=("Shares of the company fell sharply", "The bank raised interest rates", "The startup found new investors", "Profits grew in the third quarter", "The merger was approved", "Sales rose by ten percent", "The retailer will close its stores"),
    health=("Doctors tested a new vaccine", "The hospital opened a clinic", "Sleep lowers blood pressure", "The nurse treated the patient", "The medicine cures the infection", "Walking is good for the heart", "The disease spreads in winter"),
    travel=("The hotel is close to the beach", "Our flight landed in the morning", "Tourists visit the old castle", "Pack light for the journey", "The train crosses the Alps", "The island has quiet beaches", "The museum tour lasts an hour"),
    food=("The soup needs more salt", "Bake the bread for an hour", "The restaurant serves fresh fish", "The chef cooked pasta with tomatoes", "Add two eggs and some flour", "The cheese tastes mild", "This cake recipe is simple"),
    science=("Astronomers found a distant planet", "The physicist measured the particle", "Biologists studied the whales", "The telescope saw a new star", "Chemists made a new molecule", "The experiment confirmed the theory", "Fossils were found in the desert"),
    weather=("Heavy rain is expected tonight", "The storm moves north", "It will be sunny and warm", "Snow fell in the mountains", "Strong winds hit the coast", "Fog covers the valley", "Temperatures drop below zero"),
    music=("The band released a new album", "The singer played the guitar", "The orchestra performed a symphony", "The choir sang at the concert", "The drummer left the band", "Her song reached the charts", "The pianist practised the sonata"),
)
INTENT = dict(
    billing=("I was charged twice", "My invoice is wrong", "Why is my bill so high", "The payment did not go through", "Please send me an invoice"),
    refund=("I want my money back", "Please refund my order", "How do I get a refund", "I returned the item and want a refund", "Refund me please"),
    technical=("The app crashes when I open it", "I get an error message", "The page does not load", "The program freezes", "My screen stays black after the update"),
    shipping=("Where is my package", "The parcel has not arrived", "When will my order be delivered", "The courier left it at the wrong address", "Can I track my shipment"),
    account=("I forgot my password", "I cannot log in", "How do I change my username", "My account is locked", "Please update my profile"),
    cancel=("I want to cancel my subscription", "Please cancel my order", "Stop my membership", "How can I cancel", "I no longer want the service, cancel it"),
    sales=("Do you offer discounts for teams", "How much is the premium plan", "I would like a quote", "Can I buy a licence for ten people", "I am interested in buying"),
    praise=("Your support team is great", "Thank you, that was quick", "I love your product", "Great job everyone", "Thanks for the wonderful help"),
)
SPAM = dict(
    spam=("You won a free prize, click here now", "Make money fast from home", "Claim your reward before midnight", "Cheap pills, no prescription", "Congratulations, you are our lucky winner", "Double your money in one day", "Urgent: send your bank details to get the prize"),
    ham=("The meeting moved to three", "Can you review my draft", "Mum asks if you come for dinner", "Your library book is due on Friday", "Here are the notes from today", "I will pick you up at the station", "The plumber comes tomorrow morning"),
)
URGENCY = dict(
    high=("The server is down, fix it right now", "This is an emergency", "We need help immediately", "Production is broken, act now", "It is urgent, the shop cannot take orders"),
    low=("Whenever you have time, look at the colour", "No hurry at all", "This can wait until next month", "A tiny typo, not important", "Just an idea for some day"),
    medium=("Please look at it this week", "It should be done in a few days", "We need it by the end of the week", "It slows us down a little, please check it soon", "Can you handle it in the next days"),
)
SETS = (("sentiment", SENTIMENT), ("topic", TOPIC), ("intent", INTENT), ("type", SPAM), ("urgency", URGENCY))
ASK = {"sentiment": ("the sentiment of the review", "the sentiment of the text", "the sentiment"), "topic": ("the topic of the text", "the category of the news", "the topic"),
       "intent": ("the intent of the message", "the category of the request", "the intent"), "type": ("the message", "the type of the message"), "urgency": ("the urgency of the message", "the urgency")}
FIELDS = {"sentiment": ("sentiment", "label"), "topic": ("topic", "category", "label"), "intent": ("intent", "category", "label"), "type": ("type", "label", "class"), "urgency": ("urgency", "priority", "label")}
PROMPTS = ("Classify {what}.\nLabels: {labels}\nText: {text}", "Classify {what} as one of: {labels}.\n\n{text}", "Which label fits the text? Labels: {labels}\n\nText: {text}\nLabel:",
           "Classify {what} as {choice}: {text}", "Text: {text}\n\nLabels: {labels}\nAnswer with one label.", "What is the right label for \"{text}\"? Choose from {labels}.")
JSON_PROMPTS = ("Classify {what}.\nSchema: {schema}\nText: {text}", "Classify {what}. Answer with JSON that follows this schema:\n{schema}\n\n{text}", "{text}\n\nReturn the label as JSON matching this schema: {schema}")


def statement(s, kind, label, groups):
    line = s.any(groups[label]).format(x=s.any(("the ", "this ", "my ")) + values.product(s), n=s.any(("product", "film", "meal", "book", "hotel")))
    line = line[0].upper() + line[1:]
    if kind == "sentiment" and label != "neutral" and s.chance(0.3):
        line += ". " + statement(s, "", label, groups)[:-1]
    if s.chance(0.2):
        line = s.any(("Hello, here is {p}. ", "From {p}: ", "{p} wrote: ", "News from {c}: ")).format(p=values.person(s), c=values.city(s)) + line
    return line + "."


def choose(s):
    kind, groups = s.any(SETS)
    labels = s.some(groups, 2, 6) if len(groups) > 3 else s.sample(list(groups), len(groups))
    label = s.any(labels)
    return kind, labels, label, statement(s, kind, label, groups)


def example(s):
    kind, labels, label, text = choose(s)
    what = s.any(ASK[kind])
    if s.chance(0.4):
        field = s.any(FIELDS[kind])
        node = {"type": "object", "properties": {field: {"type": "string", "enum": labels}}, "required": [field]}
        content = s.any(JSON_PROMPTS).format(what=what, schema=schema.dumps(node, s.chance(0.34)), text=text)
        record = {field: label}
        row = {"schema": node, "expected": record, "answer": schema.dumps(record)}
    else:
        content = s.any(PROMPTS).format(what=what, labels=", ".join(labels), choice=", ".join(labels[:-1]) + " or " + labels[-1], text=text)
        row = {"regex": "|".join(labels), "expected": label, "answer": label}
    messages = [{"role": "user", "content": content}]
    if s.chance(0.3):
        messages.insert(0, {"role": "system", "content": s.any(("You are a classifier.", "Answer with one label.", "You are a helpful assistant.", "Choose the label that fits."))})
    return {"task": "classify", "messages": messages, **row}
