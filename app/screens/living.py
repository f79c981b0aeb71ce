"""Which card a ticket is in one place: the requester's chat, or the channel of one line."""

from datetime import datetime, tzinfo

from microsoft_teams.cards.core import CardElement

from app.actions import registry
from app.actions.fields import draw_fields
from app.cards import line as line_cards
from app.cards import requester
from app.cards.inputs import Inputs
from app.cards.parts import Card
from app.domain import lifecycle
from app.domain.views import EMPTY_FORM, LineView, TicketView
from app.i18n import Text


def card_at(
    view: TicketView, t: Text, zone: tzinfo, here: LineView | None, *, in_public: bool, now: datetime | None = None
) -> Card:
    """The living card for the requester (`here` is None) or for a line.

    `in_public` is the message that everybody in the channel sees; a confidential ticket shows a stub there, and itself
    only in the answer to somebody entitled. `now` is the moment of an answer: the message in the chat, which stays,
    offers nothing that runs out.
    """
    if here is None:
        may_rate_again = now is not None and lifecycle.may_rate(view.ticket, now)
        return requester.living_card(view, t, zone, may_rate_again=may_rate_again)
    if view.ticket.confidential and in_public:
        return line_cards.confidential_card(view, t, zone)
    if here.id == view.line.id:
        return line_cards.line_card(view, t, zone)
    if view.offered_to and here.id == view.offered_to.id:
        return line_cards.offer_card(view, t, zone, inputs_on_card(view, t))
    return line_cards.moved_card(view, t, zone, here)


def asked_card_at(view: TicketView, t: Text, zone: tzinfo, here: LineView | None, *, in_channel: bool) -> Card:
    """The ticket for whoever asked for its number. In a channel that card stays behind when the ticket moves on."""
    concerned = {view.line.id, view.offered_to.id if view.offered_to else None}
    if in_channel and here and here.id in concerned and not view.ticket.confidential:
        return line_cards.read_card(view, t, zone)
    return card_at(view, t, zone, here, in_public=True)


def inputs_on_card(view: TicketView, t: Text) -> list[CardElement]:
    """The inputs of verbs whose button sends what stands on the card itself."""
    inputs = Inputs(t, EMPTY_FORM)
    for button in view.buttons:
        if button.carries_inputs:
            action = registry.actions()[button.code]
            draw_fields(action.fields_on_card(view.ticket), inputs, t, action.name, 0)
    return inputs.elements
