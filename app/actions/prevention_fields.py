"""What is asked when a ticket leaves management: the preventive action, its owner, and until when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.actions.action import Circumstances
from app.actions.fields import DayField, Field, FormPart, Part, PersonField, Raw, TextField, always, never, read_fields
from app.domain.errors import InvalidInput
from app.domain.people import Person
from app.domain.requests import SHORT_TEXT, Prevention
from app.domain.ticket import MANAGEMENT

_IDS = ("prevention", "prevention_owner", "prevention_due")


def leaves_management(at: Circumstances) -> bool:
    """Whether the ticket is at management, which it leaves only with a preventive action."""
    line = at.desk.lines.get(at.ticket.line)
    return line is not None and line.level == MANAGEMENT


def prevention_fields(at: Circumstances, *, only_if: Callable[[Raw], bool] | None = None) -> tuple[FormPart, ...]:
    """The fields, where the ticket is at management; `only_if`: other inputs decide whether it leaves it."""
    if not leaves_management(at):
        return ()
    hint = "form.prevention.hint_merging" if only_if else "form.prevention.hint"
    asked, wanted, when = only_if is None, only_if or never, only_if or always
    fields = _fields(at.people, at.today)
    return (
        Part("form.prevention.title", hint),
        *(replace(field, required=asked, required_if=wanted, read_if=when) for field in fields),
    )


def _fields(people: Sequence[Person], today: date) -> tuple[Field, ...]:
    return (
        TextField(id="prevention", label="form.prevention.text", limit=SHORT_TEXT),
        PersonField(id="prevention_owner", label="form.prevention.owner", people=people),
        DayField(id="prevention_due", label="form.prevention.due", not_before=today),
    )


def read_prevention(raw: Raw, people: Sequence[Person], today: date) -> Prevention:
    """The preventive action that was owed; raise `InvalidInput`. `people` may take care of it."""
    values, problems = read_fields(_fields(people, today), raw)
    if problems:
        raise InvalidInput(problems)
    return Prevention(*(values[name] for name in _IDS))


def with_prevention(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form with the preventive action as one value, where it was asked for."""
    rest = {name: value for name, value in values.items() if name not in _IDS}
    if "prevention" in values:
        rest["prevention"] = Prevention(*(values[name] for name in _IDS))
    return rest


def prevention_data(prevention: Prevention | None) -> dict[str, Any]:
    """The same for an event's data."""
    if prevention is None:
        return {}
    return {"prevention": prevention.text, "owner": prevention.owner, "due": prevention.due}
