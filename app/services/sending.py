"""What became of a message, with all that follows from it.

Nothing is written about a message that this process no longer held: whoever took it over writes what became of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.delivery import Reason, TryLater, Undeliverable
from app.messages.answers.deliveries import UndeliverableMessages
from app.services import pings, preventions
from app.services.unit_of_work import UnitOfWork
from app.store import cards, copies, outbox, people
from app.store.messages import Draft, QueuedMessage, Way
from app.store.outbox import Outcome

NOT_THEIRS = "not_theirs"
"""Why a message was dropped whose reader has no right to it any more."""
_CONVERSATION_IS_LOST = {Reason.BLOCKED, Reason.DISABLED, Reason.NOT_INSTALLED, Reason.GONE}

CardPlace = tuple[int, str]
"""The ticket and slot of a living card."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that Teams took: where it is, which living card it is now, and whose words it repeats."""

    conversation: str
    activity: str
    card: CardPlace | None = None
    repeats: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedChat:
    """A chat that was opened with a person the bot never heard from, and how to speak there."""

    id: str
    person: str
    service_url: str
    bot: str
    tenant: str | None


def is_edit(tx: Connection, message: QueuedMessage) -> bool:
    """Whether sending it changes a message there is; that may be repeated."""
    if message.way is Way.CARD and message.ticket and message.slot:
        return cards.find(tx, message.ticket, message.slot) is not None
    return message.way is Way.EDIT


def note_sent(
    tx: Connection,
    message: QueuedMessage,
    *,
    now: datetime,
    posted: Posted | None = None,
    ended: CardPlace | None = None,
) -> None:
    """It was `posted`, or changed a message there was; that one is the living card `ended` no longer."""
    if not outbox.finish(tx, message, Outcome(outbox.SENT), now=now):
        return
    if ended:
        cards.forget(tx, *ended)
    if posted is None:
        return
    if posted.card:
        cards.keep(tx, *posted.card, conversation=posted.conversation, activity=posted.activity, now=now)
    if posted.repeats:
        copies.keep(tx, message, posted.repeats, conversation=posted.conversation, activity=posted.activity, now=now)


def note_not_sent(tx: Connection, message: QueuedMessage, outcome: Outcome, *, now: datetime) -> None:
    """It is dropped, or sent another time, and nothing follows from that."""
    outbox.finish(tx, message, outcome, now=now)


def note_chat(tx: Connection, message: QueuedMessage, chat: OpenedChat, *, now: datetime) -> None:
    """A chat was opened for it; it goes there next."""
    if outbox.finish(tx, message, Outcome(outbox.PENDING, now, uncount=True), now=now):
        row = {"id": chat.id, "kind": "personal", "person": chat.person, "tenant": chat.tenant, "bot": chat.bot}
        people.meet(tx, {**row, "service_url": chat.service_url, "updated_at": now})


def note_installed(tx: Connection, person: str) -> None:
    """Somebody was just given the app: they can be spoken to again."""
    if own := people.personal_chat(tx, person):
        people.block(tx, own.id, None)


def post_anew(tx: Connection, message: QueuedMessage, *, now: datetime) -> None:
    """The living card that it was to change has vanished: another one is posted."""
    if outbox.finish(tx, message, Outcome(outbox.PENDING, now, Reason.MESSAGE_GONE.value), now=now):
        cards.forget(tx, message.ticket or 0, message.slot or "")


def pass_on(tx: Connection, desk: Desk, message: QueuedMessage, drafts: Sequence[Draft], *, now: datetime) -> None:
    """Tell those who stand in; of a ping or an action that is owed, the next is asked at once."""
    if not outbox.finish(tx, message, Outcome(outbox.DROPPED, reason=NOT_THEIRS), now=now):
        return
    outbox.put(tx, drafts, now=now, correlation=message.correlation, by=message.flow or None)
    work = UnitOfWork(tx, desk, now, message.correlation)
    if asked := pings.ping_in(message.slot or ""):
        pings.look_again(work, asked[0])
    if action := preventions.action_in(message.slot or ""):
        preventions.note_undelivered(work, action, message.target.partition(":")[2])


def note_failure(
    tx: Connection,
    desk: Desk,
    message: QueuedMessage,
    error: TryLater | Undeliverable,
    *,
    outcome: Outcome,
    now: datetime,
) -> None:
    """It did not arrive. Where it is given up, admins are told, and what asked somebody goes on without them."""
    if not outbox.finish(tx, message, outcome, now=now) or outcome.state != outbox.DEAD:
        return
    work = UnitOfWork(tx, desk, now, message.correlation)
    if asked := pings.ping_in(message.slot or ""):
        pings.note_undelivered(work, *asked)
    if action := preventions.action_in(message.slot or ""):
        preventions.note_undelivered(work, action, message.target.partition(":")[2])
    if isinstance(error, Undeliverable) and error.reason in _CONVERSATION_IS_LOST:
        kind, _, name = message.target.partition(":")
        own = people.personal_chat(tx, name) if kind == "person" else None
        if own is not None:
            people.block(tx, own.id, error.reason.value)
    if message.content.code != UndeliverableMessages.code:
        outbox.put(tx, _told_to_admins(desk, message), now=now, correlation=message.correlation)


def _told_to_admins(desk: Desk, message: QueuedMessage) -> list[Draft]:
    return [
        Draft(f"person:{admin}", Way.ANSWER, UndeliverableMessages(), collapse=f"deliveries:{admin}")
        for admin in desk.admins
        if message.target != f"person:{admin}"
    ]
