"""Writes the eval sets (held-out values and tools, a seed of their own) or prints training documents to read."""
import argparse
import json
import os

from corpus import classify, extract, facts, mixture, raw, spans, tools
from corpus.source import Source

HERE = os.path.dirname(os.path.abspath(__file__))
SETS = {"extract": (lambda s: extract.example(s, schema_only=True), 500), "tools": (tools.example, 500), "classify": (classify.example, 200),
        "email": (spans.email, 200), "date": (spans.date, 200), "answer": (facts.example, 80), "raw": (raw.example, 200)}
KEYS = ("id", "task", "kind", "prompt", "messages", "tools", "schema", "regex", "expected")


def eval_rows(name, make, count, seed):
    source, rows, seen = Source("eval/%s/%d" % (name, seed), held=True), [], set()
    while len(rows) < count:
        row = make(source)
        prompt = mixture.render_prompt(row)
        if prompt in seen or name == "tools" and not 2 <= len(row["tools"]) <= 5:
            continue
        seen.add(prompt)
        row["id"] = "%s-%03d" % (name, len(rows) + 1)
        rows.append({k: row[k] for k in KEYS if k in row})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=os.path.join(HERE, "..", "eval"))
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--show", type=int, default=0, help="print so many training documents instead")
    args = parser.parse_args()
    if args.show:
        source = Source(args.seed)
        for _ in range(args.show):
            print("%s⟦%s⟧\n%s" % (*mixture.document(source), "-" * 40))
        return
    os.makedirs(args.out, exist_ok=True)
    for name, (make, count) in SETS.items():
        rows = eval_rows(name, make, count, args.seed)
        with open(os.path.join(args.out, name + ".jsonl"), "w", encoding="utf-8") as f:
            for row in rows:
                f.write(json.dumps(row, ensure_ascii=False) + "\n")
        print("%s: %d rows" % (name, len(rows)))


if __name__ == "__main__":
    main()
