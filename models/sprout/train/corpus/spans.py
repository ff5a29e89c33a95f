"""Single values out of a text: an e-mail address, a date in ISO form, a phrase to repeat."""
from . import numbers, values

EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
EMAIL_TEXTS = ("Contact {e} for details.", "Contact {e} for details", "Please write to {e}.", "You can reach {p} at {e}.", "{p} ({e}) wrote to us on {d}.", "Send the report to {e} before {d}.",
               "My address is {e}, thanks.", "From: {p} <{e}>", "Questions? Mail {e}!", "{p}'s email is {e} and the phone number is {f}.", "Email: {e}\nPhone: {f}", "Hi, this is {p}. Reply to {e} please.",
               "For more information email us at {e} or call {f}.", "The new address of {p} is {e}", "I live in {c}. My e-mail is {e}.", "{e} is the address of {p}.", "Ask {p} at {o}: {e}.")
EMAIL_ASKS = ("Extract the email address from the text.\n{t}", "Extract the email: {t}", "What is the email address in this text?\n\n{t}", "Find the e-mail address.\nText: {t}", "{t}\n\nWhich email address is mentioned?",
              "Extract the e-mail address: {t}", "Text: {t}\nEmail:", "Extract email from: {t}", "Give me only the email address from this text: {t}")
DATE_TEXTS = ("The meeting is on {w}.", "We met on {w} in {c}.", "{p} was born on {w}.", "Invoice {k} is due on {w}.", "On {w} {p} moved to {c}.", "The contract starts on {w}", "Published: {w}", "{w}", "Date: {w}",
              "{p} arrives on {w}, please book a hotel.", "The show opened on {w} at {v}.", "Delivery date: {w}; order {k}.", "It happened on {w}.", "The deadline is {w}.")
DATE_ASKS = ("Extract the date in ISO format (YYYY-MM-DD).\n{t}", "Extract the date as YYYY-MM-DD: {t}", "What is the date in the text? Answer as YYYY-MM-DD.\n\n{t}", "Convert the date to ISO format: {t}",
             "{t}\n\nWhich date is mentioned? Use the form YYYY-MM-DD.", "Text: {t}\nDate (YYYY-MM-DD):", "Find the date and write it as YYYY-MM-DD.\nText: {t}", "Extract the date: {t}")
SYSTEMS = ("You are a helpful assistant.", "Answer with the value only.", "You extract values from text.")


def padded(s, text):
    if s.chance(0.25):
        text = values.sentence(s) + " " + text
    return text + " " + values.sentence(s) if text[-1] in ".!" and s.chance(0.2) else text


def fillers(s):
    return dict(p=values.person(s), c=values.city(s), f=values.phone(s), k=values.code(s), v=values.venue(s), o=values.company(s))


def email_text(s):
    name = values.person(s) if s.chance(0.6) else None
    address = values.email(s, name)
    more = fillers(s)
    if name:
        more["p"] = name
    return address, padded(s, s.any(EMAIL_TEXTS).format(e=address, d=numbers.written_date(s, numbers.day(s)), **more))


def wrap(s, task, asks, text, answer, regex):
    messages = [{"role": "user", "content": s.any(asks).format(t=text)}]
    if s.chance(0.3):
        messages.insert(0, {"role": "system", "content": s.any(SYSTEMS)})
    return {"task": task, "messages": messages, "regex": regex, "expected": answer, "answer": answer}


def email(s):
    address, text = email_text(s)
    return wrap(s, "email", EMAIL_ASKS, text, address, EMAIL)


def date(s):
    while True:
        day = numbers.day(s)
        if (sum(day) % 5 == 0) == s.held:  # a fifth of all dates is never seen in this task's training
            break
    text = padded(s, s.any(DATE_TEXTS).format(w=numbers.written_date(s, day), **fillers(s)))
    return wrap(s, "date", DATE_ASKS, text, numbers.iso(day), DATE)


def copy(s):
    text = " ".join(s.any((values.person, values.code, values.email, values.city, values.company, values.product, values.word, values.plain_word, values.phone))(s) for _ in range(s.int(1, 8)))
    row = wrap(s, "copy", ("Repeat: {t}", "Repeat this text exactly: {t}", "Say \"{t}\"", "Copy the line below.\n{t}"), text, text, None)
    del row["regex"]
    return row
