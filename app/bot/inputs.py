"""From what a card sent (anything at all) to a typed request, or to the message of each field that is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from app.cards.text import typed
from app.desk.model import Category, CategoryField, Desk
from app.domain import requests
from app.domain.errors import InvalidInput
from app.domain.priority import Impact, Urgency
from app.domain.requests import FIELD_TEXT, LONG_TEXT, SHORT_TEXT, TITLE
from app.domain.ticket import (
    Kind,
)
from app.services.tickets import Submission

E = TypeVar("E", bound=StrEnum)
_REQUIRED = ("error.input.required", dict[str, object]())
_CHOICE = ("error.input.choice", dict[str, object]())
_DATE = ("error.input.date", dict[str, object]())
_LAST_DAY = date(9998, 12, 31)  # days are counted on from a day, and times told in every zone


@dataclass(slots=True)
class Reading:
    """Reads inputs one by one and collects what is wrong with them."""

    data: Mapping[str, Any]
    problems: dict[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict)

    def text(self, name: str, limit: int, *, required: bool = True) -> str:
        """A trimmed text of at most `limit` characters, all of which a reader can see."""
        value = self.data.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
            self.problems[name] = _REQUIRED
            return ""
        text = typed(str(value)).strip() if value is not None else ""
        if len(text) > limit:
            self.problems[name] = ("error.input.too_long", {"limit": limit, "length": len(text)})
        elif required and not text:
            self.problems[name] = _REQUIRED
        return text

    def choice(self, name: str, kind: type[E], *, required: bool = True) -> E | None:
        """One of the kind's values."""
        value = self.data.get(name)
        if value in (None, "") and not required:
            return None
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        self._wrong(name, value)
        return None

    def one_of(self, name: str, options: Sequence[str]) -> str:
        """One of the options."""
        value = self.data.get(name)
        if not isinstance(value, str) or value not in options:
            self._wrong(name, value)
            return ""
        return value

    def day(self, name: str, *, not_before: date) -> date | None:
        """A day `YYYY-MM-DD`, or None where nothing was chosen."""
        value = self.data.get(name)
        if value in (None, ""):
            return None
        try:
            day = date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-11-22") else None
        except ValueError:
            day = None
        if day is None or day > _LAST_DAY:
            self.problems[name] = _DATE
        elif day < not_before:
            self.problems[name] = ("error.input.past", {})
        return day

    def settle(self) -> None:
        """Raise `InvalidInput` when anything was wrong."""
        if self.problems:
            raise InvalidInput(self.problems)

    def _wrong(self, name: str, value: object) -> None:
        self.problems[name] = _CHOICE if value not in (None, "") else _REQUIRED


def submission(desk: Desk, data: Mapping[str, Any]) -> Submission:
    """The filled-in ticket form; raise `InvalidInput`."""
    reading = Reading(data)
    active = [category.id for category in desk.categories.values() if category.active]
    category_id = reading.one_of("category", active)
    category = desk.categories.get(category_id)
    filled = Submission(
        title=reading.text("title", TITLE),
        description=reading.text("description", LONG_TEXT),
        category=category_id,
        urgency=reading.choice("urgency", Urgency) or Urgency.NORMAL,
        impact=reading.choice("impact", Impact) or Impact.ME,
        kind=_kind(reading, category),
        fields=_fields(reading, category),
    )
    reading.settle()
    return filled


def _kind(reading: Reading, category: Category | None) -> Kind:
    """What the employee chose, or what the category is for where it is for one kind only: nobody has to know that."""
    chosen = reading.choice("kind", Kind) or Kind.INCIDENT
    return chosen if category is None or chosen in category.kinds else category.kinds[0]


def _fields(reading: Reading, category: Category | None) -> dict[str, str]:
    values = {}
    for known in category.fields if category else ():
        if value := _field(reading, known):
            values[known.id] = value
    return values


def _field(reading: Reading, known: CategoryField) -> str:
    text = reading.text(known.id, FIELD_TEXT, required=known.required)
    if not text:
        return ""
    match known.type:
        case "choice":
            return reading.one_of(known.id, [choice.id for choice in known.choices])
        case "yes_no":
            return reading.one_of(known.id, ("yes", "no"))
        case "date":
            day = reading.day(known.id, not_before=date.min)
            return day.isoformat() if day else ""
        case "text":
            return text


def prevention(data: Mapping[str, Any], *, people: Sequence[str], today: date) -> requests.Prevention:
    """The preventive action that was owed; raise `InvalidInput`. `people`: the ids of those who may take care of it."""
    reading = Reading(data)
    named = _prevention(reading, people, today)
    reading.settle()
    return named


def _prevention(reading: Reading, people: Sequence[str], today: date) -> requests.Prevention:
    text = reading.text("prevention", SHORT_TEXT)
    owner = reading.one_of("prevention_owner", people)
    due = reading.day("prevention_due", not_before=today)
    if due is None:
        reading.problems.setdefault("prevention_due", _REQUIRED)
    return requests.Prevention(text, owner, due or today)
