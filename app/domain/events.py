"""What happened to a ticket: one entry of its history, never edited."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.domain.people import DESK
from app.domain.verbs import SUBMIT, Verb

SUBMITTED = SUBMIT
# what the desk does by itself, and what becomes of its pings
CLOCK_FIRED = "clock.fired"
PROMISE_MISSED = "promise.missed"
PRIORITY_RAISED = "priority.raised"
COUNT_REACHED = "count.reached"
PING_SENT = "ping.sent"
PING_ACKNOWLEDGED = "ping.acknowledged"
PING_UNDELIVERED = "ping.undelivered"
PREVENTION_DONE = "prevention.done"
# a ticket left management without a preventive action: somebody is asked for one, and says which
PREVENTION_OWED = "prevention.owed"
PREVENTION_NAMED = "prevention.named"
# somebody changed or took back, in Teams, what they had said; `of` names the event it was said in
TEXT_EDITED = "text.edited"
TEXT_DELETED = "text.deleted"
# another ticket was linked to this one, and that link was taken back
LINKED = "ticket.linked"
UNLINKED = "ticket.unlinked"


@dataclass(frozen=True, slots=True)
class EventData:
    """What a reader of an event needs to know besides what changed on the ticket; each code has its own subclass.

    Stored as JSON by the names of the fields (a trailing underscore falls away: `from_`); what is None is left out.
    """

    def as_json(self) -> dict[str, Any]:
        """The data as JSON values."""
        values = {each.name.rstrip("_"): _plain(getattr(self, each.name)) for each in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what and when.

    `code` is `ticket.submit` or the verb. `data` holds what a reader needs to understand it: `old` and `new` for each
    changed property, texts, reasons. It is stored as JSON and made into a sentence only when it is shown.
    """

    code: str
    actor: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def person(self) -> str | None:
        """Whoever did it; None for what the desk does by itself."""
        return None if self.actor == DESK else self.actor


# what requesters read; of the pends, those that ask them something
PUBLIC_TEXTS = frozenset({Verb.REPLY.value, Verb.COMMENT.value, Verb.PEND.value})
CONVERSATION = PUBLIC_TEXTS | {Verb.NOTE.value}
