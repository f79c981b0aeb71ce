"""A ticket's history in sentences: one for each entry, with what changed and what was written."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from app.cards import text
from app.domain.clocks import Clock
from app.domain.explanation import Change, Happened, Names, PropertyValue
from app.domain.people import Person
from app.domain.telling import Detail, LineName, PersonName, Quote, Value, Words
from app.domain.views import LineView
from app.i18n import Text

LONGEST_QUOTE = 160
NOTHING = "–"


class Told(NamedTuple):
    """An entry: a sentence, and what belongs to it, each on one line."""

    sentence: str
    details: tuple[str, ...] = ()


class _Reader(NamedTuple):
    """In whose words an entry is told, with the names it mentions."""

    t: Text
    zone: tzinfo
    names: Names


def happened(entry: Happened, t: Text, zone: tzinfo) -> Told:
    """What an entry of the history tells its reader; a code nobody has words for yet stands for itself."""
    reader = _Reader(t, zone, entry.names)
    details = (_changes(entry.changes, t), *(_detail(each, reader) for each in entry.data.details()))
    return Told(_sentence(entry, reader), tuple(each for each in details if each))


def _sentence(entry: Happened, reader: _Reader) -> str:
    key = f"explain.event.{entry.code}"
    variant = f"{key}{entry.data.variant}"
    known = next((each for each in (variant, key) if reader.t.has(each)), "explain.event.other")
    values = {name: _in_words(value, reader) for name, value in entry.data.sentence_values().items()}
    return reader.t(known, **{**_UNKNOWN, **values, "name": person(entry.actor), "code": text.name(entry.code)})


_UNKNOWN = dict.fromkeys(
    ("line", "names", "reason", "number", "priority", "rating", "clock", "percent", "due", "cause", "what"), "?"
)
"""What sentences say where a row of an earlier version does not tell it."""


def _detail(detail: Detail, reader: _Reader) -> str:
    told = _in_words(detail, reader)
    return f"{reader.t(detail.title_key)}: {told}" if detail.title_key else str(told)


def _in_words(value: Value, reader: _Reader) -> object:
    match value:
        case Words():
            return reader.t(value.key, **{name: _in_words(each, reader) for name, each in value.values.items()})
        case Quote():
            return quoted(value.text, reader.t)
        case LineName():
            line = reader.names.lines.get(value.id)
            return line_name(line, reader.t) if line else text.name(value.id)
        case PersonName():
            return person(reader.names.people.get(value.id) or Person(value.id, ""))
        case tuple():
            return ", ".join(str(_in_words(each, reader)) for each in value) or NOTHING
        case datetime():
            return reader.t.moment(value, reader.zone)
        case date():
            return reader.t.date(value)
        case str():
            return text.name(value)
        case _:
            return value


def cause(code: str, t: Text) -> str:
    """What a ping is about, in a word or two."""
    return t(f"clock.{code}") if code in set(Clock) else t(f"explain.cause.{code}")


def person(who: Person) -> str:
    """The person's name; the id of somebody the desk never met."""
    return text.name(who.name or who.id)


def listed(people: Sequence[Person]) -> str:
    """The names of several people."""
    return ", ".join(map(person, people)) or NOTHING


def line_name(line: LineView, t: Text) -> str:
    """The line's name in the reader's language."""
    return text.name(line.label.text(t.language))


def quoted(words: str, t: Text) -> str:
    """What somebody wrote, cut to one line."""
    return t("explain.quote", text=text.one_line(words, LONGEST_QUOTE))


_SHOWN = ("status", "line", "assignee", "priority", "category", "kind", "urgency", "impact", "title")
_CODES = ("status", "priority", "kind", "urgency", "impact")


def _changes(changes: Sequence[Change], t: Text) -> str:
    """What changed, old → new; of a description only that it did."""
    shown = [
        t("explain.change", what=t(f"explain.property.{each.name}"), old=_value(each.old, each.name, t), new=new)
        for each in changes
        if each.name in _SHOWN
        for new in [_value(each.new, each.name, t)]
    ]
    described = [t("explain.described") for each in changes if each.name == "description"]
    return " · ".join([*shown, *described])


def _value(value: PropertyValue, name: str, t: Text) -> str:
    match value:
        case None | "":
            return NOTHING
        case Person():
            return person(value)
        case LineView():
            return line_name(value, t)
        case str() if name in _CODES:
            return t(f"{name}.{value}")
        case str():
            return text.name(value)
        case _:
            return text.name(value.text(t.language))


def prevention(words: str, owner: Person, due: date, t: Text) -> str:
    """A preventive action on one line."""
    return t("explain.prevention", text=quoted(words, t), name=person(owner), date=t.date(due))
