"""Records of things no list names: keys put together from words, values of any kind, plain wording.
They teach the model to bind a value to its key instead of to a domain."""
from . import numbers, pools, values
from .fields import Field, boolean, date, email, enum, integer, number, strings, text

def choice(s):
    """A closed choice among made-up options."""
    options = []
    while len(options) < 2 or len(options) < 5 and s.chance(0.6):
        option = values.term(s)
        if option not in options:
            options.append(option)
    value = s.any(options)
    return value, value, {"type": "string", "enum": options}


def signed(make):
    """Now and then below zero."""
    def build(s):
        written, value = make(s)
        return ("-" + written, -value) if value and s.chance(0.08) else (written, value)
    return build


HEADS = dict(
    name=text(values.person), code=text(values.code), number=text(values.code), city=text(values.city), date=date,
    owner=text(values.person), email=email, phone=text(values.phone), count=integer(numbers.whole), limit=integer(numbers.whole),
    size=integer(numbers.whole), total=integer(signed(numbers.whole)), price=number(numbers.money), cost=number(numbers.money),
    weight=number(numbers.decimal), length=number(numbers.decimal), rate=number(numbers.decimal), score=number(signed(numbers.decimal)), temperature=number(signed(numbers.decimal)),
    time=text(numbers.clock), address=text(values.street), place=text(values.venue), title=text(values.title), label=text(values.word),
    company=text(values.company), region=text(values.country), key=text(values.code), type=text(values.term),
    color=text(values.colour), tags=strings(values.term), names=strings(values.person),
    codes=strings(values.code), cities=strings(values.city), enabled=boolean, locked=boolean, confirmed=boolean,
    status=enum("open", "closed", "active", "paused", "done", "failed"), mode=enum("fast", "slow", "safe", "auto", "manual"),
    grade=enum("A", "B", "C", "D"), priority=enum("low", "normal", "high", "urgent"), year=integer(lambda s: (lambda n: (str(n), n))(s.int(1900, 2040))),
    model=text(values.product), note=text(values.phrase), account=text(values.code), option=choice, variant=choice, material=text(values.term), id=text(values.code),
)
PLURAL = ("tags", "names", "codes", "cities")
FLAGS = ("enabled", "locked", "confirmed")
MODIFIERS = pools.words("""start end first last main backup billing shipping primary secondary home work old new source target
base max min average total early late public private local remote left right upper lower parent child user team project order
item batch room floor seat ship train flight vessel sensor device server cluster branch release sample patient case claim
policy invoice payment account session ticket report station field plant animal recipe lesson course exam team match player
window door engine filter pump tank cable panel signal channel account supplier buyer seller driver guard captain""")
SUBJECTS = ("The record", "The form", "The file", "The entry", "The report", "The item", "The sheet", "The request")


def plain(s, words, written):
    """A sentence that gives the value of one key."""
    form = s.int(0, 7)
    verb = "are" if words.split()[-1] in PLURAL else "is"
    return (
        lambda: "The %s %s %s" % (words, verb, written), lambda: "The %s %s %s" % (words, verb, written),
        lambda: "%s: %s" % (words.capitalize(), written), lambda: "%s lists %s as the %s" % (s.any(SUBJECTS), written, words),
        lambda: "It has the %s %s" % (words, written), lambda: "We set the %s to %s" % (words, written),
        lambda: "%s gives the %s as %s" % (s.any(SUBJECTS), words, written), lambda: "For the %s use %s" % (words, written),
    )[form]()


def flag(s, words, value):
    parts = words.split()
    head, noun = parts[-1], " ".join(parts[:-1])
    return "The %s %s %s" % (noun, "is" if value else "is not", head)


def fields(s, low, high):
    """Distinct made-up fields as {words: maker}; some share a word on purpose."""
    found, shared = {}, s.any(MODIFIERS) if s.chance(0.3) else None
    heads = list(HEADS)
    wanted = s.int(low, high)
    twin = s.any(heads) if s.chance(0.3) else None
    while len(found) < wanted:
        head = twin if twin and s.chance(0.5) else s.any(heads)
        if head in FLAGS or s.chance(0.75):
            modifier = shared if shared and s.chance(0.5) else s.any(MODIFIERS)
            words = modifier + " " + head
            if s.chance(0.1):
                words = s.any(MODIFIERS) + " " + words
        else:
            words = head
        if len(set(words.split())) == len(words.split()) and not clashes(words, found):
            found[words] = HEADS[head]
    return found


def clashes(words, found):
    """A key must not read as a shorter form of another one."""
    own = set(words.split())
    return any(own <= set(other.split()) or set(other.split()) <= own for other in found)


def record(s):
    """(fields as {words: Field}, text writer over the stated words)."""
    made = {words: Field(words, maker, "The " + words) for words, maker in fields(s, 2, 7).items()}

    def write(names, written, truth):
        order = s.sample(list(names), len(names))
        kind = s.random()
        if kind < 0.25:
            mark, gap = s.any(((": ", "\n"), (": ", "; "), (" = ", "\n"), (": ", ", "), (" -> ", "\n")))
            return gap.join((w.capitalize() if s.chance(0.5) else w) + mark + written[w] for w in order)
        if kind < 0.4:
            head = s.any(SUBJECTS) + " has " if s.chance(0.5) else "Noted: "
            return head + ", ".join("%s %s" % (w, written[w]) for w in order) + "."
        parts = [flag(s, w, truth[w]) if isinstance(truth[w], bool) else plain(s, w, written[w]) for w in order]
        for _ in range(s.any((0, 0, 0, 1, 2))):
            parts.insert(s.int(0, len(parts)), values.sentence(s)[:-1])
        return ". ".join(parts) + "."

    return made, write

