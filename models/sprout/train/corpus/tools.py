"""Tool calls: two to five definitions in the prompt, one request, the call that answers it."""
from . import generic, schema, toolbox
from .fields import fill, style

VERBS = {"delete": ("delete", "remove", "erase"), "create": ("create", "make", "add"), "find": ("find", "look up", "locate"),
         "update": ("update", "change", "edit"), "cancel": ("cancel", "call off"), "start": ("start", "launch"), "stop": ("stop", "halt"),
         "archive": ("archive",), "print": ("print",), "approve": ("approve", "accept"), "reject": ("reject", "decline"),
         "export": ("export",), "import": ("import",), "copy": ("copy", "duplicate"), "move": ("move",), "rename": ("rename",),
         "assign": ("assign",), "close": ("close",), "open": ("open",), "merge": ("merge",), "share": ("share",), "lock": ("lock",),
         "check": ("check", "inspect"), "schedule": ("schedule", "plan"), "measure": ("measure",), "ship": ("ship",), "rent": ("rent",),
         "reset": ("reset",), "validate": ("validate", "verify"), "publish": ("publish", "release"), "record": ("record", "log"), "rank": ("rank",)}
OBJECTS = tuple("""invoice ticket order shipment contract policy claim patient lesson course student team project branch server
cluster sensor report document folder image video recipe ingredient vehicle driver route parcel warehouse shelf account loan
budget expense campaign survey poll member badge room desk printer door camera playlist album chapter article comment review
product coupon refund subscription license certificate sample experiment dataset model job pipeline package device pump""".split())
POLITE = (("", "."), ("", ""), ("Please ", "."), ("Could you ", "?"), ("Can you ", "?"), ("I want to ", "."), ("I need to ", "."), ("Now ", "."))
SYSTEMS = ("You are a helpful assistant.", "You can call tools.", "You are an assistant with access to tools. Call the right one.",
           "Use the tools to answer.", "You are a function calling assistant.", "Answer with a tool call when a tool fits.")


class Call:
    """A tool as shown in one prompt, with the arguments and request that fit it."""

    def __init__(self, family, definition, request, arguments):
        self.family, self.definition, self.request, self.arguments = family, definition, request, arguments


def define(s, dialect, name, note, properties, required):
    parameters = dialect.object(properties, required)
    if not required and s.chance(0.4):
        parameters["required"] = []
    if "required" in parameters and "properties" in parameters and not dialect.required_first:
        parameters = {k: parameters[k] for k in ("type", "properties", "required", "additionalProperties") if k in parameters}
    return {"name": name, "description": note, "parameters": parameters}


def listed_tool(s, dialect, tool):
    """A tool of the toolbox under one of its spellings."""
    names, written, keys = list(tool.params), {}, {}
    if s.chance(0.2):
        s.shuffle(names)
    if s.chance(0.25):  # some programs leave the optional parameters out
        names = [n for n in names if not tool.params[n].optional]
    while True:
        keys = {n: tool.params[n].keys[0] if s.chance(0.5) else s.any(tool.params[n].keys) for n in names}
        if len(set(keys.values())) == len(keys):
            break
    used = set(n for n in names if not tool.params[n].optional or s.chance(0.45))
    properties, arguments = {}, {}
    for n in names:
        param = tool.params[n]
        said, value, node = param.make(s)
        written[n] = said
        note = param.note if s.chance(0.6) else None
        properties[keys[n]] = {**node, "description": note} if note and "description" not in node else dict(node)
        if n in used:
            arguments[keys[n]] = value
    request = fill(s.any(tool.requests), written, {})
    extras = [fill(s.any(tool.extras[n].split("|")), written, {}) for n in names if n in used and tool.params[n].optional]
    if extras:
        request = " ".join([request if request[-1] in ".?!" else request + "."] + s.sample(extras, len(extras)))
    required = [keys[n] for n in names if not tool.params[n].optional]
    return Call(tool.family, define(s, dialect, s.any(tool.names), s.any(tool.notes), properties, required), request, arguments)


