"""The Llama architecture for training: the parameter names of transformers, packed documents that do not see each other."""
import torch
import torch.nn.functional as F
from torch import nn

CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 2048, "hidden_size": 256, "intermediate_size": 704,
    "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 32, "hidden_act": "silu", "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False, "attention_dropout": 0.0,
    "initializer_range": 0.02, "pretraining_tp": 1, "use_cache": True, "torch_dtype": "bfloat16",
}


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.kv, self.dim = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
        hidden = c["hidden_size"]
        self.q_proj = nn.Linear(hidden, self.heads * self.dim, bias=False)
        self.k_proj = nn.Linear(hidden, self.kv * self.dim, bias=False)
        self.v_proj = nn.Linear(hidden, self.kv * self.dim, bias=False)
        self.o_proj = nn.Linear(self.heads * self.dim, hidden, bias=False)

    def forward(self, x, cos, sin, attend):
        b, t, _ = x.shape
        q = self.q_proj(x).view(b, t, self.heads, self.dim).transpose(1, 2)
        k = self.k_proj(x).view(b, t, self.kv, self.dim).transpose(1, 2)
        v = self.v_proj(x).view(b, t, self.kv, self.dim).transpose(1, 2)
        out = attend(rotate(q, cos, sin).type_as(v), rotate(k, cos, sin).type_as(v), v)
        return self.o_proj(out.transpose(1, 2).reshape(b, t, -1))


class Mlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], bias=False)
        self.up_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], bias=False)
        self.down_proj = nn.Linear(c["intermediate_size"], c["hidden_size"], bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn, self.mlp = Attention(c), Mlp(c)
        self.input_layernorm = nn.RMSNorm(c["hidden_size"], eps=c["rms_norm_eps"])
        self.post_attention_layernorm = nn.RMSNorm(c["hidden_size"], eps=c["rms_norm_eps"])

    def forward(self, x, cos, sin, attend):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, attend)
        return x + self.mlp(self.post_attention_layernorm(x))


class Backbone(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"]))
        self.norm = nn.RMSNorm(c["hidden_size"], eps=c["rms_norm_eps"])


class Llama(nn.Module):
    def __init__(self, c=CONFIG):
        super().__init__()
        self.model = Backbone(c)
        half = torch.arange(0, c["head_dim"], 2).float() / c["head_dim"]
        angles = torch.outer(torch.arange(c["max_position_embeddings"]).float(), c["rope_theta"] ** -half)
        angles = torch.cat((angles, angles), dim=-1)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        deep = (2 * c["num_hidden_layers"]) ** -0.5
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02 * (deep if "o_proj" in name or "down_proj" in name else 1))

    def forward(self, tokens, attend):
        """Logits; `attend(q, k, v)` is the attention, masked by its maker."""
        t = tokens.shape[1]
        x = self.model.embed_tokens(tokens)
        cos, sin = self.cos[:t], self.sin[:t]
        for layer in self.model.layers:
            x = layer(x, cos, sin, attend)
        with torch.autocast(x.device.type, enabled=False):  # logits in full precision
            return F.linear(self.model.norm(x.float()), self.model.embed_tokens.weight)

    def loss(self, tokens, targets, weights, attend):
        logits = self(tokens, attend)
        each = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
        weights = weights.flatten()
        return (each * weights).sum() / weights.sum(), (each * (weights == 1)).sum() / (weights == 1).sum()


def documents(tokens, bos):
    return (tokens == bos).cumsum(1)


class Dense:
    """Attention inside each packed document through an explicit mask (any device)."""

    def __call__(self, tokens, bos):
        ids = documents(tokens, bos)
        t = tokens.shape[1]
        return (ids[:, None, :, None] == ids[:, None, None, :]) & torch.ones(t, t, dtype=torch.bool, device=tokens.device).tril()

    @staticmethod
    def attend(mask):
        return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)


class Blocks:
    """The same rule as a block mask of FlexAttention (CUDA). One buffer holds the document numbers, so nothing recompiles."""

    def __init__(self, rows, length, device):
        from torch.nn.attention.flex_attention import create_block_mask
        self.make = torch.compile(create_block_mask)
        ids = self.ids = torch.zeros(rows, length, dtype=torch.int32, device=device)
        self.rule = lambda b, h, q, k: (q >= k) & (ids[b, q] == ids[b, k])

    def __call__(self, tokens, bos):
        self.ids.copy_(documents(tokens, bos))
        rows, length = self.ids.shape
        return self.make(self.rule, rows, None, length, length, device=tokens.device)

    @staticmethod
    def attend(mask):
        from torch.nn.attention.flex_attention import flex_attention
        return lambda q, k, v: flex_attention(q, k, v, block_mask=mask, enable_gqa=True)
