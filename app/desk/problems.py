"""What is wrong with a desk file, in sentences that say how to fix it."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic_core import ErrorDetails


class Problem(NamedTuple):
    """One thing to fix; `line` is 1-based."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class Finding(NamedTuple):
    """One thing in the file that does not fit another; `see` is the other place concerned."""

    path: tuple[str | int, ...]
    sentence: str
    see: tuple[str | int, ...] = ()


class DeskFileError(Exception):
    """The desk file is not usable; `problems` holds everything that is wrong, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: (problem.line, problem.sentence)))
        super().__init__("\n".join(map(str, self.problems)))


def hint(wrong: str, known: Iterable[str]) -> str:
    """Return `: did you mean X?`, or the known values when they are few, or a full stop."""
    values = list(known)
    near = get_close_matches(wrong, values, n=1, cutoff=0.6)
    if near:
        return f": did you mean {near[0]}?"
    return f": known are {', '.join(sorted(values))}." if 0 < len(values) <= 12 else "."


_PATTERNS: dict[str, str] = {
    "id": "must begin with a small letter and consist of at most 32 small letters, digits, - and _.",
    "person": "must be a directory object id, not a name or an e-mail address.",
    "teams": "must be an id as Teams gives it, without spaces.",
}

_NOT_WHOLE, _NOT_TRUTH, _EMPTY = "must be a whole number.", "must be true or false.", "must not be empty."
_SENTENCES: dict[str, str] = {
    "value_error": "{error}.",
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), _NOT_WHOLE),
    **dict.fromkeys(("bool_parsing", "bool_type"), _NOT_TRUTH),
    "greater_than_equal": "must be at least {ge}.",
    "less_than_equal": "must be at most {le}.",
    **dict.fromkeys(("too_short", "string_too_short"), _EMPTY),
    **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), "must be a mapping of keys to values."),
    "tuple_type": "must be a list.",
    "string_type": "must be a text.",
}


def sentence(detail: ErrorDetails, name: str, known_keys: Callable[[], Iterable[str]], patterns: dict[str, str]) -> str:
    """Say what is wrong with the value called `name`; `patterns` tells which of our patterns a regex is."""
    context: dict[str, Any] = detail.get("ctx", {})
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    kind = detail["type"]
    match kind:
        case "missing":
            return f"{name} is missing."
        case "extra_forbidden":
            return f"{name} is unknown{hint(last, known_keys())}"
        case "literal_error" | "enum":
            return f"{name} must be one of {str(context['expected']).replace(' or ', ', ').replace(chr(39), '')}."
        case "string_pattern_mismatch":
            return f"{name} {_PATTERNS[patterns[context['pattern']]]}"
        case "too_long" | "string_too_long":
            return f"{name} must have at most {context['max_length']} {_unit(kind)}."
        case _ if kind in _SENTENCES:
            return f"{name} {_SENTENCES[kind].format(**context)}"
        case _:
            return f"{name}: {detail['msg']}."


def _unit(error_type: str) -> str:
    return "characters" if error_type == "string_too_long" else "entries"


def keys_at(schema: dict[str, Any], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that a JSON Schema allows at `path`; none where it cannot tell."""
    nodes = [schema]
    for step in path:
        nodes = [inner for node in nodes for inner in _inside(schema, node, step)]
    return [key for node in nodes for part in _parts(schema, node) for key in part.get("properties", {})]


def _inside(schema: dict[str, Any], node: dict[str, Any], step: str | int) -> Iterator[dict[str, Any]]:
    for part in _parts(schema, node):
        if isinstance(step, int):
            candidates = [part.get("items")]
        else:
            by_pattern = part.get("patternProperties", {}).values()
            candidates = [part.get("properties", {}).get(step), part.get("additionalProperties"), *by_pattern]
        yield from (inner for inner in candidates if isinstance(inner, dict))


def _parts(schema: dict[str, Any], node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema node, followed through its references and alternatives."""
    if "$ref" in node:
        yield from _parts(schema, schema["$defs"][node["$ref"].rpartition("/")[2]])
    for alternative in node.get("anyOf", []):
        yield from _parts(schema, alternative)
    yield node
