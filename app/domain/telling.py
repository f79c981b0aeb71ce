"""What an entry of the history tells, before it is put into anybody's language: words by their keys, people and lines
by their ids. Events say it of themselves; cards put it into words.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class LineName:
    """The name of a line."""

    id: str


@dataclass(frozen=True, slots=True)
class PersonName:
    """The name of a person."""

    id: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody wrote, shortened; under the title of a catalogue's key where it has one."""

    text: str
    title_key: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the catalogue with its values; under the title of another key where it has one."""

    key: str
    values: "Mapping[str, Value]" = field(default_factory=dict)
    title_key: str | None = None


Value: TypeAlias = "str | int | datetime | date | LineName | PersonName | Quote | Words | tuple[Value, ...]"
"""A tuple is a list of names."""
Detail: TypeAlias = Quote | Words


def names_in(values: Iterable[Value]) -> Iterator[LineName | PersonName]:
    """Everybody and every line that the values name."""
    for value in values:
        match value:
            case LineName() | PersonName():
                yield value
            case Words():
                yield from names_in(value.values.values())
            case tuple():
                yield from names_in(value)
            case _:
                pass
