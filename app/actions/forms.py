"""A verb's form: drawn from its fields, and read by the same."""

from collections.abc import Mapping
from typing import Any

from app.actions.action import Action, Circumstances
from app.actions.fields import Problem, draw_fields, read_fields
from app.cards import form
from app.cards.inputs import Inputs
from app.cards.parts import Card
from app.domain.errors import InvalidInput
from app.domain.views import FormState
from app.i18n import Text


def form_card(action: Action[Any], at: Circumstances, t: Text, state: FormState, nonce: str) -> Card:
    """The form of a verb as the clicker's own view of the ticket's card."""
    view, fields = at.view, action.fields(at)
    look = form.Look(
        verb=action.code,
        title=action.form_title(view, t),
        submit=action.submit_title(t),
        cancel=action.cancel_title(t),
        inputs=lambda room: draw_fields(fields, Inputs(t, state), t, action.name, room),
        above=lambda room: action.above_form(view, t, room, at),
    )
    return form.form(view, t, state, nonce, look)


def read_static(action: Action[Any], raw: Mapping[str, Any]) -> Any:
    """The request of a verb that is read without looking at a ticket, None for others; raise `InvalidInput`."""
    if action.static_fields is None and action.has_form and not action.asks_first:
        return None
    values, problems = read_fields(action.static_fields or (), raw)
    _refuse(problems)
    return action.make(values, None)


def read(action: Action[Any], at: Circumstances, raw: Mapping[str, Any]) -> Any:
    """The typed request of a verb; raise `InvalidInput` with what is wrong, by input id."""
    values, problems = read_fields(action.fields(at), raw)
    _refuse(problems)
    request = action.make(values, at)
    _refuse(action.check(request, at))
    return request


def _refuse(problems: Mapping[str, Problem]) -> None:
    if problems:
        raise InvalidInput(dict(problems))
