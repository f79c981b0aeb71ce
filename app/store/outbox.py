"""Outgoing messages: written with the change they tell of, claimed and sent afterwards.

States: `pending` → `sending` (leased) → `sent`, or `dead` with a reason an admin sees; an admin may send it back to
`pending` or make it `dropped`. In one conversation (`target`) a message leaves only after every earlier one of the same
ticket and of the same flow (whoever caused it); flows take turns (docs/decisions/0024).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Select, Update, bindparam, delete, func, select, text, update

from app.store.dialect import insert_into
from app.store.messages import Draft as Draft
from app.store.messages import Head, QueuedMessage, SentMark, queued_message, stored_data
from app.store.schema import outbox, tickets

PENDING, SENDING, SENT, DEAD, DROPPED = "pending", "sending", "sent", "dead", "dropped"


def put(
    tx: Connection, drafts: Iterable[Draft], *, now: datetime, correlation: str | None, by: str | None = None
) -> None:
    """Queue messages in this order. Without `by`, who caused them, it is taken to be the ticket's requester."""
    rows = [
        {
            "target": draft.target,
            "kind": draft.way,
            "what": draft.content.code,
            "ticket": draft.ticket,
            "slot": draft.slot,
            "event": draft.event,
            "collapse": draft.collapse,
            "data": stored_data(draft),
            "correlation": correlation,
            "by": by,
            "now": now,
        }
        for draft in drafts
    ]
    if rows:
        tx.execute(_queueing(tx.dialect.name), rows)


@cache
def _queueing(dialect: str) -> Any:
    """Where the same edit waits already, it will show this change, too. Writing to that row keeps anybody from claiming
    it before this transaction ends: whoever renders it must see the change.
    """
    given = ("target", "kind", "what", "ticket", "slot", "event", "collapse", "data", "correlation")
    new = {"state": text("'pending'"), "attempts": text("0"), "ambiguous": text("0")}
    requester = select(tickets.c.requester).where(tickets.c.id == bindparam("ticket")).scalar_subquery()
    insert = insert_into(outbox, dialect).values(
        {
            **{name: bindparam(name) for name in given},
            **new,
            "flow": func.coalesce(bindparam("by", type_=outbox.c.flow.type), requester, ""),
            **{name: bindparam("now", type_=outbox.c.due_at.type) for name in ("due_at", "created_at")},
        }
    )
    shown_anyway = {"what": insert.excluded.what}
    return insert.on_conflict_do_update(
        index_elements=["collapse"], index_where=text("state = 'pending'"), set_=shown_anyway
    )


_earlier = outbox.alias("earlier")
# the indexes are partial: their conditions must stand in a statement word for word, or the whole table is looked at
_IS_WAITING = text("outbox.state = 'pending'")
_IS_SENDING = text("outbox.state = 'sending'")
_IS_UNSENT = text("outbox.state IN ('pending', 'sending')")
_IS_EARLIER_UNSENT = text("earlier.state IN ('pending', 'sending')")


# The first unsent message of every flow in every target, from one to the next along an index: however many wait behind
# them, none of those is read.
_known, _next = outbox.alias("known"), outbox.alias("following")
_IS_NEXT_UNSENT = text("following.state IN ('pending', 'sending')")


def _first(*conditions: Any) -> Any:
    found = select(_next.c.id).where(_IS_NEXT_UNSENT, *conditions)
    return found.order_by(_next.c.target, _next.c.flow, _next.c.id).limit(1).correlate(_known).scalar_subquery()


