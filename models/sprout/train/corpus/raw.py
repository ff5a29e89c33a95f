"""Prompts without a chat template: the text of a program, to be continued."""
from . import classify, extract, facts, pools, schema, spans, tools, values

AGED = ("{n} is a {a}-year-old {o}.", "{n} is {a} years old and works as {ao}.", "{n}, {a}, is {ao}.", "{n} is {ao}. {H} is {a} years old.", "{n} works as {ao} and is {a} years old.", "Meet {n}, a {a}-year-old {o}.",
        "At {a}, {n} works as {ao}.", "{n} ({a}) is {ao} from {c}.", "{n} is a {a}-year-old {o} who lives in {c}.", "My name is {n}, I am {a} and I work as {ao}.", "{n} lives in {c}. {H} is a {a}-year-old {o}.")


def article(word):
    return ("an " if word[0] in "aeiouAEIOU" else "a ") + word


def question(s):
    lines = ["Q: %s\nA: %s\n" % facts.pair(s) for _ in range(s.any((0, 0, 0, 0, 1, 2)))]
    asked, answer = facts.pair(s)
    user, reply = s.any((("Q", "A"), ("Q", "A"), ("Q", "A"), ("Question", "Answer")))
    gap = s.any(("", "\n"))
    head = "".join(line.replace("Q:", user + ":").replace("A:", reply + ":") + gap for line in lines)
    return "%s%s: %s\n%s:" % (head, user, asked, reply), " %s\n" % answer


def person(s):
    name, age, job = values.person(s), s.int(3, 99), values.occupation(s)
    text = s.any(AGED).format(n=name, a=age, o=job, ao=article(job), c=values.city(s), H=s.any(("He", "She")))
    if s.chance(0.1):
        text += " " + values.sentence(s)
    prompt = s.any(("Extract person information from: {t}\nOutput JSON:\n",) * 4 + ("Extract person information from: {t}\nJSON:\n", "Text: {t}\nOutput JSON:\n", "Extract the person: {t}\nOutput:\n", "Extract person information from: {t}\nOutput JSON: "))
    return prompt.format(t=text), schema.dumps({"name": name, "age": age, "occupation": job}) + "\n"


def email(s):
    address, text = spans.email_text(s)
    return s.any(("Extract email from: {t}\nEmail: ",) * 3 + ("Extract email from: {t}\nEmail:", "{t}\nEmail: ", "Extract the email address from: {t}\nEmail: ", "Text: {t}\nEmail: ")).format(t=text), address


def story(s):
    """A short article that names its title and author; the summary is its first sentence after the byline."""
    title, author, city, thing = values.title(s), values.person(s), values.city(s), s.any(pools.TOPICS)
    mood = s.any(("positive", "negative", "neutral"))
    summary = s.any(("{c} has started a project about {t}.", "A report from {c} looks at {t}.", "{o} presented a plan for {t} in {c}.", "The people of {c} are talking about {t}.", "{p} spent a year with {t} in {c}.",
                     "A new study of {t} was published in {c}.", "{o} wants to change {t}.")).format(c=city, t=thing, o=values.company(s), p=values.person(s))
    feeling = {"positive": ("Everybody is delighted with the results.", "It is a great success.", "The outcome is wonderful news.", "Experts praised the excellent work.", "Visitors were very happy."),
               "negative": ("Everybody is disappointed with the results.", "It is a terrible failure.", "The outcome is awful news.", "Experts criticised the poor work.", "Visitors were very angry."),
               "neutral": ("The results will be shown in spring.", "The work takes about a year.", "A second part is planned.", "Experts will look at the numbers.", "Visitors can come on weekdays.")}[mood]
    start = s.any(("{t}, by {a}.", "\"{t}\" by {a}.", "{a} wrote the article \"{t}\".", "The title is {t}. The author is {a}.", "{t}. Written by {a}.", "Title: {t}. Author: {a}."))
    more = [s.any(feeling)] + ([values.sentence(s)] if s.chance(0.6) else [])
    s.shuffle(more)
    body = " ".join([start.format(t=title, a=author), summary] + more)
    record = {"title": title, "author": author, "summary": summary, "sentiment": mood}
    return s.any(("Article: {b}\n\nExtract key information as JSON:\n",) * 3 + ("Article: {b}\n\nExtract key information as JSON: ", "Article: {b}\nJSON:\n")).format(b=body), schema.dumps(record) + "\n"


def short(definition):
    """The short form of a tool that hand-written programs use."""
    return {"name": definition["name"], "description": definition["description"],
            "parameters": {k: v["type"] for k, v in definition["parameters"]["properties"].items()}}


def call(s):
    if s.chance(0.12):
        asked, answer = facts.pair(s)
        definitions = [c.definition for c in tools.offer(s)]
    else:
        definitions, wanted = tools.prompt(s)
        asked, answer = wanted.request, tools.render(wanted.definition["name"], wanted.arguments)
        if s.chance(0.5) and "YYYY" not in str(definitions) and "'date'" not in str(definitions):
            definitions = [short(d) for d in definitions]
    if s.chance(0.2):
        definitions = tools.as_openai(definitions)
    shown = repr(definitions) if s.chance(0.5) else schema.dumps(definitions, s.chance(0.3))
    prompt = "You are a helpful assistant with access to tools.\nAvailable tools: %s\n\nUser: %s\nAssistant:" % (shown, asked)
    return (prompt + " ", answer) if s.chance(0.75) else (prompt, " " + answer)


def chat(s):
    asked, answer = facts.pair(s) if s.chance(0.5) else facts.greeting(s)
    head = s.any(("", "", "", "You are a helpful assistant.\n\n", "You are a helpful assistant.\n"))
    if s.chance(0.15):
        head += "User: %s\nAssistant: %s\n" % facts.pair(s)
    prompt = "%sUser: %s\nAssistant:" % (head, asked)
    return (prompt + " ", answer) if s.chance(0.7) else (prompt, " " + answer)


def label(s):
    kind, labels, answer, text = classify.choose(s)
    return s.any(("Text: {t}\nLabels: {l}\nLabel: ", "Classify the text as {l}.\nText: {t}\nLabel: ", "Review: {t}\nSentiment ({l}): " if kind == "sentiment" else "{t}\nLabels: {l}\nLabel: ")).format(t=text, l=", ".join(labels)), answer


def record(s):
    row = extract.example(s, schema_only=True)
    return row["messages"][-1]["content"] + s.any(("\nJSON:\n", "\nOutput JSON:\n", "\nOutput:\n", "\n\nJSON: ")), row["answer"] + "\n"


def date(s):
    row = spans.date(s)
    return s.any(("{}\nDate: ", "{}\nISO date: ", "{}\nAnswer: ")).format(row["messages"][-1]["content"]), row["answer"]


KINDS = dict(question=question, person=person, email=email, story=story, call=call, chat=chat, label=label, record=record, date=date)
WEIGHTS = ("question",) * 4 + ("person",) * 5 + ("email",) * 3 + ("story",) * 4 + ("call",) * 5 + ("chat",) * 3 + ("label",) + ("record",) * 3 + ("date",)


def example(s, kind=None):
    kind = kind or s.any(WEIGHTS)
    prompt, answer = KINDS[kind](s)
    return {"task": "raw", "kind": kind, "prompt": prompt, "expected": answer, "answer": answer}
