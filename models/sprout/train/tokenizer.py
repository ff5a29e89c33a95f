"""Trains the byte-level BPE tokenizer and writes its files.

A word, a digit, a run of JSON punctuation and a run of spaces are pieces of their own, so a word has the same
tokens wherever it stands and copying it is copying tokens."""
import argparse
import json
import os

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from corpus.mixture import BOS, EOS, SPECIALS, document
from corpus.source import Source

PIECE = r'[\p{L}\p{M}]+|\p{N}|[{}\[\]":,]+(?: [{}\[\]":,]+)*| +|\s+|[^\s\p{L}\p{M}\p{N}]'
TEMPLATE = (
    "{{- bos_token }}"
    "{%- set ns = namespace(system='') %}"
    "{%- for message in messages %}{%- if message.role == 'system' and loop.first %}{%- set ns.system = message.content %}{%- endif %}{%- endfor %}"
    "{%- if ns.system or tools %}{{- '<|system|>' + ns.system }}"
    "{%- if tools %}{%- if ns.system %}{{- '\\n' }}{%- endif %}{{- 'Tools:' }}"
    "{%- for tool in tools %}{{- '\\n' + (tool.function | tojson) }}{%- endfor %}{%- endif %}"
    "{{- '<|end|>' }}{%- endif %}"
    "{%- for message in messages %}{%- if not (message.role == 'system' and loop.first) %}"
    "{{- '<|' + message.role + '|>' }}{%- if message.content %}{{- message.content }}{%- endif %}"
    "{%- if message.tool_calls %}{%- for call in message.tool_calls %}"
    "{%- if message.content or not loop.first %}{{- '\\n' }}{%- endif %}"
    "{{- '<tool_call>\\n{\"name\": ' + (call.function.name | tojson) + ', \"arguments\": ' }}"
    "{%- if call.function.arguments is string %}{{- call.function.arguments }}{%- else %}{{- call.function.arguments | tojson }}{%- endif %}"
    "{{- '}\\n</tool_call>' }}{%- endfor %}{%- endif %}"
    "{{- '<|end|>' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}"
)


def plain_text(documents, seed):
    """Document text without the control tokens."""
    s = Source(seed)
    for _ in range(documents):
        text = "".join(document(s))
        for token in SPECIALS:
            text = text.replace(token, "\n")
        yield text


def build(documents, size, seed):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PIECE), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIALS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(plain_text(documents, seed), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="%s $A" % BOS, pair="%s $A %s $B" % (BOS, BOS), special_tokens=[(BOS, tokenizer.token_to_id(BOS))])
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=os.path.join(os.path.dirname(__file__), ".."))
    parser.add_argument("--documents", type=int, default=60000)
    parser.add_argument("--vocab", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    tokenizer = build(args.documents, args.vocab, args.seed)
    tokenizer.save(os.path.join(args.out, "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": BOS, "eos_token": EOS, "pad_token": EOS, "model_max_length": 2048,
              "clean_up_tokenization_spaces": False, "chat_template": TEMPLATE}
    with open(os.path.join(args.out, "tokenizer_config.json"), "w") as f:
        json.dump(config, f, indent=2)
        f.write("\n")
    print("vocabulary of", tokenizer.get_vocab_size())


if __name__ == "__main__":
    main()
