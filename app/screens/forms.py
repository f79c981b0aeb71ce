"""The form for a new ticket, filled with what the desk file says."""

import secrets
from collections.abc import Mapping
from typing import Any

from microsoft_teams.cards.core import CardElement

from app.actions.new_ticket import choosable_categories, draw_ticket_inputs, field_view, ticket_fields
from app.cards import extension, forms
from app.cards.parts import Card
from app.desk.model import Desk
from app.domain.views import FormState
from app.i18n import Text


def nonce() -> str:
    """What makes a form this form: sent twice, it has one effect."""
    return secrets.token_hex(8)


def ticket_form_card(desk: Desk, t: Text, state: FormState, form: str = "", *, draft: str = "") -> Card:
    """The form for a new ticket, with the own fields of the category chosen so far; `draft` names what was said before
    it, whose files go with the ticket.
    """
    data = {"form": form or nonce(), **({"draft": draft} if draft else {})}
    return forms.ticket_form(t, state, _asked(desk, t, state), data, more_fields=has_fields(desk))


def ticket_dialog_card(desk: Desk, t: Text, state: FormState, data: Mapping[str, Any]) -> Card:
    """The same for a dialog; `data` is what its buttons carry."""
    return extension.ticket_dialog(t, state, _asked(desk, t, state), data, more_fields=has_fields(desk))


def _asked(desk: Desk, t: Text, state: FormState) -> list[CardElement]:
    chosen = desk.categories.get(state.typed.get("category", ""))
    own = [field_view(each) for each in chosen.fields] if chosen else []
    return draw_ticket_inputs(ticket_fields(choosable_categories(desk), own), t, state)


def has_fields(desk: Desk) -> bool:
    """Whether some category asks for more than every ticket has."""
    return any(category.active and category.fields for category in desk.categories.values())
