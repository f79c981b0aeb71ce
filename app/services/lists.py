"""Pages of tickets. Every list goes along an index and knows only where the last page ended."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from app.desk.model import Desk
from app.domain import views as shown
from app.domain.people import Actor
from app.services.views import line_view
from app.store import tickets

PAGE = 8


def my_tickets(tx: Connection, desk: Desk, actor: Actor, after: str | None) -> shown.Page:
    """The actor's own tickets, newest first. A mark that is not one of ours starts from the beginning."""
    before = int(after) if after and after.isdecimal() and len(after) < 16 else None
    rows = tickets.of_requester(tx, actor.id, before=before, limit=PAGE + 1)
    return _page(desk, rows, lambda last: str(last.id))


def queue(tx: Connection, desk: Desk, line: str, after: str | None) -> shown.Page:
    """The line's open tickets, most urgent and oldest first; what is offered to it stands on top of the first page."""
    mark = _queue_mark(after)
    offered = tickets.offered_to(tx, line, limit=PAGE) if mark is None else []
    rows = tickets.of_line(tx, line, after=mark, limit=PAGE + 1)
    page = _page(desk, rows, lambda last: f"{last.priority}.{last.id}")
    return shown.Page(tuple(_row(desk, row) for row in offered) + page.rows, page.after)


def _queue_mark(after: str | None) -> tuple[str, int] | None:
    priority, _, number = (after or "").partition(".")
    known = priority in {"P1", "P2", "P3", "P4"} and number.isdecimal() and len(number) < 16
    return (priority, int(number)) if known else None


def _page(desk: Desk, rows: Sequence[Row[Any]], mark: Any) -> shown.Page:
    full = len(rows) > PAGE
    kept = rows[:PAGE]
    return shown.Page(tuple(_row(desk, row) for row in kept), mark(kept[-1]) if full else None)


def _row(desk: Desk, row: Row[Any]) -> shown.Row:
    return shown.Row(
        id=row.id,
        number=f"{row.prefix}-{row.id}",
        title=row.title,
        status=row.status,
        priority=row.priority,
        line=line_view(desk, row.line),
        requester=row.requester_name or "",
        assignee=row.assignee_name if row.assignee else None,
        updated_at=row.updated_at,
        confidential=row.confidential,
    )
