"""How often each task is drawn for training, and how an example becomes the text of one document."""
from . import classify, dialogs, extract, facts, raw, schema, spans, tools

BOS, EOS = "<|begin|>", "<|end|>"
ROLES = {role: "<|%s|>" % role for role in ("system", "user", "assistant", "tool")}
SPECIALS = [BOS, *ROLES.values(), EOS]
TASKS = ((extract.example, 38), (tools.example, 29), (raw.example, 15), (classify.example, 3), (spans.email, 3), (spans.date, 3), (facts.example, 5),
         (dialogs.after_result, 2), (dialogs.without_tool, 1), (spans.copy, 1))
WHEEL = tuple(make for make, weight in TASKS for _ in range(weight))


def render_prompt(row):
    """The same text that the chat template writes (or the bare prompt), up to where the answer starts."""
    if "prompt" in row:
        return BOS + row["prompt"]
    messages, out = list(row["messages"]), [BOS]
    system = messages.pop(0)["content"] if messages[0]["role"] == "system" else None
    lines = [system] if system else []
    if row.get("tools"):
        lines += ["Tools:"] + [schema.dumps(t["function"]) for t in row["tools"]]
    if lines:
        out.append(ROLES["system"] + "\n".join(lines) + EOS)
    for message in messages:
        calls = [tools.render(c["function"]["name"], c["function"]["arguments"]) for c in message.get("tool_calls", ())]
        content = "\n".join(([message["content"]] if message["content"] else []) + calls)
        out.append(ROLES[message["role"]] + content + EOS)
    return "".join(out) + ROLES["assistant"]


def document(s):
    """(prompt, answer) as text, control tokens spelled out."""
    row = s.any(WHEEL)(s)
    return render_prompt(row), row["answer"] + EOS
