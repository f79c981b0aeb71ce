"""Forms filled with what the desk file says: lines to hand over to, guidelines, categories, colleagues."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.cards import extension, forms
from app.cards.parts import Card
from app.desk.model import CategoryField, Desk
from app.domain.people import Availability, Person
from app.domain.verbs import Verb
from app.domain.views import Choice, FieldView, FormState, Label, Similar, TicketView
from app.i18n import Text
from app.services import views
from app.services.tickets import asks_first_line, hand_over_lines


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


def has_form(verb: Verb) -> bool:
    """Whether cards may ask for the form of the verb."""
    return verb.needs_inputs or verb in _PLAIN


def form_card(
    desk: Desk,
    verb: Verb,
    view: TicketView,
    t: Text,
    state: FormState,
    people: Sequence[Person] = (),
    similar: Sequence[Similar] = (),
    there: Mapping[str, Availability | date] | None = None,
) -> Card:
    """The form of a verb that has one; `people` are those it lets choose from, `there` how Teams shows them or until
    which day they are absent, `similar` what was solved before.
    """
    form = nonce()
    match verb:
        case Verb.ASSIGN:
            return forms.assign_form(view, t, state, form, people, there or {})
        case Verb.CLASSIFY:
            return forms.classify_form(view, t, state, form, categories(desk))
        case Verb.ESCALATE:
            lines = [views.line_view(desk, line) for line in hand_over_lines(desk, view.ticket)]
            category = desk.categories.get(view.ticket.category)
            return forms.escalate_form(
                view, t, state, form, lines, category.guideline if category else None, people, similar
            )
        case Verb.RESOLVE:
            return forms.resolve_form(view, t, state, form, asks_first_line(desk, view.ticket), people, similar)
        case Verb.LINK:
            return forms.link_form(view, t, state, form, people)
        case _:
            return _PLAIN[verb](view, t, state, form)


_PLAIN = {
    Verb.REPLY: forms.reply_form,
    Verb.NOTE: forms.note_form,
    Verb.PEND: forms.pend_form,
    Verb.REOPEN: forms.reopen_form,
    Verb.COMMENT: forms.comment_form,
    Verb.EDIT: forms.edit_form,
    Verb.RATE: forms.rate_form,
    Verb.ACCEPT: forms.accept_form,
    Verb.RETURN: forms.return_form,
    Verb.WITHDRAW: forms.withdraw_form,
    Verb.NUDGE: forms.nudge_form,
    Verb.NOTIFY_MANAGER: forms.notify_manager_form,
}
