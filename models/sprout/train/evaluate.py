"""Unconstrained greedy scores of the model in transformers on the eval sets."""
import argparse
import glob
import json
import os

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))


def prompt_of(tokenizer, row):
    if "prompt" in row:
        return tokenizer.bos_token + row["prompt"]
    return tokenizer.apply_chat_template(row["messages"], tools=row.get("tools"), add_generation_prompt=True, tokenize=False)


def value_of(row, text):
    """The answer in the form of row["expected"]; None where it cannot be read."""
    try:
        if row["task"] == "tools":
            if not (text.startswith("<tool_call>\n") and text.endswith("\n</tool_call>")):
                return None
            return json.loads(text[len("<tool_call>\n"):-len("\n</tool_call>")])
        return json.loads(text) if "schema" in row else text
    except ValueError:
        return None


def same(a, b):
    """Equality of JSON values, in which true is not 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b and isinstance(a, bool) == isinstance(b, bool)


@torch.inference_mode()
def answers(model, tokenizer, rows, batch, limit):
    order = sorted(range(len(rows)), key=lambda i: len(prompt_of(tokenizer, rows[i])))
    out = [None] * len(rows)
    for at in range(0, len(order), batch):
        part = order[at:at + batch]
        inputs = tokenizer([prompt_of(tokenizer, rows[i]) for i in part], return_tensors="pt", padding=True, add_special_tokens=False).to(model.device)
        made = model.generate(input_ids=inputs.input_ids, attention_mask=inputs.attention_mask, max_new_tokens=limit, do_sample=False, pad_token_id=tokenizer.eos_token_id)
        for i, ids in zip(part, made[:, inputs.input_ids.shape[1]:].tolist()):
            ids = ids[:ids.index(tokenizer.eos_token_id)] if tokenizer.eos_token_id in ids else ids
            out[i] = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=os.path.join(HERE, ".."))
    parser.add_argument("--sets", default=os.path.join(HERE, "..", "eval"))
    parser.add_argument("--only", help="one set, such as extract")
    parser.add_argument("--rows", type=int, default=0, help="so many rows of each set")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--limit", type=int, default=320, help="new tokens at most")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--failures", type=int, default=0, help="print so many failures of each set")
    args = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(args.model, padding_side="left")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=getattr(torch, args.dtype)).to(device).eval()
    for path in sorted(glob.glob(os.path.join(args.sets, "*.jsonl"))):
        name = os.path.basename(path)[:-6]
        if args.only and name != args.only:
            continue
        rows = [json.loads(line) for line in open(path, encoding="utf-8")]
        rows = rows[:args.rows] if args.rows else rows
        made = answers(model, tokenizer, rows, args.batch, args.limit)
        wrong = [(r, a) for r, a in zip(rows, made) if not same(value_of(r, a), r["expected"])]
        print("%-9s %4d / %4d  %.1f %%" % (name, len(rows) - len(wrong), len(rows), 100 * (1 - len(wrong) / len(rows))), flush=True)
        for row, answer in wrong[:args.failures]:
            content = row["prompt"] if "prompt" in row else row["messages"][-1]["content"]
            print("  %s\n    %s\n    expected %s\n    answered %s" % (row["id"], content[-700:].replace("\n", "\n    "), json.dumps(row["expected"], ensure_ascii=False), answer))


if __name__ == "__main__":
    main()
