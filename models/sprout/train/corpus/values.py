"""Values that a text can state: names, addresses, numbers, dates. Half are ordinary, half are made up,
so that the model learns to copy spellings it has never met."""
import codecs
import string

from . import pools

ONSETS = pools.words("b c d f g h j k l m n p r s t v w z br ch cl cr dr fl fr gl gr kh kr pl pr qu sh sk sl sm sn sp st str "
                     "th tr ts vl zh y x") + ("",)
VOWELS = pools.words("a e i o u a e i o u ai au ea ee ei ia ie io oa oo ou ui y")
CODAS = ("",) * 18 + pools.words("b ck d f g k l ll m n nd ng nk nt p r rd rk rn rt s sh sk ss st t th v x z")
ACCENTS = {"a": "áàâäãåā", "e": "éèêëęē", "i": "íìîïī", "o": "óòôöõøō", "u": "úùûüūů", "c": "çćč", "n": "ñńň", "s": "śšş",
           "z": "źżž", "l": "ł", "y": "ý", "g": "ğ", "d": "ď", "r": "ř"}
FOREIGN = ("αβγδεηθικλμνοπρστυφω", "абвгдежзиклмнопрстуфхшюя", "あいうえおかきくけこさしすたつなにの", "一大山川中本木林田文海明小石")
UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits


RUDE = codecs.decode("shpx shx fuvg phag avtt encr qvpx pbpx cvff fyhg jubber snttbg cbea anmv gjng jnax ovgpu frk chffl chfv ergneq nefr", "rot13").split()


def fresh(s, make):
    """A made-up value of this split, without the odd rude word that random letters spell."""
    while True:
        value = s.own(make)
        low = value.lower()
        if not any(word in low for word in RUDE):
            return value


def letters(s, alphabet, low, high):
    return "".join(s.any(alphabet) for _ in range(s.int(low, high)))


def syllables(s, low=1, high=3):
    return "".join(s.any(ONSETS) + s.any(VOWELS) + s.any(CODAS) for _ in range(s.int(low, high)))


def accented(s, word):
    at = s.int(0, len(word) - 1)
    return word[:at] + s.any(ACCENTS.get(word[at], word[at])) + word[at + 1:]


def plain_word(s):
    """A lower-case ASCII word that no list holds."""
    def make():
        word = letters(s, LOWER, 3, 8) if s.chance(0.12) else syllables(s)
        return word if len(word) > 2 else word + syllables(s, 1, 1) + "n"
    return fresh(s, make)


def word(s):
    """A made-up capitalised word, some with accents, a few in other alphabets."""
    def make():
        if s.chance(0.02):
            return letters(s, s.any(FOREIGN), 2, 6).capitalize()
        text = letters(s, LOWER, 3, 8) if s.chance(0.08) else syllables(s)
        text = text if len(text) > 2 else text + syllables(s, 1, 2)
        text = accented(s, text) if s.chance(0.12) else text
        kind = s.random()
        if kind < 0.03:
            return text.upper()
        if kind < 0.06:
            return text.capitalize() + syllables(s, 1, 2).capitalize()
        return text.capitalize()
    return fresh(s, make)


def term(s):
    """A made-up name of a skill, a colour, a tag: anything a closed list would miss."""
    def make():
        kind = s.random()
        if kind < 0.25:
            return plain_word(s)
        if kind < 0.4:
            return s.pick(pools.COMMON)
        if kind < 0.65:
            return (s.pick(pools.COMMON) if s.chance(0.7) else plain_word(s)) + " " + (s.pick(pools.COMMON) if s.chance(0.6) else plain_word(s))
        if kind < 0.72:
            return s.pick(pools.COMMON) + s.any((" ", "-")) + s.pick(pools.COMMON) + s.any((" ", "-")) + s.pick(pools.COMMON)
        if kind < 0.8:
            return word(s) + s.any((".js", ".io", "++", "#", " 2", ".net", "/2", " 3.1"))
        if kind < 0.87:
            return letters(s, UPPER, 2, 5)
        return word(s) + (" " + word(s) if s.chance(0.3) else "")
    return fresh(s, make)


def listed(s, pool, p=0.5):
    """An item of a value list, or as often a made-up one."""
    return s.pick(pool) if s.chance(p) else term(s)


FUNCTION_WORDS = pools.words("the of in for to a on at my this our no")


def phrase(s, low=2, high=8):
    """Words in no particular order, to be copied as they are."""
    def make():
        count = s.int(low, high)
        text = " ".join(s.any((s.pick(pools.COMMON), s.pick(pools.COMMON), s.any(FUNCTION_WORDS), plain_word(s))) for _ in range(count))
        return text[0].upper() + text[1:] if s.chance(0.4) else text
    return s.own(make)


