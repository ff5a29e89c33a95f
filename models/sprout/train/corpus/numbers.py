"""Numbers and dates as they are written in a text, each with the value that a record holds."""
from . import pools

SMALL = pools.words("zero one two three four five six seven eight nine ten eleven twelve")
SHORT_MONTHS = pools.words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def count(s, low=1, high=60):
    value = s.int(low, min(high, 12)) if s.chance(0.55) else s.int(low, high)
    written = SMALL[value] if value <= 12 and s.chance(0.12) else str(value)
    return written, value


def whole(s):
    """An integer of one to seven digits, now and then with thousands separators."""
    value = s.int(0, 10 ** s.int(1, 7) - 1)
    return ("{:,}".format(value) if value > 999 and s.chance(0.35) else str(value)), value


def decimal(s, places=None):
    """A decimal number; the record drops trailing zeros as JSON writers do."""
    places = places or s.int(1, 3)
    value = round(s.int(1, 10 ** s.int(places + 1, places + 4)) / 10 ** places, places)
    if value == int(value):
        value = round(value + 10 ** -places, places)
    return "%.*f" % (places, value), value


def amount(s, high=2000):
    """(digits as written, value) of a sum of money."""
    if s.chance(0.3):
        value = s.int(1, high)
        return ("{:,}".format(value) if value > 999 and s.chance(0.5) else str(value)), value
    whole_part = s.int(0, high) if s.chance(0.4) else s.int(0, 120)
    cents = s.any((99, 95, 49, 50, 5, 90)) if s.chance(0.4) else s.int(1, 99)
    value = round(whole_part + cents / 100, 2)
    return "{:,.2f}".format(value) if value > 999 and s.chance(0.4) else "%.2f" % value, value


def money(s, high=2000):
    digits, value = amount(s, high)
    return s.any(("$%s", "$%s", "$%s", "€%s", "£%s", "%s USD", "%s EUR", "%s euros", "%s dollars")) % digits, value


def day(s):
    month = s.int(1, 12)
    return s.int(1940, 2039), month, s.int(1, DAYS[month - 1])


def iso(date):
    return "%04d-%02d-%02d" % date


def ordinal(n):
    return str(n) + ("th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))


def written_date(s, date):
    """A date in one of the forms people write; day.month.year is the only all-number form besides year first."""
    year, month, d = date
    name, short = pools.MONTHS[month - 1], SHORT_MONTHS[month - 1]
    kind = s.int(0, 13)
    text = (
        lambda: "%s %d, %d" % (name, d, year), lambda: "%s %d, %d" % (name, d, year), lambda: "%d %s %d" % (d, name, year),
        lambda: "%d %s %d" % (d, name, year), lambda: "%s %s, %d" % (name, ordinal(d), year),
        lambda: "%s of %s %d" % (ordinal(d), name, year), lambda: "the %s of %s, %d" % (ordinal(d), name, year),
        lambda: "%s %d, %d" % (short, d, year), lambda: "%d %s %d" % (d, short, year), lambda: "%04d-%02d-%02d" % date,
        lambda: "%04d/%02d/%02d" % date, lambda: "%02d.%02d.%d" % (d, month, year), lambda: "%d.%d.%d" % (d, month, year),
        lambda: "%s %s %d" % (ordinal(d), name, year),
    )[kind]()
    return s.any(pools.WEEKDAYS) + ", " + text if kind in (0, 2, 4) and s.chance(0.15) else text


def clock(s):
    hour, minute = s.int(0, 23), s.any((0, 0, 15, 30, 30, 45, s.int(0, 59)))
    if s.chance(0.6):
        return "%02d:%02d" % (hour, minute)
    half = s.any(("am", "pm", " am", " pm", " AM", " PM"))
    return ("%d:%02d%s" % (hour % 12 + 1, minute, half)) if minute or s.chance(0.4) else "%d%s" % (hour % 12 + 1, half)
