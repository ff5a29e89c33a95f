"""What a record can hold. A maker returns (as written, value, schema node); a field is its key spellings and a maker."""
import re

from . import numbers, values

TEXT, INTEGER, NUMBER, BOOLEAN = ({"type": t} for t in ("string", "integer", "number", "boolean"))
STYLES = ("snake", "snake", "camel", "camel", "snake", "kebab", "pascal")


def style(words, how):
    parts = words.split()
    if how == "snake":
        return "_".join(parts)
    if how == "kebab":
        return "-".join(parts)
    parts = [p.capitalize() for p in parts]
    return "".join(parts) if how == "pascal" else parts[0].lower() + "".join(parts[1:])


class Field:
    """keys are spaced words ("job title"), the first one the plainest."""

    def __init__(self, keys, make, note=None):
        self.keys, self.make, self.note = [k.strip() for k in keys.split("|")], make, note


def text(make):
    return lambda s: (lambda v: (v, v, TEXT))(make(s))


def integer(make):
    return lambda s: make(s) + (INTEGER,)


def number(make):
    return lambda s: make(s) + (NUMBER,)


def boolean(s):
    value = s.chance(0.5)
    return ("yes" if value else "no"), value, BOOLEAN


def email(s):
    value = values.email(s)
    return value, value, ({"type": "string", "format": "email"} if s.chance(0.25) else TEXT)


def date(s):
    """ISO under format "date" (or a description that asks for it), otherwise as written."""
    day = numbers.day(s)
    written = numbers.written_date(s, day)
    kind = s.random()
    if kind < 0.55:
        return written, numbers.iso(day), {"type": "string", "format": "date"}
    if kind < 0.75:
        return written, numbers.iso(day), {"type": "string", "description": s.any(("ISO date (YYYY-MM-DD)", "Date as YYYY-MM-DD"))}
    written = written[4:] if written.startswith("the ") else written
    return written, written, TEXT


def enum(*options):
    """One of the options; an underscore reads as a space in the text."""
    def make(s):
        chosen = s.some(options, 2, len(options))
        value = s.any(chosen)
        return value.replace("_", " "), value, {"type": "string", "enum": chosen}
    return make


def listed(s, parts):
    if len(parts) == 1:
        return parts[0]
    if s.chance(0.2):
        return ", ".join(parts)
    last = s.any((" and ", " and ", ", and ")) if len(parts) > 2 else " and "
    return ", ".join(parts[:-1]) + last + parts[-1]


def distinct(s, make, low, high):
    found = []
    for _ in range(s.int(low, high)):
        value = make(s)
        if value not in found:
            found.append(value)
    return found


def strings(make, low=1, high=4):
    def build(s):
        found = distinct(s, make, low, high)
        return listed(s, found), found, {"type": "array", "items": TEXT}
    return build


def again(s, field, node):
    """Another (written, value) of a field whose schema node is settled."""
    if "enum" in node:
        value = s.any(node["enum"])
        return value.replace("_", " "), value
    while True:
        written, value, drawn = field.make(s)
        if drawn == node:
            return written, value


PRODUCT_KEYS, QUANTITY_KEYS, PRICE_KEYS = ("product", "name", "item"), ("quantity", "qty", "count"), ("price", "unit_price", "unitPrice")


def items(s):
    """Order lines: an array of {product, quantity, price}; the price is absent from the whole list or stated in each line."""
    keys = [s.any(PRODUCT_KEYS), s.any(QUANTITY_KEYS)] + ([s.any(PRICE_KEYS)] if s.chance(0.6) else [])
    order = s.sample(keys, len(keys)) if s.chance(0.25) else keys
    form = s.int(0, 3)
    sign = s.any(("$%s", "€%s", "%s USD", "%s euros"))
    rows, parts = [], []
    for product in distinct(s, values.product, 1, 3):
        quantity, (digits, price) = s.int(1, 12 if s.chance(0.8) else 400), numbers.amount(s, 300)
        if quantity > 1 and form != 0 and product[-1].islower() and product[-1] != "s" and " of " not in product:
            product += "es" if product[-1] in "xzh" else "s"
        part = ("%d x %s", "%d %s", "%d %s", "%d units of %s")[form] % (quantity, product)
        if len(keys) > 2:
            part += s.any((" at %s each", " for %s each", " at %s apiece", " (%s each)")) % (sign % digits)
        row = dict(zip(keys, (product, quantity, price)))
        rows.append({k: row[k] for k in order})
        parts.append(part)
    types = dict(zip(keys, (TEXT, INTEGER, NUMBER)))
    node = {"type": "object", "properties": {k: types[k] for k in order}, "required": order}
    return listed(s, parts), rows, {"type": "array", "items": node}


def currency(s):
    value = s.any(("USD", "EUR", "GBP", "JPY", "CHF", "SEK", "INR", "CAD", "AUD", "BRL"))
    return value, value, TEXT


PLACEHOLDER = re.compile(r"\{(a_)?(\w+)(?:\?([^|}]*)\|([^}]*))?\}")


def uses(template):
    """The fields a template states."""
    return frozenset(m.group(2) for m in PLACEHOLDER.finditer(template)) - {"S", "P"}


def fill(template, written, truth):
    """Fills {field}, {a_field} (with its article) and {flag?if true|if false}."""
    def put(m):
        article, name, yes, no = m.groups()
        if yes is not None:
            return yes if truth[name] else no
        value = written[name]
        return ("an " if value[0] in "aeiouAEIOU" else "a ") + value if article else value
    return PLACEHOLDER.sub(put, template)
