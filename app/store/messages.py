"""Messages as the outbox holds them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Row


class Way(StrEnum):
    """How a message reaches its reader."""

    CARD = "card"
    """The living card of a ticket's slot: posted where there is none, else edited."""
    CHAT = "tell"
    """A message in somebody's own chat, which Teams notifies them of."""
    THREAD = "thread"
    """A line below the ticket's card in a channel."""
    ANSWER = "say"
    """A message where something was typed, or one that belongs to no ticket's card."""
    EDIT = "edit"
    """In place of a message that was sent before."""


class Content(Protocol):
    """What a message says: the code of its kind, and what is stored besides the ticket and the event it is about."""

    @property
    def code(self) -> str:
        """The code of its kind."""

    def payload(self) -> dict[str, Any]:
        """JSON values; none is named as in `REPLACES` or `COPY`."""


@dataclass(frozen=True, slots=True)
class StoredContent:
    """The same as it lies in the database. Only the kind's own module knows what the data means."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """The data."""
        return dict(self.data)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be: it says what to show, never holds the finished text.

    `target` is `person:<id>`, `line:<id>` or `chat:<conversation>`. Of several drafts with one `collapse` key that
    still wait, one is sent. An edit replaces an activity, or writes anew what a message of the outbox has become
    (`copy`).
    """

    target: str
    way: Way
    content: Content
    ticket: int | None = None
    slot: str | None = None
    event: int | None = None
    collapse: str | None = None
    replaces: str | None = None
    copy: int | None = None


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message in the outbox.

    `replaces` is the activity it takes the place of, `copy` the id of the earlier message that it writes anew, `flow`
    who caused it. `attempts` counts the present one; `lease_until` is set while it is being sent.
    """

    id: int
    target: str
    way: Way
    content: StoredContent
    ticket: int | None
    slot: str | None
    event: int | None
    replaces: str | None
    copy: int | None
    flow: str
    collapse: str | None
    state: str
    due_at: datetime
    lease_until: datetime | None
    attempts: int
    ambiguous: int
    reason: str | None
    correlation: str | None
    created_at: datetime


class Head(NamedTuple):
    """A waiting message that waits for no other."""

    id: int
    target: str
    flow: str
    due_at: datetime
    reason: str | None


class SentMark(NamedTuple):
    """That something was sent: where to, by whose doing, when."""

    target: str
    flow: str
    sent_at: datetime


REPLACES, COPY = "activity", "copy"
"""What lies in the stored data besides the kind's own."""
_WAYS = {way.value: way for way in Way}


def stored_data(draft: Draft) -> dict[str, Any]:
    """What is stored of a draft as JSON."""
    data = draft.content.payload()
    if draft.replaces is not None:
        data[REPLACES] = draft.replaces
    if draft.copy is not None:
        data[COPY] = draft.copy
    return data


def queued_message(row: Row[Any]) -> QueuedMessage:
    """The message in a row of the outbox."""
    return QueuedMessage(
        id=row.id,
        target=row.target,
        way=_WAYS.get(row.kind, Way.ANSWER),  # one that is not known must not keep the others from being read
        content=StoredContent(row.what, {name: row.data[name] for name in row.data if name not in (REPLACES, COPY)}),
        ticket=row.ticket,
        slot=row.slot,
        event=row.event,
        replaces=row.data.get(REPLACES),
        copy=row.data.get(COPY),
        flow=row.flow,
        collapse=row.collapse,
        state=row.state,
        due_at=row.due_at,
        lease_until=row.lease_until,
        attempts=row.attempts,
        ambiguous=row.ambiguous,
        reason=row.reason,
        correlation=row.correlation,
        created_at=row.created_at,
    )
