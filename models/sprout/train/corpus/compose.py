"""Writes the text that states a set of fields: sentences, a labelled list, or one line of pairs."""
from functools import lru_cache

from . import values
from .fields import fill, uses

ABOUT = ("This note is about {S}", "We spoke about {S}", "The message concerns {S}", "Here is what we know about {S}")
PREFIXES = ("According to our files, ", "As far as we know, ", "For the record, ", "Please note that ", "As discussed, ", "By the way, ")


@lru_cache(maxsize=None)
def parsed(templates):
    return [(t, uses(t), "{S}" in t or "{P}" in t) for t in templates]


def cover(s, domain, names, anchored):
    """Templates that together state every field of names exactly once; anchored, the first one names the subject."""
    subject, left, chosen = domain["subject"], set(names), []
    left.discard(subject)
    pool = parsed(domain["templates"])
    order = s.sample(pool, len(pool))
    if s.chance(0.6):  # prefer sentences that state several facts
        order.sort(key=lambda p: -len(p[1]))
    named = False
    for template, fields, has_subject in order:
        if fields and fields <= left:
            left -= fields
            named = named or has_subject
            chosen.append(template)
    if left:
        raise ValueError("no template states %s" % left)
    s.shuffle(chosen)
    if anchored:
        chosen.sort(key=lambda t: "{S}" not in t and "{P}" not in t)
    if (subject in names or anchored) and not named or not chosen:
        chosen.insert(0, s.any(ABOUT))
    return chosen


def mentions(s, domain, name):
    """Yields (subject, possessive) for the first and for every later mention."""
    article = domain.get("article", "")
    he = s.any(("he", "she")) if domain["alive"] else "it"
    his = {"he": "his", "she": "her", "it": "its"}[he]
    yield article + name, article + name + "'s"
    while True:
        kind = s.random()
        if kind < 0.6:
            yield he, his
        elif kind < 0.8:
            noun = s.any(domain["nouns"])
            yield noun, noun + "'s"
        elif domain["alive"]:
            first = name.split()[0]
            yield first, first + "'s"
        else:
            yield article + name, article + name + "'s"


def sentences(s, domain, names, written, truth, anchored=False):
    article = domain.get("article")
    subject = mentions(s, domain, written[domain["subject"]])
    out = []
    for template in cover(s, domain, names, anchored):
        start = template[:3] in ("{S}", "{P}")
        if "{S}" in template or "{P}" in template:
            who, whose = next(subject)
            prefix = s.any(PREFIXES) if start and s.chance(0.06) else ""
            if start and not prefix:
                if who in ("he", "she", "it"):
                    who, whose = who.capitalize(), whose.capitalize()
            elif who in domain["nouns"] or article and who.startswith(article):
                who, whose = who[0].lower() + who[1:], whose[0].lower() + whose[1:]
            template = prefix + template.replace("{S}", who).replace("{P}", whose)
        out.append(fill(template, written, truth))
    return out


def label(s, field):
    words = s.any(field.keys)
    return words.capitalize() if s.chance(0.8) else words


def labelled(s, domain, names, written):
    order = s.sample(list(names), len(names))
    mark, gap = s.any(((": ", "\n"), (": ", "\n"), (": ", "; "), (" = ", ", "), (": ", " | "), (" - ", "\n")))
    bullet = "- " if gap == "\n" and s.chance(0.3) else ""
    return gap.join(bullet + label(s, domain["fields"][n]) + mark + written[n] for n in order)


def text(s, domain, names, written, truth):
    if s.chance(0.16) and len(names) > 1:
        return labelled(s, domain, names, written)
    parts = sentences(s, domain, names, written, truth)
    for _ in range(s.int(10, 40) if s.chance(0.015) else s.any((0, 0, 0, 0, 1, 1, 2))):
        parts.insert(s.int(0, len(parts)), values.sentence(s)[:-1])
    joiner = s.any((". ", ". ", ". ", ". ", ".\n"))
    return joiner.join(parts) + "."