def first_name(s, male=None):
    male = s.chance(0.5) if male is None else male
    return s.pick(pools.MALE if male else pools.FEMALE) if s.chance(0.5) else word(s)


def last_name(s):
    if s.chance(0.5):
        return s.pick(pools.LAST)
    name, kind = word(s), s.random()
    if kind < 0.04:
        return s.any(("O'", "D'", "Mc", "Mac", "Al-", "El-")) + name
    if kind < 0.08:
        return name + "-" + word(s)
    if kind < 0.11:
        return s.any(("van", "de", "von", "da", "del", "van der", "de la", "bin", "ten")) + " " + name
    return name


def person(s, male=None):
    kind = s.random()
    if kind < 0.04:
        return first_name(s, male)
    if kind < 0.09:
        return "%s %s. %s" % (first_name(s, male), s.any(UPPER), last_name(s))
    if kind < 0.12:
        return "%s %s %s" % (first_name(s, male), first_name(s, male), last_name(s))
    return first_name(s, male) + " " + last_name(s)


def city(s):
    if s.chance(0.55):
        return s.pick(pools.CITIES)
    name = word(s)
    return s.any(("Port ", "New ", "San ", "Saint ", "Fort ", "Lake ", "Upper ")) + name if s.chance(0.15) else name


def country(s):
    return s.pick(pools.COUNTRIES) if s.chance(0.75) else word(s) + s.any(("ia", "land", "stan", ""))


def company(s):
    kind = s.random()
    name = word(s) if s.chance(0.75) else s.pick(pools.LAST)
    if kind < 0.55:
        return name + " " + s.any(pools.COMPANY_TAILS)
    if kind < 0.65:
        return name + " & " + (word(s) if s.chance(0.6) else s.any(("Sons", "Co", "Partners", "Daughters")))
    if kind < 0.8:
        return s.any(pools.ADJECTIVES).capitalize() + " " + word(s)
    return word(s)


def occupation(s):
    kind = s.random()
    if kind < 0.55:
        return s.pick(pools.OCCUPATIONS)
    if kind < 0.7:
        return s.pick(pools.COMMON) + " " + (s.pick(pools.COMMON) if s.chance(0.6) else plain_word(s))
    if kind < 0.76:
        return s.own(lambda: s.pick(pools.COMMON) + " " + s.pick(pools.OCCUPATIONS))
    return (s.any(pools.NOUNS) if s.chance(0.5) else plain_word(s)) + " " + s.any(
        ("maker", "engineer", "manager", "inspector", "designer", "analyst", "technician", "specialist", "teacher"))


def product(s):
    kind = s.random()
    if kind < 0.35:
        return s.pick(pools.PRODUCTS)
    if kind < 0.47:
        return s.any(pools.ADJECTIVES + pools.COLOURS) + " " + s.pick(pools.PRODUCTS)
    if kind < 0.67:
        return s.own(lambda: " ".join(s.pick(pools.COMMON) if s.chance(0.75) else plain_word(s) for _ in range(s.int(1, 3))))
    if kind < 0.83:
        return plain_word(s) + " " + s.any(("lamp", "chair", "cable", "kit", "box", "pump", "valve", "book", "phone", "bag"))
    return word(s) + " " + s.any(("Pro", "Mini", "X", "Plus", "One", "Max", "Lite")) + (" %d" % s.int(2, 900) if s.chance(0.4) else "")


def title(s):
    """A short phrase in title case."""
    kind = s.random()
    if kind < 0.15:
        return phrase(s, 2, 6)
    if kind < 0.45:
        return "%s %s %s" % (s.any(("The", "A", "Our")), s.any(pools.ADJECTIVES).capitalize(), s.any(pools.NOUNS).capitalize())
    if kind < 0.7:
        return "%s %s the %s" % (word(s), s.any(("and", "in", "of", "at", "beyond")), s.any(pools.NOUNS).capitalize())
    return "%s %s %s" % (s.any(pools.ADJECTIVES).capitalize(), word(s), s.any(pools.NOUNS).capitalize())


def event(s):
    kind = s.random()
    topic = s.pick(pools.EVENT_TOPICS) if s.chance(0.45) else word(s) if s.chance(0.6) else s.pick(pools.COMMON).capitalize()
    name = topic + " " + s.any(pools.EVENT_KINDS)
    if kind < 0.25:
        return s.pick(pools.CITIES) + " " + name
    if kind < 0.4:
        return name + " %d" % s.int(2019, 2032)
    if kind < 0.5:
        return "Annual " + name
    return name


