"""A ticket's whole history for readers: names stand where ids are written down."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row

from app.desk.model import Desk
from app.domain.escalation import ROLES
from app.domain.events import PING_SENT, PING_UNDELIVERED, PREVENTION_OWED
from app.domain.explanation import Change, Happened
from app.services import views
from app.store import history

PAGE = 200
_LINES = ("to", "from", "line", "offer_ended")
_PEOPLE = ("owner", "assignee")
_ABOUT_PEOPLE = frozenset({PING_SENT, PING_UNDELIVERED, PREVENTION_OWED})


def of_ticket(tx: Connection, desk: Desk, ticket_id: int) -> tuple[Happened, ...]:
    """Everything that happened to it, in order."""
    return tuple(_happened(tx, desk, row) for row in _rows(tx, ticket_id))


def _rows(tx: Connection, ticket_id: int) -> Iterator[Row[Any]]:
    after = 0
    while page := history.whole(tx, ticket_id, after=after, limit=PAGE):
        yield from page
        after = page[-1].id


def _happened(tx: Connection, desk: Desk, row: Row[Any]) -> Happened:
    """One entry; a ticket as it was raised has no property that changed."""
    told = {name: value for name, value in row.data.items() if name not in ("old", "new")}
    old, new = row.data.get("old", {}), row.data.get("new", {})
    if not old:
        told |= new
    return Happened(
        at=row.at,
        code=row.code,
        actor=views.actor_of(desk, row),
        data=_named(tx, desk, told, row.code),
        changes=tuple(_change(tx, desk, name, old.get(name), new[name]) for name in new) if old else (),
    )


def _change(tx: Connection, desk: Desk, name: str, old: Any, new: Any) -> Change:
    before, after = (_name(tx, desk, name, value) for value in (old, new))
    return Change(name, before, after)


def _named(tx: Connection, desk: Desk, data: Mapping[str, Any], code: str) -> dict[str, Any]:
    named = {name: _name(tx, desk, name, value) for name, value in data.items()}
    if code in _ABOUT_PEOPLE:
        for whom in {"to", "absent"} & set(data):
            named[whom] = tuple(views.person(tx, each) for each in data[whom])
    if "tell" in data:
        named["tell"] = tuple(who if who in ROLES else views.person(tx, who) for who in data["tell"])
    return named


def _name(tx: Connection, desk: Desk, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _LINES:
        return views.line_view(desk, value)
    if name in _PEOPLE:
        return views.person(tx, value)
    return views.category_label(desk, value) if name == "category" else value