_next_flow = _first(_next.c.target == _known.c.target, _next.c.flow > _known.c.flow)
_next_target = _first(_next.c.target > _known.c.target)
_begin = select(_first().label("id")).cte("fronts", recursive=True)
_fronts = _begin.union_all(select(func.coalesce(_next_flow, _next_target)).where(_known.c.id == _begin.c.id))
_is_of_same_ticket = (_earlier.c.target == outbox.c.target) & (_earlier.c.ticket == outbox.c.ticket)
_HEADS = (
    select(*(outbox.c[name] for name in ("id", "target", "flow", "due_at", "reason")))
    .join(_fronts, _fronts.c.id == outbox.c.id)
    .where(
        _IS_WAITING
        & outbox.c.target.not_in(bindparam("closed", expanding=True))
        & outbox.c.flow.not_in(bindparam("resting", expanding=True))
        & ~select(_earlier.c.id).where(_is_of_same_ticket & _IS_EARLIER_UNSENT & (_earlier.c.id < outbox.c.id)).exists()
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
)
_FREE = (
    select(outbox.c.id)
    .where(outbox.c.id.in_(bindparam("messages", expanding=True)) & _IS_WAITING)
    .with_for_update(skip_locked=True)
    .cte("free")
)
_TAKE = (
    update(outbox)
    .where(outbox.c.id.in_(select(_FREE.c.id)))
    .values(state=SENDING, lease_until=bindparam("until"), attempts=outbox.c.attempts + 1)
    .returning(outbox)
)
_POSTPONE = (
    update(outbox).where((outbox.c.id == bindparam("message")) & _IS_WAITING).values(due_at=bindparam("look_again"))
)


def heads(tx: Connection, *, limit: int, closed: Collection[str] = (), resting: Collection[str] = ()) -> Sequence[Head]:
    """Up to `limit` messages that wait for no other, as they are due.

    Left out is what goes to `closed` targets, and what is the doing of `resting` flows.
    """
    left_out = {"closed": _padded(closed), "resting": _padded(resting)}
    return [Head(*row) for row in tx.execute(_HEADS, {"most": limit, **left_out})]


def _padded(values: Collection[str]) -> list[str]:
    """As many as a power of two, with what is nobody's name: a statement is planned anew for every other number."""
    return [*values, *["-"] * ((1 << len(values).bit_length()) - len(values))]


def claim(tx: Connection, messages: Sequence[int], *, until: datetime) -> Sequence[QueuedMessage]:
    """Take those of these messages that still wait; nobody else sends them before the lease ends."""
    taken = [queued_message(row) for row in tx.execute(_TAKE, {"messages": messages, "until": until})]
    return sorted(taken, key=lambda message: message.id)


def postpone(tx: Connection, due: Mapping[int, datetime]) -> None:
    """Look at these waiting messages again at the times given."""
    tx.execute(_POSTPONE, [{"message": message, "look_again": at} for message, at in due.items()])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed message; `due_at` is set where it is tried again."""

    state: str
    due_at: datetime | None = None
    reason: str | None = None
    detail: str | None = None
    ambiguous: int | None = None
    uncount: bool = False


def finish(tx: Connection, message: QueuedMessage, outcome: Outcome, *, now: datetime) -> bool:
    """Write what became of a message; False when the lease was lost meanwhile and somebody else decides."""
    values: dict[str, Any] = {"state": outcome.state, "reason": outcome.reason, "detail": outcome.detail}
    values |= {"lease_until": None, "done_at": None if outcome.state == PENDING else now}
    if outcome.due_at is not None:
        values["due_at"] = outcome.due_at
    if outcome.ambiguous is not None:
        values["ambiguous"] = outcome.ambiguous
    if outcome.uncount:
        values["attempts"] = message.attempts - 1
    mine = {"message": message.id, "leased_until": message.lease_until}
    if outcome.state == PENDING and message.collapse is not None:
        if tx.execute(_LOCK_MINE, mine).first() is None:
            return False
        _stand_for_newer(tx, message.collapse, now)
    return tx.execute(_finish_of(tuple(values)), {**mine, **values}).rowcount == 1


_mine = (outbox.c.id == bindparam("message")) & _IS_SENDING & (outbox.c.lease_until == bindparam("leased_until"))
_LOCK_MINE = select(outbox.c.id).where(_mine).with_for_update()


@lru_cache(maxsize=16)
def _finish_of(names: tuple[str, ...]) -> Update:
    """The statement for these columns, built once: building costs more than running it."""
    return update(outbox).where(_mine).values({name: bindparam(name) for name in names})


def _stand_for_newer(tx: Connection, collapse: str, now: datetime) -> None:
    """Drop the later edit of a card that goes back to waiting: the earlier one keeps its place and the wait that Teams
    asked for, and will show everything when it is sent.
    """
    newer = (outbox.c.collapse == collapse) & _IS_WAITING
    tx.execute(update(outbox).where(newer).values(state=DROPPED, reason="superseded", done_at=now))


def recover(tx: Connection, *, now: datetime) -> Sequence[QueuedMessage]:
    """Return messages whose sender vanished: the lease is over and nobody knows whether they arrived."""
    return _read(tx, select(outbox).where(_IS_SENDING & (outbox.c.lease_until <= now)))


def _read(tx: Connection, wanted: Select[Any]) -> Sequence[QueuedMessage]:
    return [queued_message(row) for row in tx.execute(wanted)]


def give_back(tx: Connection, holder_until: datetime) -> None:
    """End every lease now (a serving process that is alone starts)."""
    tx.execute(update(outbox).where(_IS_SENDING).values(lease_until=holder_until))


def sent_since(tx: Connection, since: datetime) -> Sequence[SentMark]:
    """What was sent lately, oldest first: a new dispatcher counts it against Teams' limits."""
    lately: Select[Any] = select(outbox.c.target, outbox.c.flow, outbox.c.done_at).where(
        (outbox.c.state == SENT) & (outbox.c.done_at > since)
    )
    return [SentMark(*row) for row in tx.execute(lately.order_by(outbox.c.done_at))]


def forget(tx: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` rows that ended before the time given; return how many."""
    old = select(outbox.c.id).where(outbox.c.state.in_((SENT, DROPPED)) & (outbox.c.done_at < before)).limit(limit)
    return tx.execute(delete(outbox).where(outbox.c.id.in_(old.scalar_subquery()))).rowcount


def listed(tx: Connection, states: Sequence[str], *, after: int, limit: int) -> Sequence[QueuedMessage]:
    """A page of messages in these states, oldest first."""
    page = select(outbox).where(outbox.c.state.in_(list(states)) & (outbox.c.id > after))
    return _read(tx, page.order_by(outbox.c.id).limit(limit))


def of_ticket(tx: Connection, ticket: int, states: Sequence[str]) -> Sequence[QueuedMessage]:
    """The ticket's messages in these states, oldest first."""
    of_it = select(outbox).where(outbox.c.state.in_(list(states)) & (outbox.c.ticket == ticket))
    return _read(tx, of_it.order_by(outbox.c.id))


def unsent_of_event(tx: Connection, event: int) -> Sequence[QueuedMessage]:
    """What waits or is being sent about an event."""
    return _read(tx, select(outbox).where(_IS_UNSENT & (outbox.c.event == event)).order_by(outbox.c.id))


def unsent_of_draft(tx: Connection, key: str) -> Sequence[QueuedMessage]:
    """What waits or is being sent and quotes a draft."""
    quotes = outbox.c.data["draft"].as_string() == key
    return _read(tx, select(outbox).where(_IS_UNSENT & quotes).order_by(outbox.c.id))


def unsent_of_binding(tx: Connection, binding: int) -> Sequence[QueuedMessage]:
    """What waits or is being sent and tells of a binding."""
    tells = outbox.c.data["binding"].as_integer() == binding
    return _read(tx, select(outbox).where(_IS_UNSENT & tells).order_by(outbox.c.id))


def retry(tx: Connection, message: int, *, now: datetime) -> bool:
    """Send a dead message once more; False when it is not dead."""
    again = {"state": PENDING, "due_at": now, "attempts": 0, "ambiguous": 0, "reason": None, "done_at": None}
    given_up = (outbox.c.id == message) & (outbox.c.state == DEAD)
    return tx.execute(update(outbox).where(given_up).values({**again, "collapse": None})).rowcount == 1


def drop(tx: Connection, message: int, *, now: datetime) -> bool:
    """Give a dead or waiting message up; False when it is neither."""
    waiting = (outbox.c.id == message) & outbox.c.state.in_((DEAD, PENDING))
    return tx.execute(update(outbox).where(waiting).values(state=DROPPED, done_at=now)).rowcount == 1


def figures(tx: Connection) -> dict[str, Any]:
    """How many messages wait and are dead, and since when the oldest waits."""
    waiting = select(func.count(), func.min(outbox.c.created_at)).where(_IS_UNSENT)
    depth, oldest = tx.execute(waiting).one()
    return {"waiting": depth, "oldest": oldest, "dead": dead(tx)}


def dead(tx: Connection) -> int:
    """How many messages were given up."""
    return int(tx.execute(select(func.count()).where(outbox.c.state == DEAD)).scalar_one())
