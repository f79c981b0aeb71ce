"""A YAML text as plain data, with the line of every value.

Scalars stay text: the model decides what is a number, so `0123`, `no` and `17:00` mean what is written. Only what a
desk file needs is read: no aliases (a short file could unfold into a huge one), no tags, no key twice.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.desk.problems import Problem

Place = tuple[str | int, ...]
_MAX_DEPTH = 20
_PLAIN_TAGS = frozenset({"map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value"})
_PLAIN_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass
class Source:
    """The data of one file, the 1-based line of each path in it, and what could not be read."""

    file: str
    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Place) -> int:
        """Return the line of a path, or of the nearest part around it that stands in the file."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1

    def refuse(self, line: int, sentence: str) -> None:
        """Note a problem at a line."""
        self.problems.append(Problem(self.file, line, sentence))


class _Unwanted(yaml.MarkedYAMLError):
    """YAML that is legal, but not in a desk file."""

    def __init__(self, event: yaml.Event, sentence: str) -> None:
        super().__init__(problem=sentence)
        self.line = event.start_mark.line + 1 if event.start_mark else 1


class _Loader(yaml.SafeLoader):
    """Composes nodes only, and refuses what could make them unbounded."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it bare
        if isinstance(event, yaml.AliasEvent):
            raise _Unwanted(event, "write the value again: aliases (*name) are not read")
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _Unwanted(event, "this is nested too deeply")
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def parse(text: str, file: str) -> Source:
    """Read a YAML text; problems are noted in the result, not raised."""
    source = Source(file)
    try:
        node = _Loader(text).get_single_node()
    except _Unwanted as error:
        source.refuse(error.line, f"{error.problem}.")
        return source
    except yaml.MarkedYAMLError as error:
        # what was opened and never closed is shown where it was opened
        opened = error.context is not None and ("flow" in error.context or "quoted" in error.context)
        mark = error.context_mark if opened else error.problem_mark
        line = mark.line + 1 if mark else 1
        source.refuse(line, f"this cannot be read ({error.problem}): is a quotation mark, bracket or space missing?")
        return source
    except yaml.reader.ReaderError as error:
        source.refuse(text.count("\n", 0, error.position) + 1, "this line holds a character that is no text.")
        return source
    source.data = None if node is None else _value(node, (), source)
    return source


def _value(node: Node, path: Place, source: Source) -> Any:
    line = node.start_mark.line + 1
    source.lines.setdefault(path, line)
    if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
        source.refuse(line, f"remove the tag {node.tag}.")
    if isinstance(node, MappingNode):
        return _mapping(node, path, source)
    if isinstance(node, SequenceNode):
        return [_value(child, (*path, index), source) for index, child in enumerate(node.value)]
    plain = isinstance(node, ScalarNode) and node.style is None
    return None if plain and node.value in _PLAIN_NULLS else node.value


def _mapping(node: MappingNode, path: Place, source: Source) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            source.refuse(line, "a key must be a single word.")
            continue
        key = key_node.value
        here = (*path, key)
        if key in found:
            source.refuse(line, f"{key} stands here twice, first in line {source.lines[here]}: keep one.")
            continue
        source.lines[here] = line
        found[key] = _value(value_node, here, source)
    return found