def venue(s):
    return s.pick(pools.VENUES) if s.chance(0.5) else word(s) + " " + s.any(("Hall", "Park", "Hotel", "Center", "Theatre", "Arena", "House"))


def street(s):
    name = s.any(pools.STREET_NAMES) if s.chance(0.35) else word(s)
    return "%d %s %s" % (s.int(1, 999), name, s.any(pools.STREETS))


def postcode(s):
    def make():
        kind = s.random()
        if kind < 0.6:
            return letters(s, DIGITS, 5, 5)
        if kind < 0.8:
            return letters(s, UPPER, 1, 2) + letters(s, DIGITS, 1, 2) + " " + letters(s, DIGITS, 1, 1) + letters(s, UPPER, 2, 2)
        return letters(s, DIGITS, 4, 4) + " " + letters(s, UPPER, 2, 2)
    return s.own(make)


def code(s):
    """An identifier such as INV-2041 or 7QX-22K."""
    def make():
        kind = s.random()
        if kind < 0.35:
            return s.any(("INV", "ORD", "A", "B", "TK", "REF", "SKU", "PO", "ID", "BX", letters(s, UPPER, 2, 3))) + "-" + letters(s, DIGITS, 3, 6)
        if kind < 0.55:
            return letters(s, UPPER + DIGITS, 5, 9)
        if kind < 0.7:
            return letters(s, UPPER, 1, 3) + letters(s, DIGITS, 2, 6)
        if kind < 0.82:
            return letters(s, UPPER, 2, 3) + "-" + letters(s, DIGITS, 2, 3) + "-" + letters(s, UPPER + DIGITS, 1, 4)
        if kind < 0.9:
            return "#" + letters(s, DIGITS, 4, 6)
        return letters(s, LOWER + DIGITS, 6, 10)
    return fresh(s, make)


def ascii_name(s, name):
    low = name.lower().replace("'", "").replace(" ", "")
    return low if low.isascii() and low.replace("-", "").isalpha() else plain_word(s)


def email(s, name=None):
    def make():
        kind = s.random()
        parts = (name or person(s)).split()
        first, last = ascii_name(s, parts[0]), ascii_name(s, parts[-1])
        if kind < 0.3:
            user = first + s.any("._-") + last
        elif kind < 0.4:
            user = first[0] + last
        elif kind < 0.55:
            user = first + (str(s.int(1, 2020)) if s.chance(0.5) else "")
        elif kind < 0.7:
            user = plain_word(s) + s.any((".", "_", "-", "", "+")) + (plain_word(s) if s.chance(0.5) else letters(s, DIGITS, 1, 4))
        elif kind < 0.8:
            user = letters(s, LOWER + DIGITS, 4, 9)
        elif kind < 0.9:
            user = s.any(("info", "sales", "support", "hello", "contact", "office", "billing", "team", "press", "jobs"))
        else:
            user = first + "." + last + letters(s, DIGITS, 1, 3)
        host = s.any(pools.DOMAINS) if s.chance(0.3) else plain_word(s) + (s.any(("-", ".")) + plain_word(s) if s.chance(0.2) else "") + "." + s.any(pools.TLDS)
        text = user + "@" + host
        return text.title() if s.chance(0.01) else text
    return fresh(s, make)


PHONES = ("+NN NN NNNN NNNN", "NNN-NNNN", "(NNN) NNN-NNNN", "+N-NNN-NNN-NNNN", "NNNN NNN NNN", "+NN NNN NNNNNN", "NNN-NNN-NNNN",
          "NNN.NNN.NNNN", "+NNNNNNNNNNN", "0NNN/NNNNNN", "0NN NNN NN NN", "NNNNNNNNNN")


def phone(s):
    return s.own(lambda: "".join(s.any(DIGITS) if c == "N" else c for c in s.any(PHONES)))


def colour(s):
    return s.any(pools.COLOURS) if s.chance(0.6) else term(s)


def topic(s):
    return s.any(pools.TOPICS) if s.chance(0.5) else term(s)


def sentence(s):
    """A plain sentence that states nothing a record asks for."""
    return s.any((
        "The {a} {n} was {a} that morning.", "Nobody mentioned the {n} again.", "There was little news about {t}.",
        "The weather stayed {a} all week.", "A {a} {n} stood near the {n2}.", "People talked about {t} for a while.",
        "Most of the notes were about {t}.", "The {n} and the {n2} were left as they were.", "The day was {a}.",
        "Everything else can wait until next week.", "Please keep this message for your files.",
        "More details will follow soon.", "Thank you for your patience.", "The rest of the page was blank.",
    )).format(a=s.any(pools.ADJECTIVES), a2=s.pick(pools.COMMON), n=s.any(pools.NOUNS), n2=s.pick(pools.COMMON), t=topic(s))
