"""Trains sprout for a given number of minutes on freshly generated documents and writes the weights in bf16."""
import argparse
import json
import os
import time

import torch
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader

from model import CONFIG, Blocks, Dense, Llama
from optim import Muon
from stream import ANSWER, PROMPT, Stream

HERE = os.path.dirname(os.path.abspath(__file__))
BOS = 0


def save(model, out):
    os.makedirs(out, exist_ok=True)
    state = {k: v.detach().to("cpu", torch.bfloat16).contiguous() for k, v in model.state_dict().items()}
    save_file(state, os.path.join(out, "model.safetensors"), metadata={"format": "pt"})
    for name, content in (("config.json", {**CONFIG, "bos_token_id": BOS, "eos_token_id": 5, "pad_token_id": 5}),
                          ("generation_config.json", {"bos_token_id": BOS, "eos_token_id": 5, "pad_token_id": 5, "do_sample": False})):
        with open(os.path.join(out, name), "w") as f:
            json.dump(content, f, indent=2)
            f.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=7.9)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps (for trials)")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--length", type=int, default=2048)
    parser.add_argument("--workers", type=int, default=15)
    parser.add_argument("--lr", type=float, default=0.012, help="of the matrices (Muon)")
    parser.add_argument("--lr-adam", type=float, default=0.002, help="of the embedding and the norms")
    parser.add_argument("--weight-decay", type=float, default=0.1, help="without it the matrices grow and the loss rises again")
    parser.add_argument("--prompt-weight", type=float, default=0.05)
    parser.add_argument("--decay", type=float, default=0.8, help="part of the run that lowers the rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", help="a folder with model.safetensors to start from")
    parser.add_argument("--tokenizer", default=os.path.join(HERE, "..", "tokenizer.json"))
    parser.add_argument("--out", default=os.path.join(HERE, ".."))
    args = parser.parse_args()

    began = time.time()
    cuda = torch.cuda.is_available()
    device = "cuda" if cuda else "cpu"
    torch.manual_seed(args.seed)
    torch.set_float32_matmul_precision("high")
    loader = DataLoader(Stream(args.tokenizer, args.rows, args.length + 1, args.seed), batch_size=None, num_workers=args.workers,
                        prefetch_factor=8 if args.workers else None, pin_memory=cuda)
    batches = iter(loader)
    model = Llama().to(device)
    if args.resume:
        model.load_state_dict({k: v.float() for k, v in load_file(os.path.join(args.resume, "model.safetensors")).items()})
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "embed" not in n]
    embedding = [p for n, p in model.named_parameters() if "embed" in n]
    gains = [p for p in model.parameters() if p.dim() < 2]
    optimizers = [Muon(matrices, lr=args.lr, weight_decay=args.weight_decay),
                  torch.optim.AdamW([{"params": embedding, "weight_decay": args.weight_decay}, {"params": gains, "weight_decay": 0.0}],
                                    lr=args.lr_adam, betas=(0.9, 0.95), fused=cuda)]
    rates = [[g["lr"] for g in o.param_groups] for o in optimizers]
    weight = torch.zeros(3, device=device)
    weight[PROMPT], weight[ANSWER] = args.prompt_weight, 1.0
    print("%d parameters on %s" % (sum(p.numel() for p in model.parameters()), device), flush=True)

    masks = Blocks(args.rows, args.length, device) if cuda else Dense()

    def compute(tokens, targets, weights, mask):
        return model.loss(tokens, targets, weights, masks.attend(mask))

    compute = torch.compile(compute) if cuda else compute
    step, tokens_seen, seen, waited, start = 0, 0, [], 0.0, None
    while True:
        if start is None and step == 3:  # compiled by now: the clock of the schedule starts here
            if cuda:
                torch.cuda.synchronize()
            start = time.time()
            print("started after %.0f s" % (start - began), flush=True)
        done = max(step / args.steps if args.steps else 0.0, (time.time() - start) / 60 / args.minutes if start else 0.0)
        if done >= 1:
            break
        before = time.time()
        ids, kinds = next(batches)
        waited += time.time() - before
        ids, kinds = ids.to(device, non_blocking=True).long(), kinds.to(device, non_blocking=True).long()
        tokens, targets, weights = ids[:, :-1].contiguous(), ids[:, 1:].contiguous(), weight[kinds[:, 1:]]
        factor = min((1.0 - done) / args.decay, (step + 1) / 100, 1.0)
        for optimizer, base in zip(optimizers, rates):
            for group, lr in zip(optimizer.param_groups, base):
                group["lr"] = lr * factor
        with torch.autocast(device, torch.bfloat16, enabled=cuda):
            loss, answer = compute(tokens, targets, weights, masks(tokens, BOS))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(embedding + gains, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        tokens_seen += tokens.numel()
        seen.append(answer.detach())
        if step % (200 if cuda else 20) == 0 or step == 10:
            mean = torch.stack(seen).mean().item()
            seen = []
            passed = time.time() - (start or time.time())
            print("step %6d  answer loss %.5f  rate %.3f  %.0f s  %.2f M tokens/s  waited %.0f s" % (
                step, mean, factor, passed, tokens_seen / 1e6 / max(passed, 1e-9), waited), flush=True)
    save(model, args.out)
    print("%d steps, %.0f M tokens, %.1f minutes in all" % (step, tokens_seen / 1e6, (time.time() - began) / 60), flush=True)
    del batches, loader
    os._exit(0)


if __name__ == "__main__":
    main()
