"""Messages as the outbox holds them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

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


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message in the outbox. `payload` is what its kind (`what`) needs to be shown, as it was stored.

    `replaces` is the activity it takes the place of, `copy` the id of the earlier message that it writes anew, `flow`
    who caused it. `attempts` counts the present one; `lease_until` is set while it is being sent.
    """

    id: int
    target: str
    way: Way
    what: str
    ticket: int | None
    slot: str | None
    event: int | None
    payload: Mapping[str, Any]
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


def queued_message(row: Row[Any]) -> QueuedMessage:
    """The message in a row of the outbox."""
    return QueuedMessage(
        id=row.id,
        target=row.target,
        way=_WAYS.get(row.kind, Way.ANSWER),  # one that is not known must not keep the others from being read
        what=row.what,
        ticket=row.ticket,
        slot=row.slot,
        event=row.event,
        payload={name: value for name, value in row.data.items() if name not in (REPLACES, COPY)},
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
