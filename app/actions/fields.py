"""The fields of a verb's form, declared once: the declaration builds the input, reads what was sent, and limits it.

A label is the catalogue's `form.<verb>.<field>` unless the field names another key, or has a name the company wrote.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from app.cards import text
from app.cards.form import people_within
from app.cards.inputs import Inputs
from app.domain.people import Availability, Person
from app.domain.views import Label
from app.i18n import Text

Problem = tuple[str, Mapping[str, object]]
"""Key of the catalogue, and the values of its placeholders."""
Problems = Mapping[str, Problem]
"""By the field's id; "" is the whole form."""

REQUIRED: Problem = ("error.input.required", {})
CHOICE: Problem = ("error.input.choice", {})
DATE: Problem = ("error.input.date", {})
PAST: Problem = ("error.input.past", {})
_LAST_DAY = date(9998, 12, 31)  # days are counted on from a day, and times told in every zone
_DAY_LENGTH = len("2026-11-22")

Raw = Mapping[str, Any]
"""What a card sent, by input id: anything at all."""


class Refused(Exception):
    """A field holds what it must not; `problem` says what is wrong."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem[0])
        self.problem = problem


def always(_raw: Raw) -> bool:
    """Whatever else was sent."""
    return True


def never(_raw: Raw) -> bool:
    """Whatever else was sent, not."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `id` is its outward name (interface, card actions).

    `required` is checked on the client and the server. What only the server can judge, since it depends on the other
    inputs, is `required_if`; a field whose `read_if` fails is not read at all. `is_optional_on_server`: people are
    asked, other programs need not answer.
    """

    id: str
    label: str | None = None
    name: Label | None = None
    required: bool = True
    required_if: Callable[[Raw], bool] = never
    read_if: Callable[[Raw], bool] = always
    is_optional_on_server: bool = False

    def title(self, t: Text, verb: str) -> str:
        """The label on the form of this verb (its code without what stands before the dot), or the company's name."""
        if self.name:
            return text.inert(text.name(self.name.text(t.language)))
        return t(self.label or f"form.{verb}.{self.id}")

    def text_keys(self, verb: str) -> list[str]:
        """The catalogue's keys it needs on the form of this verb."""
        return [] if self.name else [self.label or f"form.{verb}.{self.id}"]

    def is_required(self, raw: Raw) -> bool:
        """Whether the server wants it filled in."""
        return (self.required and not self.is_optional_on_server) or self.required_if(raw)

    def draw(self, inputs: Inputs, t: Text, verb: str, room: int) -> None:
        """Add the input to a form; `room` is how many bytes of the card are left for it."""
        raise NotImplementedError

    def read(self, raw: Raw) -> Any:
        """The typed value of what was sent, None where nothing was; raise `Refused`."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(Field):
    """Words, at most `limit` characters; `value` stands there until something was typed."""

    limit: int
    multiline: bool = True
    value: str = ""
    hint: str | None = None
    hint_values: Mapping[str, object] = field(default_factory=dict)

    def text_keys(self, verb: str) -> list[str]:
        return [*Field.text_keys(self, verb), *([self.hint] if self.hint else [])]

    def draw(self, inputs: Inputs, t: Text, verb: str, room: int) -> None:
        inputs.text(
            self.id,
            self.title(t, verb),
            self.limit,
            value=self.value,
            required=self.required,
            multiline=self.multiline,
            hint=t(self.hint, **self.hint_values) if self.hint else None,
        )

    def read(self, raw: Raw) -> str:
        """The trimmed text, all of which a reader can see."""
        value = raw.get(self.id)
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
            raise Refused(REQUIRED)
        words = text.typed(str(value)).strip() if value is not None else ""
        if len(words) > self.limit:
            raise Refused(("error.input.too_long", {"limit": self.limit, "length": len(words)}))
        if not words and self.is_required(raw):
            raise Refused(REQUIRED)
        return words


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: its id, and its title: a key of the catalogue (names the company wrote may be among the
    `values` of its placeholders), or a name the company wrote.
    """

    id: str
    key: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    name: Label | None = None

    def title(self, t: Text) -> str:
        """What the reader chooses by."""
        if self.name:
            return self.name.text(t.language)
        return t(self.key, **{name: _in_words(value, t) for name, value in self.values.items()})


def _in_words(value: object, t: Text) -> object:
    words = getattr(value, "text", None)
    return text.name(words(t.language)) if callable(words) else value


