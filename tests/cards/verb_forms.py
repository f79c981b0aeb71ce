"""The forms of verbs as card tests want them: with the lines, people and words that a test chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from app.actions import registry
from app.actions.action import Circumstances
from app.actions.forms import form_card
from app.actions.new_ticket import draw_ticket_inputs, ticket_fields
from app.cards import extension, forms
from app.cards.parts import Card
from app.desk.model import Desk
from app.domain.people import Availability, Person
from app.domain.views import FieldView, FormState, Label, LineView, Similar, TicketView
from app.i18n import Text
from tests.cards.people import NETWORK, OTHER, VPN

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class _Setting:
    """What the desk file and lookups say while a form is drawn."""

    lines: Sequence[LineView] = (NETWORK,)
    guideline: Label | None = None
    people: Sequence[Person] = ()
    availability: Mapping[str, Availability | date] = field(default_factory=dict)
    similar: Sequence[Similar] = ()

    def desk(self, view: TicketView) -> Desk:
        """As much of a desk as forms look at."""
        known = {line.id: line for line in (view.line, *self.lines)}
        lines = {id: SimpleNamespace(id=id, name=line.label, level=line.level) for id, line in known.items()}
        ids = [line.id for line in self.lines]
        categories = {
            id: SimpleNamespace(id=id, name=name, active=True, guideline=self.guideline, escalate_to=ids)
            for id, name in (("vpn", VPN), ("other", OTHER))
        }
        return cast(Desk, SimpleNamespace(lines=lines, categories=categories))


def _draw(code: str, view: TicketView, t: Text, state: FormState, nonce: str, setting: _Setting) -> Card:
    at = Circumstances(setting.desk(view), view, TODAY, setting.people, setting.availability, setting.similar)
    return form_card(registry.actions()[code], at, t, state, nonce)


def _plain(code: str) -> Any:
    def draw(view: TicketView, t: Text, state: FormState, nonce: str) -> Card:
        return _draw(code, view, t, state, nonce, _Setting())

    return draw


reply_form, note_form, pend_form = _plain("ticket.reply"), _plain("ticket.note"), _plain("ticket.pend")
comment_form, edit_form, rate_form = _plain("ticket.comment"), _plain("ticket.edit"), _plain("ticket.rate")
reopen_form, nudge_form, withdraw_form = _plain("ticket.reopen"), _plain("ticket.nudge"), _plain("ticket.withdraw")
notify_manager_form, accept_form, return_form = map(_plain, ("ticket.notify_manager", "offer.accept", "offer.return"))


def assign_form(
    view: TicketView,
    t: Text,
    state: FormState,
    nonce: str,
    colleagues: Sequence[Person],
    there: Mapping[str, Availability | date] | None = None,
) -> Card:
    setting = _Setting(people=colleagues, availability=there or {})
    return _draw("ticket.assign", view, t, state, nonce, setting)


def classify_form(view: TicketView, t: Text, state: FormState, nonce: str, _categories: object) -> Card:
    return _draw("ticket.classify", view, t, state, nonce, _Setting())


def escalate_form(
    view: TicketView,
    t: Text,
    state: FormState,
    nonce: str,
    lines: Sequence[LineView],
    guideline: Label | None,
    owners: Sequence[Person] = (),
    similar: Sequence[Similar] = (),
) -> Card:
    return _draw("ticket.escalate", view, t, state, nonce, _Setting(lines, guideline, owners, similar=similar))


def resolve_form(
    view: TicketView,
    t: Text,
    state: FormState,
    nonce: str,
    asks_first_line: bool,
    owners: Sequence[Person] = (),
    similar: Sequence[Similar] = (),
) -> Card:
    """`asks_first_line` is asked above level 1: the ticket is drawn at a line of another level where it has to be."""
    if (view.line.level > 1) is not asks_first_line and view.line.level != 4:
        view = replace(view, line=replace(view.line, level=2 if asks_first_line else 1))
    return _draw("ticket.resolve", view, t, state, nonce, _Setting(people=owners, similar=similar))


def link_form(view: TicketView, t: Text, state: FormState, nonce: str, owners: Sequence[Person] = ()) -> Card:
    return _draw("ticket.link", view, t, state, nonce, _Setting(people=owners))


def ticket_form(
    t: Text,
    *,
    categories: Sequence[tuple[str, Label]],
    fields: Sequence[FieldView],
    state: FormState,
    nonce: str,
    more_fields: bool,
) -> Card:
    asked = draw_ticket_inputs(ticket_fields(categories, fields), t, state)
    return forms.ticket_form(t, state, asked, {"form": nonce}, more_fields=more_fields)


def ticket_dialog(
    t: Text,
    *,
    categories: Sequence[tuple[str, Label]],
    fields: Sequence[FieldView],
    state: FormState,
    data: Mapping[str, Any],
    more_fields: bool,
) -> Card:
    asked = draw_ticket_inputs(ticket_fields(categories, fields), t, state)
    return extension.ticket_dialog(t, state, asked, data, more_fields=more_fields)
