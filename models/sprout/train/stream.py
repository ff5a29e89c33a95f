"""Endless batches of packed training rows, generated and tokenized in worker processes."""
import os

import torch
from torch.utils.data import IterableDataset, get_worker_info

PROMPT, ANSWER = 1, 2


def tokenized(tokenizer, source, count, document):
    """count documents as (ids, kinds); a document's first token is never a target."""
    texts = [part for _ in range(count) for part in document(source)]
    codes = [e.ids for e in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
    for prompt, answer in zip(codes[::2], codes[1::2]):
        yield prompt + answer, [0] + [PROMPT] * (len(prompt) - 1) + [ANSWER] * len(answer)


def pack(docs, length):
    """First fit, longest first: rows of exactly `length` tokens, the last few padded with zero-weight tokens."""
    rows, room = [], []
    for ids, kinds in sorted(docs, key=lambda d: -len(d[0])):
        at = next((i for i, free in enumerate(room) if free >= len(ids)), None)
        if at is None:
            rows.append(([], []))
            room.append(length)
            at = len(rows) - 1
        rows[at][0].extend(ids)
        rows[at][1].extend(kinds)
        room[at] -= len(ids)
    return rows


class Stream(IterableDataset):
    def __init__(self, path, rows, length, seed):
        self.path, self.rows, self.length, self.seed = path, rows, length, seed

    def __iter__(self):
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        from tokenizers import Tokenizer
        from corpus.mixture import document
        from corpus.source import Source
        info = get_worker_info()
        source = Source("%d/%d" % (self.seed, info.id if info else 0))
        tokenizer = Tokenizer.from_file(self.path)
        ready = []
        while True:
            while len(ready) < self.rows:
                docs = [d for d in tokenized(tokenizer, source, 640, document) if len(d[0]) <= self.length]
                packed = [r for r in pack(docs, self.length) if len(r[0]) > 0.97 * self.length]
                source.shuffle(packed)
                ready += packed
            batch, ready = ready[:self.rows], ready[self.rows:]
            ids = torch.zeros(self.rows, self.length, dtype=torch.int16)
            kinds = torch.zeros(self.rows, self.length, dtype=torch.uint8)
            for i, (row, kind) in enumerate(batch):
                ids[i, :len(row)] = torch.tensor(row, dtype=torch.int16)
                kinds[i, :len(row)] = torch.tensor(kind, dtype=torch.uint8)
            yield ids, kinds