def options_of(kind: Iterable[str], prefix: str, **values: object) -> tuple[Option, ...]:
    """Options whose titles the catalogue has under `<prefix>.<id>`."""
    return tuple(Option(str(id), f"{prefix}.{id}", values) for id in kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(Field):
    """One of `options`; read as a member of `kind` where there is one, else as the option's id.

    `accepts` are further ids that the server takes although the form does not show them.
    """

    options: Sequence[Option]
    kind: type[StrEnum] | None = None
    value: str = ""
    expanded: bool = False
    accepts: Sequence[str] = ()

    def text_keys(self, verb: str) -> list[str]:
        return [*Field.text_keys(self, verb), *(option.key for option in self.options if option.key)]

    def draw(self, inputs: Inputs, t: Text, verb: str, room: int) -> None:
        inputs.choice(
            self.id,
            self.title(t, verb),
            [(option.id, option.title(t)) for option in self.options],
            value=self.value,
            required=self.required,
            style="expanded" if self.expanded else "compact",
        )

    def read(self, raw: Raw) -> Any:
        value = raw.get(self.id)
        if value in (None, ""):
            if self.is_required(raw):
                raise Refused(REQUIRED)
            return None
        if not isinstance(value, str) or value not in {*(option.id for option in self.options), *self.accepts}:
            raise Refused(CHOICE)
        return self.kind(value) if self.kind else value


_MARKS = {
    Availability.AVAILABLE: "●",
    Availability.BUSY: "◐",
    Availability.IN_CALL: "◐",
    Availability.DO_NOT_DISTURB: "⊘",
    Availability.AWAY: "◔",
    Availability.OFFLINE: "○",
    Availability.OUT_OF_OFFICE: "⊘",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonField(Field):
    """One of `people`, read as their id; `availability` is how Teams shows them, or until which day they are absent."""

    people: Sequence[Person]
    value: str = ""
    availability: Mapping[str, Availability | date] = field(default_factory=dict)

    def draw(self, inputs: Inputs, t: Text, verb: str, room: int) -> None:
        shown = people_within(room, self.people)
        options = [(id, _marked(name, self.availability.get(id), t)) for id, name in shown]
        inputs.choice(self.id, self.title(t, verb), options, value=self.value, required=self.required)

    def read(self, raw: Raw) -> str | None:
        value = raw.get(self.id)
        if value in (None, ""):
            if self.is_required(raw):
                raise Refused(REQUIRED)
            return None
        if not isinstance(value, str) or value not in {person.id for person in self.people}:
            raise Refused(CHOICE)
        return value


def _marked(name: str, known: Availability | date | None, t: Text) -> str:
    match known:
        case None:
            return name
        case Availability():
            return f"{name} ({_MARKS[known]} {t(f'availability.{known}')})"
        case _:
            return f"{name} (⊘ {t('availability.absent', date=t.date(known))})"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayField(Field):
    """A day, `YYYY-MM-DD`, not before `not_before`."""

    not_before: date = date.min

    def draw(self, inputs: Inputs, t: Text, verb: str, room: int) -> None:
        inputs.date(self.id, self.title(t, verb), required=self.required)

    def read(self, raw: Raw) -> date | None:
        value = raw.get(self.id)
        if value in (None, ""):
            if self.is_required(raw):
                raise Refused(REQUIRED)
            return None
        try:
            day = date.fromisoformat(value) if isinstance(value, str) and len(value) == _DAY_LENGTH else None
        except ValueError:
            day = None
        if day is None or day > _LAST_DAY:
            raise Refused(DATE)
        if day < self.not_before:
            raise Refused(PAST)
        return day


@dataclass(frozen=True, slots=True)
class Part:
    """The heading of the fields that follow, and what a reader should know of them; no input."""

    title: str
    hint: str | None = None

    def text_keys(self, _verb: str) -> list[str]:
        """The catalogue's keys it needs."""
        return [self.title, *([self.hint] if self.hint else [])]


FormPart = Field | Part


def draw_fields(parts: Iterable[FormPart], inputs: Inputs, t: Text, verb: str, room: int) -> Inputs:
    """Add the inputs of these fields to a form."""
    for part in parts:
        if isinstance(part, Part):
            inputs.part(t(part.title), t(part.hint) if part.hint else None)
        else:
            part.draw(inputs, t, verb, room)
    return inputs


def read_fields(parts: Iterable[FormPart], raw: Raw) -> tuple[dict[str, Any], dict[str, Problem]]:
    """The values of the fields that were sent, by id, and what is wrong with the others."""
    values, problems = dict[str, Any](), dict[str, Problem]()
    for part in parts:
        if isinstance(part, Part) or not part.read_if(raw):
            continue
        try:
            value = part.read(raw)
        except Refused as refused:
            problems[part.id] = refused.problem
        else:
            if value is not None:
                values[part.id] = value
    return values, problems
