"""Muon: momentum whose matrix updates are brought near orthogonal, for all layers of a shape at once."""
from collections import defaultdict

import torch


def orthogonal(g, steps=5):
    """Newton-Schulz iteration towards the nearest (semi-)orthogonal matrices of a batch."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        s = x @ x.mT
        x = a * x + (b * s + c * s @ s) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=0.02, momentum=0.95, weight_decay=0.0):
        shapes = defaultdict(list)
        for p in params:
            shapes[p.shape].append(p)
        super().__init__([{"params": group} for group in shapes.values()], dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            params = group["params"]
            g = torch.stack([p.grad for p in params])
            state = self.state[params[0]]
            buffer = state.setdefault("momentum", torch.zeros_like(g))
            buffer.lerp_(g, 1 - group["momentum"])
            update = orthogonal(g.lerp(buffer, group["momentum"])).to(g.dtype)
            scale = max(1, g.shape[-2] / g.shape[-1]) ** 0.5
            if group["weight_decay"]:
                torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_add_(params, list(update.unbind()), alpha=-group["lr"] * scale)
