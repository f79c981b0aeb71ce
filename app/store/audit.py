"""The auditor's own look at the tables: what should have happened by now and did not.

It shares no statement with the code that does the work, so that a mistake there cannot hide what it leaves undone.
Every look goes along an index and reads a bounded number of rows, however many tickets there are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, case, func, select, text, tuple_, union_all, update

from app.store.dialect import insert_new
from app.store.schema import leases, outbox, pings, preventions, seen, tickets

MOST = 100  # of one fault are counted: whoever is called needs no more
MOST_LATE = 1000  # waiting messages are looked at, the longest waiting first
LATE = timedelta(seconds=60)
SHOULD_LEAVE = timedelta(seconds=30)
STUCK = timedelta(minutes=5)
TOLD_AGAIN = timedelta(hours=6)
OUTBREAKS_APART = timedelta(minutes=10)
REPLICAS_APART = timedelta(minutes=2)  # how much later another process may notice the same


class Fault(StrEnum):
    """What can be wrong."""

    DATABASE = "database"
    """It does not answer."""
    CLOCK = "clock"
    """The clocks of this machine and of the database differ."""
    TIMERS_SILENT = "timers_silent"
    """No process looks after the timers."""
    TIMER_LATE = "timer_late"
    """Tickets whose clocks should have been looked at."""
    TIMER_MISSING = "timer_missing"
    """Open tickets that nobody will look at by themselves."""
    TIMER_LEFT = "timer_left"
    """Ended tickets that still have a timer."""
    PING_LATE = "ping_late"
    """Pings that should have gone on."""
    PING_WITHOUT_TIME = "ping_without_time"
    """Open pings that never go on."""
    PREVENTION_LATE = "prevention_late"
    """Preventive actions whose owner should have been reminded, or never will be."""
    DISPATCHER_SILENT = "dispatcher_silent"
    """No process sends messages."""
    MESSAGE_WAITING = "message_waiting"
    """Messages that should have left."""
    MESSAGE_HELD_BACK = "message_held_back"
    """Messages behind one that does not leave."""
    MESSAGE_ABANDONED = "message_abandoned"
    """Messages whose sender vanished."""
    PROMISE_UNWATCHED = "promise_unwatched"
    """Tickets whose targets end unnoticed: their timers are later, or passed without a trace."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How often a fault is there (at most `MOST` are counted), one example, and since when as far as that is known."""

    count: int
    example: str | None = None
    since: datetime | None = None


Findings = Mapping[Fault, Finding]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found; `fronts` are messages that others in the same conversation wait for, for too long."""

    findings: Findings
    fronts: frozenset[int] = frozenset()


def look(tx: Connection, now: datetime, fronts: frozenset[int]) -> Looked:
    """Look for everything the tables tell. `fronts` are those of the look before: one of them that still stands in
    front holds the others back, while in a conversation that is only busy the next has taken its place.
    """
    overdue = {"late": now - LATE}
    found = {fault: _found(tx.execute(statement, overdue).all()) for fault, statement in _ROWS.items()}
    found[Fault.MESSAGE_ABANDONED] = _found(tx.execute(_ABANDONED, overdue).all())
    late = tx.execute(_LATE_MESSAGES, {"late": now - SHOULD_LEAVE, "most": MOST_LATE}).all()
    stuck = _stuck(tx, late, now)
    found[Fault.MESSAGE_WAITING] = _found([row for row in stuck if row.front == row.id])
    held_back = [row for row in stuck if row.front != row.id]
    found[Fault.MESSAGE_HELD_BACK] = _found(
        [row for row in held_back if row.front in fronts], named=lambda row: str(row.front)
    )
    if tx.execute(_ANY_TIMER).first():
        found[Fault.TIMERS_SILENT] = _silent(tx, "timers", now)
    if any(row.front == row.id for row in late):
        found[Fault.DISPATCHER_SILENT] = _dispatcher(tx, now, late)
    there = {fault: finding for fault, finding in found.items() if finding}
    return Looked(there, frozenset(row.front for row in held_back))


def database_clock(tx: Connection) -> datetime | None:
    """The time by the database's own clock; None where it has none (SQLite)."""
    if tx.dialect.name == "sqlite":
        return None
    told: datetime = tx.execute(select(func.clock_timestamp())).scalar_one()
    return told.astimezone(UTC)


