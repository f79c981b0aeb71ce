"""From what a card sent (anything at all) to a typed request, or to the message of each field that is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from app.cards.text import typed
from app.desk.model import Category, CategoryField, Desk
from app.domain import requests
from app.domain.errors import InvalidInput
from app.domain.priority import Impact, Urgency, priority_of
from app.domain.requests import FIELD_TEXT, HAND_OVER_TEXT, LONG_TEXT, NUMBER, SHORT_TEXT, TITLE
from app.domain.ticket import (
    MANAGEMENT,
    EscalationReason,
    FirstLineCould,
    Gravity,
    Kind,
    NudgeReason,
    PendingReason,
    Relation,
    ReturnReason,
    Ticket,
)
from app.domain.verbs import Verb
from app.services.tickets import Submission, asks_first_line

E = TypeVar("E", bound=StrEnum)
_NUMBER = re.compile(r"(?:(?:inc|req)[-\s]?)?([0-9]{1,15})", re.IGNORECASE)
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


_BARE: Mapping[Verb, requests.Request] = {
    Verb.TAKE: requests.Take(),
    Verb.GIVE_BACK: requests.GiveBack(),
    Verb.RESUME: requests.Resume(),
    Verb.WITHDRAW: requests.Withdraw(),
    Verb.CONFIRM: requests.Confirm(),
    Verb.UNLINK: requests.Unlink(),
}


def simple_request(verb: Verb, data: Mapping[str, Any]) -> requests.Request | None:
    """The request of a verb without inputs or with one text, which is right whatever the ticket is; None for others.

    Raises `InvalidInput`.
    """
    if verb in _BARE:
        return _BARE[verb]
    reading = Reading(data)
    if verb is Verb.ACCEPT:
        impact = reading.text("business_impact", SHORT_TEXT, required=False)
        reading.settle()
        return requests.Accept(impact)
    if not verb.adds_text:
        return None
    tells = verb is Verb.NOTIFY_MANAGER
    text = reading.text("reason", SHORT_TEXT) if tells else reading.text("text", LONG_TEXT)
    reading.settle()
    match verb:
        case Verb.NOTIFY_MANAGER:
            return requests.NotifyManager(text)
        case Verb.REPLY:
            return requests.Reply(text)
        case Verb.NOTE:
            return requests.Note(text)
        case _:
            return requests.Comment(text)


def request_about(
    ticket: Ticket, verb: Verb, data: Mapping[str, Any], *, desk: Desk, people: Sequence[str], today: date
) -> requests.Request:
    """The request of a verb whose inputs are judged by the ticket; raise `InvalidInput`.

    `people` are the ids that may be chosen: to assign the ticket to, or to take care of a preventive action.
    """
    reading = Reading(data)
    request = _read(reading, verb, desk, ticket, people, today)
    reading.settle()
    return request


def _read(
    reading: Reading, verb: Verb, desk: Desk, ticket: Ticket, people: Sequence[str], today: date
) -> requests.Request:
    match verb:
        case Verb.ASSIGN:
            return requests.Assign(reading.one_of("assignee", people))
        case Verb.EDIT:
            return requests.Edit(reading.text("title", TITLE), reading.text("description", LONG_TEXT))
        case Verb.REOPEN:
            return requests.Reopen(reading.text("reason", LONG_TEXT))
        case Verb.PEND:
            reason = reading.choice("reason", PendingReason) or PendingReason.REQUESTER
            asks = reason is PendingReason.REQUESTER
            until = reading.day("until", not_before=today)
            return requests.Pend(reason, until, reading.text("text", LONG_TEXT, required=asks))
        case Verb.CLASSIFY:
            return _classify(reading, desk, ticket)
        case Verb.ESCALATE:
            return _escalate(reading, desk, ticket, people, today)
        case Verb.RETURN:
            why = reading.choice("reason", ReturnReason) or ReturnReason.WRONG_LINE
            return requests.Return(why, reading.text("advice", SHORT_TEXT, required=False))
        case Verb.RESOLVE:
            return _resolve(reading, desk, ticket, people, today)
        case Verb.LINK:
            return _link(reading, desk, ticket, people, today)
        case Verb.NUDGE:
            return _nudge(reading, ticket)
        case Verb.RATE:
            rating = reading.one_of("rating", ("1", "2", "3", "4", "5"))
            return requests.Rate(int(rating or 1), reading.text("text", SHORT_TEXT, required=False))
        case _:
            raise ValueError(f"{verb} has no inputs")


def _classify(reading: Reading, desk: Desk, ticket: Ticket) -> requests.Classify:
    urgency = reading.choice("urgency", Urgency) or ticket.urgency
    impact = reading.choice("impact", Impact) or ticket.impact
    return requests.Classify(
        category=reading.one_of("category", tuple(desk.categories)),
        urgency=urgency,
        impact=impact,
        kind=reading.choice("kind", Kind) or ticket.kind,
        priority=priority_of(urgency, impact),
    )


def _link(reading: Reading, desk: Desk, ticket: Ticket, people: Sequence[str], today: date) -> requests.Link:
    typed = reading.text("other", NUMBER)
    number = _NUMBER.fullmatch(typed)
    if typed and number is None:
        reading.problems["other"] = ("error.link_number", {})
    relation = reading.one_of("relation", (Relation.DUPLICATE_OF, Relation.CHILD_OF))
    is_merged = relation == Relation.DUPLICATE_OF
    return requests.Link(
        other=int(number[1]) if number else 0,
        relation=Relation(relation or Relation.CHILD_OF),
        prevention=_on_leaving(reading, desk, ticket, people, today) if is_merged else None,
    )


def _nudge(reading: Reading, ticket: Ticket) -> requests.Nudge:
    reason = reading.choice("reason", NudgeReason) or NudgeReason.GETTING_WORSE
    if reason is NudgeReason.PROMISE_MISSED and not ticket.promises_missed:
        reading.problems["reason"] = ("error.nudge_reason", {})
    return requests.Nudge(reason)


def _escalate(reading: Reading, desk: Desk, ticket: Ticket, people: Sequence[str], today: date) -> requests.Escalate:
    line = reading.one_of("line", tuple(desk.lines))
    to_management = line in desk.lines and desk.lines[line].level == MANAGEMENT
    return requests.Escalate(
        line=line,
        reason=reading.choice("reason", EscalationReason) or EscalationReason.SKILL,
        tried=reading.text("tried", HAND_OVER_TEXT),
        needed=reading.text("needed", HAND_OVER_TEXT),
        gravity=reading.choice("gravity", Gravity) if to_management else None,
        business_impact=reading.text("business_impact", SHORT_TEXT) if to_management else "",
        prevention=_on_leaving(reading, desk, ticket, people, today),
    )


def _on_leaving(
    reading: Reading, desk: Desk, ticket: Ticket, people: Sequence[str], today: date
) -> requests.Prevention | None:
    """What a ticket leaves management with; None on other levels."""
    line = desk.lines.get(ticket.line)
    return _prevention(reading, people, today) if line and line.level == MANAGEMENT else None


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


def _resolve(reading: Reading, desk: Desk, ticket: Ticket, people: Sequence[str], today: date) -> requests.Resolve:
    asked = asks_first_line(desk, ticket)
    return requests.Resolve(
        resolution=reading.text("resolution", LONG_TEXT),
        first_line_could=reading.choice("first_line_could", FirstLineCould, required=False) if asked else None,
        guide=reading.text("guide", SHORT_TEXT, required=False) if asked else "",
        prevention=_on_leaving(reading, desk, ticket, people, today),
    )
