"""Record extraction: a schema and a text in, the JSON record out."""
from . import compose, generic, schema
from .fields import STYLES, again, style
from .people import CONTACT, PERSON
from .things import DOMAINS

SYSTEMS = (
    "You extract records from text.", "Extract the record as JSON.", "You are a helpful assistant.", "Answer with JSON only.",
    "You extract structured data. Answer with a JSON object that follows the schema.", "Return JSON that matches the schema.",
    "Extract the facts from the text as JSON. Leave out what the text does not state.",
)
PROMPTS = (
    "Extract a JSON record from the text.\nSchema: {schema}\nText: {text}",
    "Extract the record that follows this schema.\nSchema: {schema}\nText: {text}",
    "Schema: {schema}\n\nText: {text}", "Text: {text}\n\nSchema: {schema}", "Text: {text}\nSchema: {schema}\nJSON:",
    "Extract the {noun} from this text as JSON.\n\n{text}\n\nJSON Schema:\n{schema}",
    "{text}\n\nReturn the {noun} as JSON matching this schema: {schema}",
    "Read the text and fill in the schema.\n\n{schema}\n\n{text}",
    "Answer with JSON that follows this schema:\n{schema}\n\n{text}",
    "Extract the data from the text below.\n\nText:\n{text}\n\nAnswer in JSON with this schema:\n{schema}",
    "Extract: {text}\nSchema: {schema}", "Extract the {noun}: {text}\n{schema}", "{schema}\n{text}",
)
GROUPS = ("details", "info", "data", "extra", "meta", "facts", "address", "contact", "profile", "specs", "location", "job", "summary", "customer")
LOOSE = ("Extract {shape} as JSON.\n\n{text}", "Extract {shape} as JSON: {text}", "Text: {text}\n\nGive {shape} as JSON.",
         "{text}\n\nReturn a JSON object with {shape}.")
BARE = ("Extract the {noun} from this text as JSON.\n\n{text}", "Extract the {noun}: {text}", "Extract the {noun} as JSON: {text}",
        "Extract {noun} information from: {text}", "Extract {noun} information as JSON from: {text}", "{text}\n\nExtract the {noun} as JSON.",
        "Extract the data as JSON: {text}", "Extract the {noun} from: {text}", "Return the {noun} as JSON.\n{text}")
TYPED = ("Extract the {noun} from the text as JSON of this type: {shape}\n\n{text}", "type Result = {shape}\n\nText: {text}",
         "{text}\n\nAnswer as JSON of the type {shape}")


def keyed(s, fields, how):
    """Spells every field's key in one style, without two alike."""
    while True:
        keys = {name: style(s.any(field.keys) if s.chance(0.5) else field.keys[0], how) for name, field in fields.items()}
        if len(set(keys.values())) == len(keys):
            return keys


def draw(s, fields):
    drawn = {name: field.make(s) for name, field in fields.items()}
    return ({n: d[0] for n, d in drawn.items()}, {n: d[1] for n, d in drawn.items()}, {n: d[2] for n, d in drawn.items()})


def nullable(node):
    return {**node, "type": [node["type"], "null"]}


def flat(s, fields, asked, absent, dialect, how, title):
    """(schema, record, written, truth) for the asked fields; the absent ones are optional or null."""
    keys = keyed(s, {n: fields[n] for n in asked}, how)
    written, truth, nodes = draw(s, fields)
    properties, required, record = {}, [], {}
    all_required = s.chance(0.6)
    nulls = s.chance(0.25)
    for name in asked:
        node = dialect.leaf(nodes[name], fields[name].note)
        if name in absent:
            if nulls and "enum" not in node and node["type"] != "array":
                node = nullable(node)
                required.append(keys[name])
                record[keys[name]] = None
        else:
            if nulls and s.chance(0.2) and "enum" not in node and node["type"] != "array":
                node = nullable(node)
                required.append(keys[name])
            elif all_required or s.chance(0.5):
                required.append(keys[name])
            record[keys[name]] = truth[name]
        properties[keys[name]] = node
    return dialect.object(properties, required, title), record, written, truth


def nest(s, node, record):
    """Moves two or more neighbouring properties into an object of their own."""
    keys = list(node["properties"])
    if len(keys) < 3:
        return node, record
    at = s.int(0, len(keys) - 2)
    size = s.int(2, min(3, len(keys) - at))
    inside = keys[at:at + size]
    name = next(n for n in s.sample(GROUPS, len(GROUPS)) if n not in keys)
    if not any(k in record for k in inside):
        return node, record
    inner = {k: node["properties"][k] for k in inside}
    need = [k for k in inside if k in node.get("required", ())]
    group = {"type": "object", "properties": inner}
    if need:
        group["required"] = need
    if "additionalProperties" in node:
        group["additionalProperties"] = False
    properties, out = {}, {}
    for key in keys:
        if key == inside[0]:
            properties[name] = group
            out[name] = {k: record[k] for k in inside if k in record}
        elif key not in inside:
            properties[key] = node["properties"][key]
            if key in record:
                out[key] = record[key]
    required = [name] + [k for k in node.get("required", ()) if k not in inside]
    order = [k for k in properties if k in required]
    return {**{k: v for k, v in node.items() if k != "required"}, "properties": properties, "required": order}, out


