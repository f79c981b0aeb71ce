"""A work note among agents; the requester never sees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Outcome, Placement
from app.actions.fields import TextField
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.events import Said
from app.domain.lifecycle import NOT_ENDED_OR_MERGED, has_ended
from app.domain.people import Role
from app.domain.requests import LONG_TEXT
from app.domain.ticket import Ticket
from app.i18n import Text
from app.messages.notices.noted import NotedInThread
from app.services.outgoing import Happened, show_cards, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Note:
    """`heard_at` is the line in whose thread it was said already."""

    text: str
    heard_at: str | None = None
    verb: ClassVar = "ticket.note"


@dataclass(frozen=True)
class Noted(Said):
    """What was noted, and where it was said already."""

    heard_at: str | None = None


@register
class NoteAction(Action[Note]):
    """Words for the line alone."""

    code = Note.verb
    roles = frozenset({Role.AGENT})
    statuses = NOT_ENDED_OR_MERGED
    inputs = Note
    event = Noted
    button = Placement(rank=110, more=True)
    adds_text = True
    words_field = "text"
    static_fields = (TextField(id="text", limit=LONG_TEXT),)

    def is_possible(self, ticket: Ticket) -> bool:
        return not has_ended(ticket)

    def submit_title(self, t: Text) -> str:
        return t("action.save")

    def apply(self, ticket: Ticket, inputs: Note, act: Act) -> Outcome:
        return Outcome(changed(ticket, comments=ticket.comments + 1), Noted(inputs.text, inputs.heard_at))

    def messages(self, change: Happened) -> Iterable[Draft]:
        noted = change.event.data
        if not (
            isinstance(noted, Noted) and noted.heard_at == change.after.line
        ):  # what was said in the thread stands there already
            yield from tell_line(change, change.after.line, NotedInThread())
        yield from show_cards(change)