class Timed(NamedTuple):
    """A ticket as the deep look reckons with it: the plain columns, nothing worked out."""

    number: str
    line: str
    priority: str
    status: str
    created_at: datetime
    running_since: datetime | None
    responded_at: datetime | None
    waits: list[list[str | None]]
    fired: dict[str, int]
    next_at: datetime
    id: int


def sample(tx: Connection, before: tuple[datetime, int] | None, limit: int) -> list[Timed]:
    """Tickets with a timer, those that will be looked at last first: `before` is time and id the last sample ended
    with.
    """
    some = _TIMED
    if before is not None:
        some = some.where(tuple_(tickets.c.next_at, tickets.c.id) < tuple_(*before))
    rows = tx.execute(some.limit(limit)).all()
    return [Timed(f"{row.prefix}-{row.id}", **{name: getattr(row, name) for name in Timed._fields[1:]}) for row in rows]


def first_to_tell(tx: Connection, fault: Fault, *, began: datetime, now: datetime) -> bool:
    """Claim to tell people of a fault that lasts since `began`; of several processes one may, and again in 6 hours.

    A fault that comes and goes is told every ten minutes at most.
    """
    key = f"alarm:{fault.value}"
    if tx.execute(insert_new(tx.dialect.name, seen), {"key": key, "at": now}).rowcount == 1:
        return True
    told_at = tx.execute(select(seen.c.at).where(seen.c.key == key).with_for_update()).scalar_one()
    is_another = told_at < began - REPLICAS_APART and told_at <= now - OUTBREAKS_APART
    if not is_another and told_at > now - TOLD_AGAIN:
        return False
    tx.execute(update(seen).where(seen.c.key == key).values(at=now))
    return True


def _found(rows: Iterable[Row[Any]], named: Callable[[Row[Any]], str] | None = None) -> Finding | None:
    """The longest lasting comes first."""
    some = list(rows)
    if not some:
        return None
    first = some[0]
    example = named(first) if named else f"{first.prefix}-{first.id}" if "prefix" in first._fields else str(first.id)
    return Finding(min(len(some), MOST), example, first.since)


def _silent(tx: Connection, work: str, now: datetime) -> Finding | None:
    until = tx.execute(_SIGN_OF_LIFE, {"work": work}).scalar_one_or_none()
    return None if until is not None and until > now else Finding(1, None, until)


def _stuck(tx: Connection, late: Iterable[Row[Any]], now: datetime) -> list[Row[Any]]:
    """What has waited for too long, without what waits for its turn: it, or what it waits for, was not tried so far,
    and its conversation is taking others' messages.
    """
    overdue = [row for row in late if row.since < now - STUCK]
    if not overdue:
        return []
    takes_messages = set(tx.execute(_TARGETS_SENT_TO, {"late": now - LATE}).scalars())
    return [row for row in overdue if row.attempts or row.target not in takes_messages]


def _dispatcher(tx: Connection, now: datetime, late: Iterable[Row[Any]]) -> Finding | None:
    """Alone with its database a dispatcher needs no lease: whether it is at work shows in what it sent."""
    if tx.dialect.name != "sqlite":
        return _silent(tx, "dispatcher", now)
    fronts = [row.since for row in late if row.front == row.id]
    last = tx.execute(_LAST_SENT).scalar_one_or_none()
    is_silent = fronts[0] < now - LATE and (last is None or last < now - LATE)
    return Finding(1, None, last or fronts[0]) if is_silent else None


# the indexes are partial: their conditions must stand in a statement word for word, or the whole table is looked at
_HAS_TIMER = text("tickets.next_at IS NOT NULL")
_IS_FORGOTTEN = text(
    "tickets.next_at IS NULL AND (tickets.status IN ('new', 'in_progress')"
    " OR tickets.status = 'pending' AND tickets.pending_reason <> 'requester')"
)
_IS_LEFT = text("tickets.next_at IS NOT NULL AND tickets.status IN ('closed', 'withdrawn')")
_IS_ASKING = text("pings.state = 'open'")
_IS_UNDONE = text("preventions.done_at IS NULL")
_IS_WAITING = text("outbox.state = 'pending'")
_IS_SENDING = text("outbox.state = 'sending'")
_HAS_ENDED = text("outbox.state IN ('sent', 'dead', 'dropped')")
_IS_UNSENT_BEFORE = text("before.state IN ('pending', 'sending')")

_late: Any = bindparam("late")


def _of_ticket(since: Any) -> Select[Any]:
    return select(tickets.c.prefix, tickets.c.id, since.label("since"))