def several(s, domain, dialect, how):
    """An array of small records of one domain."""
    names = [domain["subject"]] + s.some([n for n, f in domain["fields"].items() if n not in (domain["subject"], "items")], 1, 3)
    if s.chance(0.3):
        s.shuffle(names)
    fields = {n: domain["fields"][n] for n in names}
    keys = keyed(s, fields, how)
    nodes = {n: f.make(s)[2] for n, f in fields.items()}
    rows = []
    for _ in range(s.int(2, 4)):
        drawn = {n: again(s, f, nodes[n]) for n, f in fields.items()}
        rows.append(({n: d[0] for n, d in drawn.items()}, {n: d[1] for n, d in drawn.items()}))
    if s.chance(0.3):
        mark = s.any((", ", " | ", "; "))
        text = "\n".join(mark.join("%s: %s" % (fields[n].keys[0], written[n]) for n in names) for written, _ in rows)
    else:
        parts = [". ".join(compose.sentences(s, domain, names, *row, anchored=True)) + "." for row in rows]
        text = s.any((" ", "\n")).join(parts)
    item = dialect.object({keys[n]: dialect.leaf(nodes[n], fields[n].note) for n in names}, [keys[n] for n in names])
    top = s.any((domain["wrap"][1], "records", "items", "entries"))
    node = dialect.object({top: {"type": "array", "items": item}}, [top])
    return node, {top: [{keys[n]: truth[n] for n in names} for _, truth in rows]}, text


def one(s, dialect, how):
    """(noun, schema, record, text) of a single record."""
    made_up = s.chance(0.33)
    if made_up:
        fields, write = generic.record(s)
        names, noun, title = list(fields), "record", "Record"
    else:
        domain = s.any((PERSON, PERSON, PERSON, CONTACT, CONTACT, DOMAINS[0], DOMAINS[0], DOMAINS[1], DOMAINS[1]) + DOMAINS[2:])
        noun, title = domain["wrap"][0], domain["wrap"][0].capitalize()
        count = s.int(1, 6)
        names = s.some(domain["fields"], count, count)
        if domain["subject"] not in names:
            names.append(domain["subject"])
        if s.chance(0.5):
            names.sort(key=list(domain["fields"]).index)
        fields = {n: domain["fields"][n] for n in names}
    asked = list(names)
    if len(asked) > 2 and s.chance(0.3):  # the text says more than the schema asks
        asked = s.sample(asked, s.int(2, len(asked) - 1))
        asked.sort(key=names.index)
    absent = set()
    if len(asked) > 1 and s.chance(0.3):  # the schema asks more than the text says
        absent = set(s.some([n for n in asked if made_up or n != domain["subject"]], 1, 2))
        if len(absent) == len(asked):
            absent = set()
    node, record, written, truth = flat(s, fields, asked, absent, dialect, how, title)
    stated = [n for n in names if n not in absent]
    text = write(stated, written, truth) if made_up else compose.text(s, domain, stated, written, truth)
    if s.chance(0.14):
        node, record = nest(s, node, record)
    elif s.chance(0.05):
        top = noun
        node, record = dialect.object({top: node}, [top]), {top: record}
    return noun, node, record, text


def leaves(node):
    if node["type"] == "object":
        return [leaf for v in node["properties"].values() for leaf in leaves(v)]
    return leaves(node["items"]) if node["type"] == "array" else [node]


def outline(s, node, record):
    """(prompts, shape) that tell the wanted fields without a schema, or None where that would not settle the answer."""
    if any(leaf.get("format") == "date" or "YYYY" in leaf.get("description", "") or isinstance(leaf["type"], list) for leaf in leaves(node)):
        return None
    properties = node["properties"]
    flat_record = all(v["type"] not in ("object", "array") for v in properties.values()) and all(k in record for k in properties)
    if flat_record and s.chance(0.5):
        if s.chance(0.6):
            return BARE, ""
        return LOOSE, schema.typed_list(node)
    return TYPED, schema.typescript(node)


def example(s, schema_only=False):
    dialect, how = schema.Dialect(s), s.any(STYLES)
    if s.chance(0.13):
        domain = s.any((PERSON, PERSON, CONTACT) + DOMAINS)
        noun = domain["wrap"][1]
        node, record, text = several(s, domain, dialect, how)
    else:
        noun, node, record, text = one(s, dialect, how)
    shape = None if schema_only or not s.chance(0.2) else outline(s, node, record)
    if shape is None:
        node = dialect.root(node)
        prompt = s.any(PROMPTS).replace("{schema}", schema.dumps(node, compact=s.chance(0.34)))
    else:
        prompt = s.any(shape[0]).replace("{shape}", shape[1])
    prompt = prompt.replace("{noun}", noun).replace("{text}", text)
    messages = [{"role": "user", "content": prompt}]
    if s.chance(0.35):
        messages.insert(0, {"role": "system", "content": s.any(SYSTEMS)})
    return {"task": "extract", "messages": messages, "schema": node, "expected": record, "answer": schema.dumps(record)}
