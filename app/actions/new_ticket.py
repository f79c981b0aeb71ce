"""What a new ticket asks for, wherever its form stands: in a chat, or in the dialog of the message extension."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from microsoft_teams.cards.core import CardElement

from app.actions.fields import ChoiceField, DayField, Field, FormPart, Option, TextField, draw_fields, read_fields
from app.cards.inputs import Inputs
from app.desk.model import Category, CategoryField, Desk
from app.domain.errors import InvalidInput
from app.domain.priority import Impact, Urgency
from app.domain.requests import FIELD_TEXT, LONG_TEXT, TITLE
from app.domain.ticket import Kind
from app.domain.views import Choice, FieldView, FormState, Label
from app.i18n import Text
from app.services.tickets import Submission

_FORM = "submit"
_KINDS = {"urgency": Urgency, "impact": Impact, "kind": Kind}


def ticket_fields(categories: Sequence[tuple[str, Label]], own: Sequence[FieldView]) -> tuple[FormPart, ...]:
    """The fields of the form; `own` are those of the category that was chosen."""
    return (
        TextField(id="title", label="form.submit.title_input", limit=TITLE, multiline=False),
        TextField(id="description", limit=LONG_TEXT, hint="form.submit.description_hint"),
        ChoiceField(id="category", options=[Option(id, name=name) for id, name in categories]),
        *map(_own_field, own),
        _rated("urgency", Urgency.NORMAL),
        _rated("impact", Impact.ME),
        _rated("kind", Kind.INCIDENT, expanded=True),
    )


def _rated(id: str, value: str, *, expanded: bool = False) -> ChoiceField:
    kind = _KINDS[id]
    options = tuple(Option(each, f"{id}.{each}.choice") for each in kind)
    return ChoiceField(id=id, options=options, kind=kind, value=value, expanded=expanded)


def _own_field(known: FieldView) -> Field:
    """One of a category's own fields; yes_no answers `yes` or `no`."""
    match known.type:
        case "choice":
            options = [Option(choice.id, name=choice.label) for choice in known.choices]
            return ChoiceField(id=known.id, name=known.label, required=known.required, options=options)
        case "yes_no":
            options = [Option(answer, f"yes_no.{answer}") for answer in ("yes", "no")]
            return ChoiceField(id=known.id, name=known.label, required=known.required, options=options, expanded=True)
        case "date":
            return DayField(id=known.id, name=known.label, required=known.required)
        case _:
            return TextField(id=known.id, name=known.label, required=known.required, limit=FIELD_TEXT, multiline=False)


def draw_ticket_inputs(fields: Sequence[FormPart], t: Text, state: FormState) -> list[CardElement]:
    """The inputs of these fields."""
    return draw_fields(fields, Inputs(t, state), t, _FORM, 0).elements


def read_submission(desk: Desk, raw: Mapping[str, Any]) -> Submission:
    """The filled-in form; raise `InvalidInput` with what is wrong, by input id."""
    category = desk.categories.get(str(raw.get("category")))
    own = [field_view(each) for each in category.fields] if category else []
    values, problems = read_fields(ticket_fields(choosable_categories(desk), own), raw)
    if problems or category is None:
        raise InvalidInput(problems)
    return Submission(
        title=values["title"],
        description=values["description"],
        category=category.id,
        urgency=values["urgency"],
        impact=values["impact"],
        kind=_kind(values["kind"], category),
        fields={each.id: _stored(values[each.id]) for each in own if values.get(each.id)},
    )


def _kind(chosen: Kind, category: Category) -> Kind:
    """What the employee chose, or what the category is for where it is for one kind only: nobody has to know that."""
    return chosen if chosen in category.kinds else category.kinds[0]


def _stored(value: str | date) -> str:
    return value.isoformat() if isinstance(value, date) else value


def choosable_categories(desk: Desk) -> list[tuple[str, Label]]:
    """The categories an employee may choose from."""
    return [(category.id, category.name) for category in desk.categories.values() if category.active]


def field_view(known: CategoryField) -> FieldView:
    """A category's own field as cards show it."""
    choices = tuple(Choice(choice.id, choice.name) for choice in known.choices)
    return FieldView(known.id, known.name, known.type, choices, known.required)
