# Lark's own verdicts: reads one JSON object from stdin, {"grammar": "python"} or {"grammar": text, "parser", "lexer",
# "start"}, with "texts", and prints a list of true, false or null (an error of Lark itself).
import json
import sys

from lark import Lark
from lark.exceptions import LarkError
from lark.indenter import PythonIndenter


def parser_of(request):
    if request["grammar"] == "python":
        return Lark.open_from_package(
            "lark", "python.lark", ["grammars"], parser="lalr", postlex=PythonIndenter(), start="file_input"
        )
    options = {key: request[key] for key in ("parser", "lexer", "start") if key in request}
    return Lark(request["grammar"], **options)


def verdict(parser, text):
    try:
        parser.parse(text)
        return True
    except (RuntimeError, RecursionError):
        return None
    except (LarkError, AssertionError, IndexError):
        return False


def main():
    request = json.load(sys.stdin)
    try:
        parser = parser_of(request)
    except Exception as error:
        print(json.dumps({"error": str(error)}))
        return
    print(json.dumps({"verdicts": [verdict(parser, text) for text in request["texts"]]}))


main()
