"""Turns around tools: the answer after a result, and questions that need no tool."""
from . import facts, numbers, schema, tools, values

SKIES = ("sunny", "cloudy", "rainy", "windy", "foggy", "snowy", "clear")


def weather(s):
    city, sky, degrees = values.city(s), s.any(SKIES), s.int(-20, 42)
    result = {"temperature": degrees, "condition": sky}
    if s.chance(0.4):
        result = {"city": city, **result}
    return "weather", {"city": city}, result, "It is %s and %d degrees in %s." % (sky, degrees, city)


def clock(s):
    city, time = values.city(s), numbers.clock(s)
    return "time", {"city": city}, {"time": time}, "It is %s in %s." % (time, city)


def stock(s):
    symbol, price = values.letters(s, values.UPPER, 2, 5), numbers.amount(s)[1]
    return "stock", {"symbol": symbol}, {"price": price}, "%s is at %s." % (symbol, schema.dumps(price))


def convert(s):
    amount, out = s.int(1, 900), numbers.amount(s)[1]
    a, b = s.some(("USD", "EUR", "GBP", "JPY", "CHF"), 2, 2)
    return "convert", {"amount": amount, "from": a, "to": b}, {"result": out}, "%d %s is %s %s." % (amount, a, schema.dumps(out), b)


def booking(s):
    a, b, code = values.city(s), values.city(s), values.code(s)
    date = numbers.iso(numbers.day(s))
    return "flight", {"from": a, "to": b, "date": date}, {"status": "confirmed", "booking": code}, "Your flight from %s to %s is booked. The booking code is %s." % (a, b, code)


def sent(s):
    family, arguments = s.any((("message", {"to": values.person(s), "body": values.title(s)}), ("email", {"to": values.email(s), "subject": values.title(s), "body": values.title(s)})))
    return family, arguments, s.any(({"ok": True}, {"status": "sent"}, {"sent": True})), "The %s to %s was sent." % (family, arguments["to"])


QUESTIONS = {"weather": "What's the weather in {city}?", "time": "What time is it in {city}?", "stock": "What is the stock price of {symbol}?", "convert": "Convert {amount} {from} to {to}.",
             "flight": "Book a flight from {from} to {to} on {date}.", "message": "Send a message to {to} saying \"{body}\".", "email": "Send an email to {to} with the subject \"{subject}\" and the body \"{body}\"."}
NAMES = {"weather": ("get_weather", "current_weather", "weather"), "time": ("get_time", "current_time"), "stock": ("get_stock_price", "stock_price"), "convert": ("convert_currency",),
         "flight": ("book_flight", "bookFlight"), "message": ("send_message", "sendMessage"), "email": ("send_email", "sendEmail")}


def after_result(s):
    family, arguments, result, answer = s.any((weather, weather, clock, stock, convert, booking, sent))(s)
    dialect = schema.Dialect(s)
    name = s.any(NAMES[family])
    kinds = {k: {"type": "integer" if isinstance(v, int) else "string"} for k, v in arguments.items()}
    definition = tools.define(s, dialect, name, name.replace("_", " ").capitalize(), kinds, list(kinds))
    others = [c.definition for c in tools.offer(s)[:s.int(0, 2)] if c.family != family]
    definitions = s.sample([definition] + others, 1 + len(others))
    messages = [{"role": "user", "content": QUESTIONS[family].format(**arguments)},
                {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": name, "arguments": arguments}}]},
                {"role": "tool", "content": schema.dumps(result)}]
    if s.chance(0.3):
        messages.insert(0, {"role": "system", "content": s.any(tools.SYSTEMS)})
    return {"task": "after", "messages": messages, "tools": tools.as_openai(definitions), "expected": answer, "answer": answer}


def without_tool(s):
    """A question of the fixed stock while tools are on offer."""
    question, answer = s.any((facts.greeting, facts.greeting, facts.capital, facts.opposite, facts.colour, facts.day))(s)
    definitions = [c.definition for c in tools.offer(s)]
    messages = [{"role": "user", "content": question}]
    if s.chance(0.35):
        messages.insert(0, {"role": "system", "content": s.any(tools.SYSTEMS)})
    return {"task": "plain", "messages": messages, "tools": tools.as_openai(definitions), "expected": answer, "answer": answer}
