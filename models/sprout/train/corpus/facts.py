"""A small fixed stock of knowledge, answered in one short sentence."""
from . import pools

CAPITALS = dict(pair.split(":") for pair in """France:Paris Germany:Berlin Spain:Madrid Italy:Rome Portugal:Lisbon Ireland:Dublin Norway:Oslo Sweden:Stockholm Finland:Helsinki
Denmark:Copenhagen Poland:Warsaw Austria:Vienna Switzerland:Bern Belgium:Brussels Greece:Athens Hungary:Budapest Romania:Bucharest Bulgaria:Sofia Croatia:Zagreb Serbia:Belgrade
Ukraine:Kyiv Turkey:Ankara Egypt:Cairo Morocco:Rabat Tunisia:Tunis Nigeria:Abuja Ghana:Accra Kenya:Nairobi Uganda:Kampala Japan:Tokyo China:Beijing India:Delhi Pakistan:Islamabad
Nepal:Kathmandu Thailand:Bangkok Vietnam:Hanoi Indonesia:Jakarta Australia:Canberra Canada:Ottawa Argentina:Buenos_Aires Chile:Santiago Peru:Lima Colombia:Bogotá Cuba:Havana Mexico:Mexico_City
Brazil:Brasília Iceland:Reykjavik Estonia:Tallinn Latvia:Riga Lithuania:Vilnius Russia:Moscow Iran:Tehran Iraq:Baghdad England:London Scotland:Edinburgh South_Korea:Seoul Philippines:Manila""".split())
CAPITALS = {k.replace("_", " "): v.replace("_", " ") for k, v in CAPITALS.items()}
COLOURS = dict(pair.split(":") for pair in """sky:blue grass:green snow:white coal:black sun:yellow blood:red banana:yellow tomato:red milk:white lemon:yellow carrot:orange chocolate:brown sea:blue cherry:red
cucumber:green strawberry:red night:black elephant:grey""".split())
OPPOSITES = dict(pair.split(":") for pair in """hot:cold big:small tall:short fast:slow happy:sad light:dark old:young rich:poor full:empty open:closed early:late easy:hard strong:weak up:down left:right
day:night black:white good:bad first:last wet:dry loud:quiet near:far high:low clean:dirty long:short true:false win:lose buy:sell love:hate""".split())
OPPOSITES.update({v: k for k, v in OPPOSITES.items() if v not in OPPOSITES and v != "short"})
GREETINGS = (("Hi there!", "Hello! How can I help you?"), ("Hello!", "Hello! How can I help you?"), ("Hi!", "Hello! How can I help you?"), ("Hey", "Hello! How can I help you?"), ("Hello", "Hello! How can I help you?"),
             ("Good morning!", "Good morning! How can I help you?"), ("Good evening!", "Good evening! How can I help you?"), ("How are you?", "I am fine, thank you. How can I help you?"),
             ("Thank you!", "You are welcome!"), ("Thanks", "You are welcome!"), ("Goodbye!", "Goodbye!"), ("Bye", "Goodbye!"), ("Who are you?", "I am sprout, a small language model."),
             ("What is your name?", "My name is sprout."), ("What can you do?", "I can extract records, call tools and answer short questions."))


def capital(s):
    country = s.any(list(CAPITALS))
    return s.any(("What is the capital of {}?", "Name the capital of {}.", "Which city is the capital of {}?", "What's the capital of {}?")).format(country), "The capital of %s is %s." % (country, CAPITALS[country])


def capital_of(s):
    country = s.any(list(CAPITALS))
    return "%s is the capital of which country?" % CAPITALS[country], "%s is the capital of %s." % (CAPITALS[country], country)


def colour(s):
    thing = s.any(list(COLOURS))
    return s.any(("What color is the {}?", "What colour is the {}?", "Which color does the {} have?")).format(thing), "The %s is %s." % (thing, COLOURS[thing])


def opposite(s):
    word = s.any(list(OPPOSITES))
    return s.any(("What is the opposite of {}?", "Give the opposite of {}.", "What's the opposite of {}?")).format(word), "The opposite of %s is %s." % (word, OPPOSITES[word])


def day(s):
    at, step = s.int(0, 6), s.any((1, 1, -1))
    word = "after" if step == 1 else "before"
    return s.any(("What day comes {w} {d}?", "Which day is {w} {d}?", "Which day comes {w} {d}?")).format(w=word, d=pools.WEEKDAYS[at]), "%s comes %s %s." % (pools.WEEKDAYS[(at + step) % 7], word, pools.WEEKDAYS[at])


def month(s):
    at = s.int(0, 11)
    return s.any(("What month comes after {}?", "Which month is after {}?")).format(pools.MONTHS[at]), "%s comes after %s." % (pools.MONTHS[(at + 1) % 12], pools.MONTHS[at])


def total(s):
    a, b = s.int(0, 12), s.int(0, 12)
    if s.chance(0.3):
        a, b = max(a, b), min(a, b)
        return s.any(("What is {} - {}?", "{} - {} = ?", "What is {} minus {}?")).format(a, b), "%d - %d = %d." % (a, b, a - b)
    return s.any(("What is {} + {}?", "{} + {} = ?", "How much is {} + {}?", "What is {} plus {}?")).format(a, b), "%d + %d = %d." % (a, b, a + b)


def greeting(s):
    return s.any(GREETINGS)


KINDS = (capital, capital, capital, capital, colour, opposite, opposite, day, month, total, total, greeting, greeting, capital_of)


def pair(s):
    return s.any(KINDS)(s)


def example(s):
    question, answer = pair(s)
    messages = [{"role": "user", "content": question}]
    if s.chance(0.12):
        before = pair(s)
        messages = [{"role": "user", "content": before[0]}, {"role": "assistant", "content": before[1]}] + messages
    if s.chance(0.35):
        messages.insert(0, {"role": "system", "content": s.any(("You are a helpful assistant.", "Answer in one sentence.", "You are a friendly assistant.", "Be brief."))})
    return {"task": "answer", "messages": messages, "expected": answer, "answer": answer}