def _of_ping(condition: Any) -> Select[Any]:
    return (
        _of_ticket(func.coalesce(pings.c.due_at, pings.c.created_at, type_=pings.c.due_at.type))
        .join_from(pings, tickets, tickets.c.id == pings.c.ticket)
        .where(_IS_ASKING & condition)
        .order_by(pings.c.due_at, pings.c.id)
        .limit(MOST)
    )


def _of_prevention(since: Any, condition: Any) -> Select[Any]:
    return (
        _of_ticket(since)
        .join_from(preventions, tickets, tickets.c.id == preventions.c.ticket)
        .where(_IS_UNDONE & condition)
        .order_by(preventions.c.remind_at)
        .limit(MOST)
    )


_late_preventions = _of_prevention(preventions.c.remind_at, preventions.c.remind_at < _late).subquery()
_lost_preventions = _of_prevention(preventions.c.created_at, preventions.c.remind_at.is_(None)).subquery()
_ROWS: Mapping[Fault, Any] = {
    Fault.TIMER_LATE: _of_ticket(tickets.c.next_at)
    .where(_HAS_TIMER & (tickets.c.next_at < _late))
    .order_by(tickets.c.next_at)
    .limit(MOST),
    Fault.TIMER_MISSING: _of_ticket(tickets.c.updated_at).where(_IS_FORGOTTEN).order_by(tickets.c.id).limit(MOST),
    Fault.TIMER_LEFT: _of_ticket(tickets.c.updated_at).where(_IS_LEFT).order_by(tickets.c.id).limit(MOST),
    Fault.PING_LATE: _of_ping(pings.c.due_at < _late),
    Fault.PING_WITHOUT_TIME: _of_ping(pings.c.due_at.is_(None)),
    Fault.PREVENTION_LATE: union_all(select(_late_preventions), select(_lost_preventions)),
}
_ABANDONED: Any = (
    select(outbox.c.id, outbox.c.lease_until.label("since"))
    .where(_IS_SENDING & (outbox.c.lease_until < _late))
    .order_by(outbox.c.lease_until)
    .limit(MOST)
)
_waiting = (
    select(*(outbox.c[name] for name in ("id", "target", "flow", "ticket")), outbox.c.due_at.label("since"))
    .where(_IS_WAITING & (outbox.c.due_at < _late))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
    .subquery("waiting")
)
_before = outbox.alias("before")


def _first(of: str) -> Any:
    """The first unsent message of the same flow, or ticket, in the same conversation: the others wait for it."""
    same = (_before.c.target == _waiting.c.target) & (_before.c[of] == _waiting.c[of])
    return select(func.min(_before.c.id)).where(same & _IS_UNSENT_BEFORE).scalar_subquery()


_first_of_flow = _first("flow")
_first_of_ticket = func.coalesce(_first("ticket"), _first_of_flow)
_late_messages = select(
    *(_waiting.c[name] for name in ("id", "target", "since")),
    case((_first_of_ticket < _first_of_flow, _first_of_ticket), else_=_first_of_flow).label("front"),
).subquery("late_messages")
_in_front = outbox.alias("in_front")
_LATE_MESSAGES: Any = (
    select(_late_messages, _in_front.c.attempts)
    .join(_in_front, _in_front.c.id == _late_messages.c.front)
    .order_by(_late_messages.c.since, _late_messages.c.id)
)
_TARGETS_SENT_TO = (
    select(outbox.c.target).where((outbox.c.state == "sent") & _HAS_ENDED & (outbox.c.done_at > _late)).distinct()
)
_LAST_SENT = (
    select(outbox.c.done_at)
    .where((outbox.c.state == "sent") & _HAS_ENDED)
    .order_by(outbox.c.state.desc(), outbox.c.done_at.desc())
    .limit(1)
)
_ANY_TIMER = select(tickets.c.id).where(_HAS_TIMER).limit(1)
_SIGN_OF_LIFE = select(leases.c.until).where(leases.c.name == bindparam("work"))
_TIMED = (
    select(
        *(tickets.c[name] for name in ("id", "prefix", "line", "status", "created_at", "running_since")),
        *(tickets.c[name] for name in ("responded_at", "waits", "fired", "next_at")),
        func.coalesce(tickets.c.target_priority, tickets.c.priority).label("priority"),
    )
    .where(_HAS_TIMER)
    .order_by(tickets.c.next_at.desc(), tickets.c.id.desc())
)
