"""JSON Schemas as programs write them: by hand, by a class-to-schema library, or by a TypeScript validator."""
import json

DRAFTS = ("http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema")
COMPACT = (",", ":")


def dumps(value, compact=False):
    return json.dumps(value, ensure_ascii=False, separators=COMPACT if compact else None)


class Dialect:
    """One author's habits, kept through a whole schema."""

    def __init__(self, s):
        self.s = s
        self.closed = s.chance(0.35)
        self.described = s.chance(0.25)
        self.titled = s.chance(0.1)
        self.draft = s.any(DRAFTS) if s.chance(0.15) else None
        self.draft_first = s.chance(0.6)
        self.bounds = s.chance(0.12)
        self.required_first = s.chance(0.08)

    def leaf(self, node, note=None):
        node = dict(node)
        if node["type"] == "integer" and self.bounds:
            node.update(minimum=-9007199254740991, maximum=9007199254740991)
        if self.described and note and "description" not in node:
            node["description"] = note
        if node["type"] == "array" and node["items"]["type"] == "object":
            item = node["items"]
            node["items"] = self.object({k: self.leaf(v) for k, v in item["properties"].items()}, item["required"])
        return node

    def object(self, properties, required, title=None):
        node = {"type": "object"}
        if self.titled and title:
            node = {"title": title, "type": "object"}
        if self.required_first and required:
            node["required"] = list(required)
        node["properties"] = properties
        if required and not self.required_first:
            node["required"] = list(required)
        if self.closed:
            node["additionalProperties"] = False
        return node

    def root(self, node):
        if not self.draft:
            return node
        return {"$schema": self.draft, **node} if self.draft_first else {**node, "$schema": self.draft}


def typescript(node, depth=0):
    """The schema as a TypeScript type, for prompts that show the shape in that form."""
    if "enum" in node:
        return " | ".join(dumps(v) for v in node["enum"])
    if node["type"] == "array":
        inner = typescript(node["items"])
        return inner + "[]" if " " not in inner or inner[0] == "{" else "(%s)[]" % inner
    if node["type"] == "object":
        need = node.get("required", ())
        return "{ " + "; ".join(k + ("" if k in need else "?") + ": " + typescript(v) for k, v in node["properties"].items()) + " }"
    return "number" if node["type"] == "integer" else node["type"]


def typed_list(node):
    return ", ".join("%s (%s)" % (k, "one of " + ", ".join(v["enum"]) if "enum" in v else
                                  "list" if v["type"] == "array" else v["type"]) for k, v in node["properties"].items())
