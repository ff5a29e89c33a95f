"""SGLang's frontend language for Python against the server whose address is the first argument.

Prints one JSON object a check: its name, and what went wrong, if anything did. Needs sglang without its dependencies, and
requests, aiohttp, msgspec, numpy and tqdm.
"""
import json
import pathlib
import re
import sys
import traceback
import types

# sglang's own __init__ imports its server, and with it torch. The frontend lives below it and does without.
ROOT = next(path for path in map(lambda entry: pathlib.Path(entry, "sglang"), sys.path) if path.is_dir())
PACKAGE = types.ModuleType("sglang")
PACKAGE.__path__ = [str(ROOT)]
sys.modules["sglang"] = PACKAGE

import sglang.lang.api as sgl  # noqa: E402
from sglang.lang.backend.runtime_endpoint import RuntimeEndpoint  # noqa: E402
from sglang.lang.choices import greedy_token_selection, unconditional_likelihood_normalized  # noqa: E402

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}

sgl.set_default_backend(RuntimeEndpoint(sys.argv[1]))


@sgl.function
def letters(s, prompt):
    s += prompt + sgl.gen("letters", regex="[ab]{3}", temperature=1, max_tokens=8)


def regex():
    state = letters.run(prompt="Letters: ")
    assert re.fullmatch("[ab]{3}", state["letters"]), state["letters"]
    assert state.text() == "Letters: " + state["letters"]


@sgl.function
def record(s):
    s += "Extract a JSON record from the text.\nText: Ann Smith, 31, lives in Lima.\n"
    s += sgl.gen("person", json_schema=json.dumps(PERSON), temperature=0, max_tokens=60)


def json_schema():
    person = json.loads(record.run()["person"])
    assert set(person) == {"name", "age"} and isinstance(person["age"], int), person


@sgl.function
def chat(s, first, second):
    s += sgl.system("Be brief.")
    s += sgl.user(first)
    s += sgl.assistant(sgl.gen("one", max_tokens=16, temperature=0))
    s += sgl.user(second)
    s += sgl.assistant(sgl.gen("two", max_tokens=16, stop="\n", temperature=0))


def turns():
    state = chat.run(first="What is the capital of France?", second="What is the capital of Italy?")
    assert state["one"] and isinstance(state["two"], str)
    roles = [message["role"] for message in state.messages()]
    assert roles == ["system", "user", "assistant", "user", "assistant"], roles


@sgl.function
def decide(s, question):
    s += question + sgl.gen("choice", choices=["Paris", "Rome", "a long answer that nobody gives"])


def choices():
    state = decide.run(question="The capital of France is ")
    assert state["choice"] in ("Paris", "Rome", "a long answer that nobody gives"), state["choice"]
    info = state.get_meta_info("choice")
    assert len(info["normalized_prompt_logprobs"]) == 3, info


@sgl.function
def weigh(s, method):
    s += "The capital of France is " + sgl.gen("choice", choices=["Paris", "Rome"], choices_method=method)


def choices_by_other_methods():
    for method in (greedy_token_selection, unconditional_likelihood_normalized):
        assert weigh.run(method=method)["choice"] in ("Paris", "Rome")


@sgl.function
def tips(s):
    s += "Two words: "
    forks = s.fork(2)
    for index, fork in enumerate(forks):
        fork += f"({index}) " + sgl.gen("word", regex="[a-z]{2,5}", temperature=1, max_tokens=8)
    forks.join()
    s += forks[0]["word"] + " and " + forks[1]["word"] + sgl.gen("end", regex="[.!]", max_tokens=2)


def fork_and_join():
    state = tips.run()
    assert re.fullmatch(r"Two words: [a-z]{2,5} and [a-z]{2,5}[.!]", state.text()), state.text()


def batch():
    states = letters.run_batch([{"prompt": f"{i}: "} for i in range(8)], num_threads=4)
    assert all(re.fullmatch("[ab]{3}", state["letters"]) for state in states)


def stream():
    state = letters.run(prompt="Letters: ", stream=True)
    pieces = list(state.text_iter("letters"))
    assert re.fullmatch("[ab]{3}", "".join(pieces)), pieces


@sgl.function
def numbers(s):
    s += "n = " + sgl.gen_int("number", max_tokens=6)
    s += " s = " + sgl.gen_string("text", max_tokens=12, stop="never")


def typed():
    int(numbers.run()["number"])


def log_probabilities():
    state = letters.run(prompt="x", return_logprob=True, top_logprobs_num=2)
    assert state.get_meta_info("letters")["output_token_logprobs"]


def cache():
    endpoint = RuntimeEndpoint(sys.argv[1])
    endpoint.flush_cache()
    assert endpoint.get_server_info()["server"] == "espalier"


CHECKS = (
    regex,
    json_schema,
    turns,
    choices,
    choices_by_other_methods,
    fork_and_join,
    batch,
    stream,
    typed,
    log_probabilities,
    cache,
)

for check in CHECKS:
    problem = None
    try:
        check()
    except Exception:
        problem = traceback.format_exc(limit=-3)
    print(json.dumps({"name": check.__name__, "problem": problem}))
