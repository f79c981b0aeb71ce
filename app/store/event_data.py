"""Events as they are written down: JSON by the names of their fields, read back to their class by their code.

What earlier versions of the program wrote stays readable: unknown names are passed over, missing ones take their
defaults, and a row that lacks what its class cannot do without is read as an event that says nothing more.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import cache, partial
from types import UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from app.domain.desk_events import DESK_EVENTS
from app.domain.events import NO_CHANGES, PROPERTIES, UNCHANGED, Changes, Event, EventData, Properties

Json = dict[str, Any]
T = TypeVar("T")

_CLASSES: dict[str, type[EventData]] = dict(DESK_EVENTS)
_SOURCES: list[Callable[[], object]] = []


class Unreadable(Exception):
    """What is written down is not what is wanted."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An event's row, read."""

    data: EventData
    changes: Changes
    files: tuple[str, ...]


def define(code: str, data_class: type[EventData]) -> None:
    """Say by which class events of this code are read."""
    _CLASSES[code] = data_class


def forget(code: str) -> None:
    """The opposite."""
    del _CLASSES[code]


def complete_with(load: Callable[[], object]) -> None:
    """Say what defines more codes: it is called where one is read that nobody has defined."""
    _SOURCES.append(load)


def data_class(code: str) -> type[EventData]:
    """The class of this code's data; one that nobody knows (any more) has none of its own."""
    if code not in _CLASSES:
        for load in _SOURCES:
            load()
    return _CLASSES.get(code, EventData)


def encode(event: Event) -> Json:
    """What is written down of an event. What is None or an empty list is left out."""
    stored = _encoded(event.data)
    if event.changes is not NO_CHANGES:
        stored["old"], stored["new"] = _properties(event.changes.old), _properties(event.changes.new)
    if event.files:
        stored["files"] = list(event.files)
    return stored


def decode(code: str, stored: Mapping[str, Any]) -> Stored:
    """What was written down of an event of this code."""
    try:
        data = _read(data_class(code), stored)
    except Unreadable:
        data = EventData()
    changes = NO_CHANGES
    if isinstance(stored.get("old"), dict) and isinstance(stored.get("new"), dict):
        changes = Changes(_read_properties(stored["old"]), _read_properties(stored["new"]))
    files = stored.get("files")
    return Stored(data, changes, tuple(map(str, files)) if isinstance(files, list) else ())


def _encoded(value: Any) -> Json:
    """A dataclass by the names of its fields; a trailing underscore (`from_`) falls away."""
    stored, kind = {}, cast(Any, type(value))
    for each in _names(kind):
        held = getattr(value, each.name)
        if held is not None and held != ():
            stored[each.stored] = _plain(held)
    return stored


def _plain(value: Any) -> Any:
    if type(value) in (str, int, bool):
        return value
    match value:
        case StrEnum():
            return value.value
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(each) for each in value]
        case None:
            return None
        case _:
            return _encoded(value)


def _properties(side: Properties) -> Json:
    return {name: _plain(value) for name in PROPERTIES if (value := getattr(side, name)) is not UNCHANGED}


class _Name(NamedTuple):
    name: str
    stored: str


@cache
def _names(data: type[Any]) -> tuple[_Name, ...]:
    return tuple(_Name(each.name, each.name.rstrip("_")) for each in fields(data))


class _Field(NamedTuple):
    name: str
    stored: str
    read: Callable[[Any], Any]
    default: Any
    """`MISSING` where there is none."""


@cache
def _fields(data: type[Any]) -> tuple[_Field, ...]:
    hints = get_type_hints(data)
    return tuple(
        _Field(each.name, each.name.rstrip("_"), _reader(hints[each.name]), _default(hints[each.name], each.default))
        for each in fields(data)
    )


def _default(hint: Any, default: Any) -> Any:
    """What stands for a field that is not there; `MISSING` where nothing can."""
    if default is not MISSING:
        return default
    if type(None) in get_args(hint):
        return None
    return () if get_origin(hint) is tuple else MISSING


def _read(data: type[T], stored: Mapping[str, Any]) -> T:
    """Raise `Unreadable` where something is missing or wrong that has no default."""
    values = {}
    for each in _fields(cast(Any, data)):
        value = _value(each, stored)
        if value is MISSING:
            raise Unreadable(each.stored)
        values[each.name] = value
    return data(**values)


def _value(each: _Field, stored: Mapping[str, Any]) -> Any:
    if each.stored not in stored:
        return each.default
    try:
        return each.read(stored[each.stored])
    except (Unreadable, ValueError):
        return each.default


def _read_properties(stored: Mapping[str, Any]) -> Properties:
    return _read(Properties, stored)


def _reader(hint: Any) -> Callable[[Any], Any]:
    """How a field of this type is read; raises `Unreadable` or `ValueError` for anything else."""
    origin, of = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        read = _reader(_kept(of))
        return partial(_read_optional, read) if type(None) in of else read
    if origin is tuple:
        return partial(_read_tuple, _reader(of[0]))
    if isinstance(hint, type) and issubclass(hint, datetime | date):
        return partial(_read_moment, hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if is_dataclass(hint):
        return partial(_read_nested, hint)
    return partial(_read_plain, hint)


def _kept(of: tuple[Any, ...]) -> Any:
    """The type in an optional one."""
    [kept] = [each for each in of if each is not type(None) and get_origin(each) is not Literal]
    return kept


def _read_optional(read: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else read(value)


def _read_tuple(read: Callable[[Any], Any], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Unreadable
    return tuple(map(read, value))


def _read_moment(kind: Any, value: Any) -> Any:
    return kind.fromisoformat(_read_plain(str, value))


def _read_nested(data: Any, value: Any) -> Any:
    return _read(data, _read_plain(dict, value))


def _read_plain(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind):
        raise Unreadable
    return value
