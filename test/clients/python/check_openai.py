"""The openai package for Python against the server whose base URL is the first argument.

Prints one JSON object a check: its name, and what went wrong, if anything did. Needs openai (1 or later) and pydantic.
"""
import json
import sys
import traceback

import openai
from pydantic import BaseModel

MODEL = "sprout"
QUESTION = "What is the capital of France?"
ANSWER = "The capital of France is Paris."
EXTRACT = "Extract a JSON record from the text.\nText: Ann Smith, 31, lives in Lima."
WEATHER_QUESTION = "What's the weather in Oslo?"
WEATHER_RESULT = '{"temperature": 12, "condition": "sunny"}'
WEATHER_ANSWER = "It is sunny and 12 degrees in Oslo."
DESCRIPTION = "Get the current weather for a city"
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}},
    "required": ["city"],
    "additionalProperties": False,
}

client = openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)


class Record(BaseModel):
    name: str
    age: int


def user(content):
    return [{"role": "user", "content": content}]


def equal(found, expected):
    assert found == expected, f"{found!r} instead of {expected!r}"


def chat():
    answer = client.chat.completions.create(model=MODEL, messages=user(QUESTION), temperature=0)
    equal(answer.choices[0].message.content, ANSWER)
    equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)


def chat_stream():
    chunks = client.chat.completions.create(
        model=MODEL, messages=user(QUESTION), temperature=0, stream=True, stream_options={"include_usage": True}
    )
    text, usage = "", None
    for chunk in chunks:
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        usage = chunk.usage or usage
    equal(text, ANSWER)
    assert usage.completion_tokens > 0


def chat_stream_helper():
    with client.beta.chat.completions.stream(model=MODEL, messages=user(QUESTION), temperature=0) if not hasattr(
        client.chat.completions, "stream"
    ) else client.chat.completions.stream(model=MODEL, messages=user(QUESTION), temperature=0) as stream:
        for _ in stream:
            pass
        equal(stream.get_final_completion().choices[0].message.content, ANSWER)


def chat_parse():
    parse = client.chat.completions.parse if hasattr(client.chat.completions, "parse") else client.beta.chat.completions.parse
    answer = parse(model=MODEL, messages=user(EXTRACT), temperature=0, response_format=Record)
    equal(answer.choices[0].message.parsed, Record(name="Ann Smith", age=31))


def chat_tools():
    tools = [
        {
            "type": "function",
            "function": {"name": "get_weather", "description": DESCRIPTION, "parameters": PARAMETERS, "strict": True},
        }
    ]
    asked = user(WEATHER_QUESTION)
    first = client.chat.completions.create(model=MODEL, messages=asked, tools=tools, temperature=0)
    message = first.choices[0].message
    equal(first.choices[0].finish_reason, "tool_calls")
    equal(json.loads(message.tool_calls[0].function.arguments), {"city": "Oslo"})
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": WEATHER_RESULT}
    second = client.chat.completions.create(model=MODEL, messages=[*asked, message, result], tools=tools, temperature=0)
    equal(second.choices[0].message.content, WEATHER_ANSWER)


def responses():
    answer = client.responses.create(model=MODEL, input=QUESTION, temperature=0)
    equal(answer.output_text, ANSWER)
    equal(client.responses.retrieve(answer.id).output_text, ANSWER)
    equal([item.role for item in client.responses.input_items.list(answer.id)], ["user"])
    client.responses.delete(answer.id)


def responses_stream():
    text, kinds = "", []
    for event in client.responses.create(model=MODEL, input=QUESTION, temperature=0, stream=True):
        kinds.append(event.type)
        text += event.delta if event.type == "response.output_text.delta" else ""
    equal(text, ANSWER)
    equal([kinds[0], kinds[-1]], ["response.created", "response.completed"])


def responses_stream_helper():
    with client.responses.stream(model=MODEL, input=QUESTION, temperature=0) as stream:
        for _ in stream:
            pass
        equal(stream.get_final_response().output_text, ANSWER)


def responses_parse():
    answer = client.responses.parse(model=MODEL, input=EXTRACT, temperature=0, text_format=Record)
    equal(answer.output_parsed, Record(name="Ann Smith", age=31))


def responses_tools():
    tools = [{"type": "function", "name": "get_weather", "description": DESCRIPTION, "parameters": PARAMETERS, "strict": True}]
    first = client.responses.create(model=MODEL, input=WEATHER_QUESTION, tools=tools, temperature=0)
    call = first.output[0]
    equal(json.loads(call.arguments), {"city": "Oslo"})
    result = {"type": "function_call_output", "call_id": call.call_id, "output": WEATHER_RESULT}
    by_id = client.responses.create(model=MODEL, previous_response_id=first.id, input=[result], tools=tools, temperature=0)
    equal(by_id.output_text, WEATHER_ANSWER)
    items = [*user(WEATHER_QUESTION), *first.output, result]
    equal(client.responses.create(model=MODEL, input=items, tools=tools, temperature=0).output_text, WEATHER_ANSWER)


def errors():
    try:
        client.responses.create(model=MODEL, input=QUESTION, conversation="conv_1")
    except openai.BadRequestError as error:
        equal([error.code, error.param], ["unsupported_parameter", "conversation"])
    else:
        raise AssertionError("not refused")


CHECKS = [
    chat,
    chat_stream,
    chat_stream_helper,
    chat_parse,
    chat_tools,
    responses,
    responses_stream,
    responses_stream_helper,
    responses_parse,
    responses_tools,
    errors,
]

for check in CHECKS:
    try:
        check()
        problem = None
    except Exception:
        problem = traceback.format_exc()
    print(json.dumps({"name": check.__name__, "problem": problem}), flush=True)