def clause(s, words, written, value):
    if isinstance(value, bool):
        parts = words.split()
        return "the %s %s %s" % (" ".join(parts[:-1]), "is" if value else "is not", parts[-1])
    return s.any(("%s %s", "the %s %s", "%s set to %s")) % (words, written)


def made_up_tool(s, dialect, verb, thing):
    """A tool put together from a verb and an object, its parameters from words."""
    how = s.any(("snake", "camel", "snake", "kebab"))
    fields = generic.fields(s, 1, 4) if s.chance(0.92) else {}
    words = list(fields)
    optional = set(w for w in words if s.chance(0.25))
    used = [w for w in words if w not in optional or s.chance(0.5)]
    properties, arguments, said = {}, {}, []
    for w in words:
        written, value, node = fields[w](s)
        properties[style(w, how)] = {**node, "description": "The " + w} if s.chance(0.4) and "description" not in node else dict(node)
        if w in used:
            arguments[style(w, how)] = value
            said.append(clause(s, w, written, value))
    verb_words = s.any(VERBS[verb])
    s.shuffle(said)
    opening, closing = s.any(POLITE)
    request = opening + verb_words + " " + s.any(("the ", "the ", "this ", "")) + thing
    if said:
        request += s.any((" with ", " with ", " using ", ", ", ": ")) + (", ".join(said) if s.chance(0.3) else
                                                                      ", ".join(said[:-1]) + " and " * (len(said) > 1) + said[-1])
    request = request[0].upper() + request[1:] + closing
    name = style(verb + " " + thing if s.chance(0.8) else thing + " " + verb, how)
    note = s.any(("{v} {a} {t}", "{v} the {t}", "{v} {a} {t} in the system", "Use this to {v} {a} {t}")).format(
        v=s.any(VERBS[verb]) if s.chance(0.3) else verb, a="an" if thing[0] in "aeiou" else "a", t=thing)
    definition = define(s, dialect, name, note[0].upper() + note[1:], properties, [style(w, how) for w in words if w not in optional])
    return Call((verb, thing), definition, request, arguments)


def pairing(s):
    """A verb and an object of this split."""
    text = s.own(lambda: s.any(list(VERBS)) + " " + s.any(OBJECTS))
    return tuple(text.split())


def offer(s):
    """The calls whose tools one prompt offers; the first is the one asked for."""
    dialect = schema.Dialect(s)
    dialect.titled = False
    count = s.int(2, 5) if s.chance(0.92) else s.any((1, 1, 1, s.int(6, 10)))
    calls = []
    if s.chance(0.45):
        verb, thing = pairing(s)
        pairs = [(verb, thing)]
        while len(pairs) < count:
            kind = s.random()
            pair = (verb, s.any(OBJECTS)) if kind < 0.35 else (s.any(list(VERBS)), thing) if kind < 0.7 else pairing(s)
            if pair not in pairs:
                pairs.append(pair)
        calls = [made_up_tool(s, dialect, *pair) for pair in pairs]
    else:
        for tool in s.sample(toolbox.TOOLS, count):
            calls.append(listed_tool(s, dialect, tool))
        if count > 2 and s.chance(0.2):
            calls[-1] = made_up_tool(s, dialect, *pairing(s))
    names = [c.definition["name"] for c in calls]
    return calls if len(set(names)) == len(names) else offer(s)


def render(name, arguments):
    return "<tool_call>\n%s\n</tool_call>" % schema.dumps({"name": name, "arguments": arguments})


def prompt(s):
    """(tool definitions in shown order, the call)."""
    calls = offer(s)
    wanted = calls[0]
    shown = s.sample(calls, len(calls))
    return [c.definition for c in shown], wanted


def as_openai(definitions):
    return [{"type": "function", "function": d} for d in definitions]


def example(s):
    definitions, wanted = prompt(s)
    messages = [{"role": "user", "content": wanted.request}]
    if s.chance(0.35):
        messages.insert(0, {"role": "system", "content": s.any(SYSTEMS)})
    call = {"name": wanted.definition["name"], "arguments": wanted.arguments}
    return {"task": "tools", "messages": messages, "tools": as_openai(definitions), "expected": call,
            "answer": render(call["name"], call["arguments"])}
