"""The requester adds information, or answers a question."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from microsoft_teams.cards.core import CardElement

from app.actions.action import Act, Action, Circumstances, Outcome, Placement
from app.actions.fields import TextField
from app.actions.registry import register
from app.cards.form_context import last_public_words
from app.domain.events import Said
from app.domain.lifecycle import NOT_ENDED_OR_MERGED, has_ended
from app.domain.people import Role
from app.domain.requests import LONG_TEXT
from app.domain.ticket import PendingReason, Ticket
from app.domain.transitions import add_comment
from app.domain.views import TicketView
from app.i18n import Text
from app.messages.notices.commented import CommentedInThread
from app.services.outgoing import Happened, show_cards, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Comment:
    """What the requester says."""

    text: str
    verb: ClassVar = "ticket.comment"


@dataclass(frozen=True)
class Commented(Said):
    """What was said."""


@register
class CommentAction(Action[Comment]):
    """An answer ends the waiting for it."""

    code = Comment.verb
    roles = frozenset({Role.REQUESTER})
    statuses = NOT_ENDED_OR_MERGED
    inputs = Comment
    event = Commented
    button = Placement(rank=40, title_key="action.add_information")
    adds_text = True
    words_field = "text"
    static_fields = (TextField(id="text", limit=LONG_TEXT),)

    def is_possible(self, ticket: Ticket) -> bool:
        return not has_ended(ticket)

    def button_title_key(self, ticket: Ticket) -> str:
        return "action.answer" if ticket.pending_reason is PendingReason.REQUESTER else self.title_key

    def above_form(self, view: TicketView, t: Text, room: int, at: Circumstances) -> Iterable[CardElement]:
        return last_public_words(view, t, room)

    def apply(self, ticket: Ticket, inputs: Comment, act: Act) -> Outcome:
        return Outcome(add_comment(ticket), Commented(inputs.text))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell_line(change, change.after.line, CommentedInThread())
        yield from show_cards(change)
