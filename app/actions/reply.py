"""An agent answers the requester in public."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from microsoft_teams.cards.core import CardElement

from app.actions.action import Act, Action, Circumstances, Outcome, Placement
from app.actions.fields import TextField
from app.actions.registry import register
from app.cards import text
from app.cards.form_context import words_to_answer
from app.domain.changing import changed
from app.domain.events import Said
from app.domain.lifecycle import NOT_ENDED_OR_MERGED, has_ended
from app.domain.people import Role
from app.domain.requests import LONG_TEXT
from app.domain.ticket import Ticket
from app.domain.transitions import give_public_word
from app.domain.views import TicketView
from app.i18n import Text
from app.messages.notices.replied import RepliedInThread, RepliedNotice
from app.services.outgoing import Happened, show_cards, tell, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Reply:
    """What the requester reads."""

    text: str
    verb: ClassVar = "ticket.reply"


@dataclass(frozen=True)
class Replied(Said):
    """What was answered."""


@register
class ReplyAction(Action[Reply]):
    """The first one is the first response."""

    code = Reply.verb
    roles = frozenset({Role.AGENT})
    statuses = NOT_ENDED_OR_MERGED
    inputs = Reply
    event = Replied
    button = Placement(rank=60)
    adds_text = True
    words_field = "text"
    static_fields = (TextField(id="text", limit=LONG_TEXT),)

    def is_possible(self, ticket: Ticket) -> bool:
        return not has_ended(ticket)

    def form_title(self, view: TicketView, t: Text) -> str:
        return t("form.reply.title", name=text.name(view.requester.name))

    def above_form(self, view: TicketView, t: Text, room: int, at: Circumstances) -> Iterable[CardElement]:
        return words_to_answer(view, t, room)

    def apply(self, ticket: Ticket, inputs: Reply, act: Act) -> Outcome:
        return Outcome(give_public_word(changed(ticket, comments=ticket.comments + 1), act.at), Replied(inputs.text))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell(change, change.after.requester, RepliedNotice())
        yield from tell_line(change, change.after.line, RepliedInThread())
        yield from show_cards(change)
