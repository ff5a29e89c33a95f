"""One random source per split. A string value belongs to the held-out split when its hash says so,
so the training text and the eval sets never share a name or a synthesised value."""
import random
import zlib
from functools import lru_cache

EVERY = 8


def held_out(text):
    return zlib.crc32(text.encode()) % EVERY == 0


@lru_cache(maxsize=None)
def part(pool, held):
    chosen = tuple(item for item in pool if held_out(item) == held)
    if len(chosen) < 2:
        raise ValueError("pool too small to split: %r" % (pool[:4],))
    return chosen


class Source(random.Random):
    """A seeded generator that draws values of its own split only."""

    def __new__(cls, seed, held=False):
        return super().__new__(cls, seed)

    def __init__(self, seed, held=False):
        super().__init__(seed)
        self.held = held

    def pick(self, pool):
        """An item of this split's part of a value pool."""
        chosen = part(pool, self.held)
        return chosen[int(self.random() * len(chosen))]

    def any(self, items):
        """An item of a list that both splits share (wordings, labels, units)."""
        return items[int(self.random() * len(items))]

    def chance(self, p):
        return self.random() < p

    def int(self, low, high):
        return low + int(self.random() * (high - low + 1))

    def some(self, items, low, high):
        """Between low and high distinct items, in random order."""
        return self.sample(list(items), min(len(items), self.int(low, high)))

    def own(self, make):
        """Calls make() until it gives a value of this split."""
        while True:
            value = make()
            if held_out(value) == self.held:
                return value
