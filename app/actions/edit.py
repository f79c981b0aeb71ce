"""The requester corrects title or description."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.actions.action import Act, Action, Circumstances, Outcome, Placement
from app.actions.fields import FormPart, TextField
from app.actions.registry import register
from app.domain.changing import changed
from app.domain.people import Role
from app.domain.requests import LONG_TEXT, TITLE
from app.domain.ticket import OPEN, Ticket
from app.i18n import Text
from app.messages.notices.edited import EditedInThread
from app.services.outgoing import Happened, show_cards, tell_line
from app.store.outbox import Draft


@dataclass(frozen=True, slots=True)
class Edit:
    """Both as they are to be."""

    title: str
    description: str
    verb: ClassVar = "ticket.edit"


@register
class EditAction(Action[Edit]):
    """The form shows both as they are."""

    code = Edit.verb
    roles = frozenset({Role.REQUESTER})
    statuses = OPEN
    inputs = Edit
    button = Placement(rank=60, more=True)

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        title, description = at.ticket.title, at.ticket.description
        return (
            TextField(id="title", label="form.submit.title_input", limit=TITLE, value=title, multiline=False),
            TextField(id="description", label="form.submit.description", limit=LONG_TEXT, value=description),
        )

    def submit_title(self, t: Text) -> str:
        return t("action.save")

    def apply(self, ticket: Ticket, inputs: Edit, act: Act) -> Outcome:
        return Outcome(changed(ticket, title=inputs.title, description=inputs.description))

    def messages(self, change: Happened) -> Iterable[Draft]:
        yield from tell_line(change, change.after.line, EditedInThread())
        yield from show_cards(change)
