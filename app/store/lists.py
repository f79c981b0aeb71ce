"""Tickets along their indexes: a few columns of each, in order, from where the last page ended.

A mark is what a list is ordered by, and the id. A later page is asked for in two steps, because SQLite follows an index
for `priority = ? AND id > ?` but not for the pair: a deep page would walk over everything before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, select, text

from app.domain.priority import Priority
from app.store.schema import tickets
from app.store.values import columns_of

Mark = tuple[Any, int]


class ListedTicket(NamedTuple):
    """What it takes to know whether a ticket belongs into a list, and where."""

    id: int
    line: str
    priority: str
    category: str
    status: str
    assignee: str | None
    is_pinged: bool
    due_at: datetime | None
    resolved_at: datetime | None
    confidential: bool
    offer_line: str | None


_WALKED: Select[Any] = select(*columns_of(tickets, ListedTicket))

# the indexes are partial: their conditions must stand in the statements word for word
_IS_OPEN = text("tickets.status IN ('new', 'in_progress', 'pending')")
_OF_NOBODY = text("tickets.assignee IS NULL AND tickets.status IN ('new', 'in_progress', 'pending')")
_OF_SOMEBODY = text("tickets.assignee IS NOT NULL AND tickets.status IN ('new', 'in_progress', 'pending')")
_IS_PROMISED = text("tickets.due_at IS NOT NULL")
_IS_RESOLVED = text("tickets.resolved_at IS NOT NULL")


def of_requester(tx: Connection, person: str, *, before: int | None, limit: int) -> Sequence[ListedTicket]:
    """The person's tickets, newest first; `before` is the id the last page ended with."""
    mine: Select[Any] = _WALKED.where(tickets.c.requester == person)
    if before is not None:
        mine = mine.where(tickets.c.id < before)
    return _listed(tx, mine.order_by(tickets.c.id.desc()).limit(limit))


def of_line(
    tx: Connection, line: str, *, after: Mark | None, limit: int, priority: Priority | None = None
) -> Sequence[ListedTicket]:
    """The line's open tickets, most urgent and oldest first."""
    return _by_priority(tx, (tickets.c.line == line) & _IS_OPEN, after, limit, priority)


def unassigned(
    tx: Connection, line: str, *, after: Mark | None, limit: int, priority: Priority | None = None
) -> Sequence[ListedTicket]:
    """The line's open tickets that nobody has, most urgent and oldest first."""
    return _by_priority(tx, (tickets.c.line == line) & _OF_NOBODY, after, limit, priority)


def of_assignee(
    tx: Connection, person: str, *, after: Mark | None, limit: int, priority: Priority | None = None
) -> Sequence[ListedTicket]:
    """The person's open tickets on any line, most urgent and oldest first."""
    return _by_priority(tx, (tickets.c.assignee == person) & _OF_SOMEBODY, after, limit, priority)


def due(tx: Connection, line: str, *, until: datetime, after: Mark | None, limit: int) -> Sequence[ListedTicket]:
    """The line's tickets with a promise that is used up by then, the first to be so first."""
    if after and after[0] > until:
        return []
    of = (tickets.c.line == line) & _IS_PROMISED
    return _in_order(tx, of, _Order(tickets.c.due_at, within=tickets.c.due_at <= until), after, limit)


def resolved(tx: Connection, line: str, *, since: datetime, after: Mark | None, limit: int) -> Sequence[ListedTicket]:
    """What the line resolved since then, the latest first."""
    if after and after[0] < since:
        return []
    of, within = (tickets.c.line == line) & _IS_RESOLVED, tickets.c.resolved_at >= since
    return _in_order(tx, of, _Order(tickets.c.resolved_at, within, latest_first=True), after, limit)


def offered_to(tx: Connection, line: str, *, after: int = 0, limit: int) -> Sequence[ListedTicket]:
    """Hand-overs waiting for the line, oldest first, from behind the ticket `after`."""
    waiting: Select[Any] = _WALKED.where((tickets.c.offer_line == line) & (tickets.c.id > after))
    return _listed(tx, waiting.order_by(tickets.c.id).limit(limit))


def _listed(tx: Connection, which: Select[Any]) -> list[ListedTicket]:
    return [ListedTicket._make(row) for row in tx.execute(which)]


def _by_priority(
    tx: Connection, of: ColumnElement[bool], after: Mark | None, limit: int, priority: Priority | None
) -> Sequence[ListedTicket]:
    if priority is None:
        return _in_order(tx, of, _Order(tickets.c.priority), after, limit)
    only: Select[Any] = _WALKED.where(of & (tickets.c.priority == priority.value))
    if after and after[0] == priority:
        only = only.where(tickets.c.id > after[1])
    return _listed(tx, only.order_by(tickets.c.id).limit(limit))


@dataclass(frozen=True, slots=True)
class _Order:
    """What tickets are ordered by; `within` bounds it, and the mark of a page is within it."""

    by: ColumnElement[Any]
    within: ColumnElement[bool] | None = None
    latest_first: bool = False


def _in_order(
    tx: Connection, of: ColumnElement[bool], order: _Order, after: Mark | None, limit: int
) -> Sequence[ListedTicket]:
    by, within, latest_first = order.by, order.within, order.latest_first
    columns = (by, tickets.c.id)
    ordered: Select[Any] = _WALKED.where(of).order_by(*(each.desc() if latest_first else each for each in columns))
    bounded = ordered if within is None else ordered.where(within)
    if after is None:
        return _listed(tx, bounded.limit(limit))
    value, last = after
    same = ordered.where((by == value) & (tickets.c.id < last if latest_first else tickets.c.id > last))
    rows = _listed(tx, same.limit(limit))
    if len(rows) < limit:
        further = bounded.where(by < value if latest_first else by > value)
        rows += _listed(tx, further.limit(limit - len(rows)))
    return rows
