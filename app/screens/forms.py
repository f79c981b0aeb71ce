"""The form for a new ticket, filled with what the desk file says."""

import secrets
from collections.abc import Mapping
from typing import Any

from app.cards import extension, forms
from app.cards.parts import Card
from app.desk.model import CategoryField, Desk
from app.domain.views import Choice, FieldView, FormState, Label
from app.i18n import Text


def nonce() -> str:
    """What makes a form this form: sent twice, it has one effect."""
    return secrets.token_hex(8)


def categories(desk: Desk) -> list[tuple[str, Label]]:
    """The categories an employee may choose from."""
    return [(category.id, category.name) for category in desk.categories.values() if category.active]


def ticket_form_card(desk: Desk, t: Text, state: FormState, form: str = "", *, draft: str = "") -> Card:
    """The form for a new ticket, with the own fields of the category chosen so far; `draft` names what was said before
    it, whose files go with the ticket.
    """
    return forms.ticket_form(
        t,
        categories=categories(desk),
        fields=_chosen_fields(desk, state),
        state=state,
        nonce=form or nonce(),
        draft=draft,
        more_fields=_has_fields(desk),
    )


def ticket_dialog_card(desk: Desk, t: Text, state: FormState, data: Mapping[str, Any]) -> Card:
    """The same for a dialog; `data` is what its buttons carry."""
    return extension.ticket_dialog(
        t,
        categories=categories(desk),
        fields=_chosen_fields(desk, state),
        state=state,
        data=data,
        more_fields=_has_fields(desk),
    )


def _chosen_fields(desk: Desk, state: FormState) -> list[FieldView]:
    chosen = desk.categories.get(state.typed.get("category", ""))
    return [field_view(each) for each in chosen.fields] if chosen else []


def _has_fields(desk: Desk) -> bool:
    return any(category.active and category.fields for category in desk.categories.values())


def field_view(known: CategoryField) -> FieldView:
    """A category's own field as cards show it."""
    choices = tuple(Choice(choice.id, choice.name) for choice in known.choices)
    return FieldView(known.id, known.name, known.type, choices, known.required)
