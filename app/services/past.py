"""A ticket's whole history for readers: with the names of everybody and everything it mentions."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.events import UNCHANGED
from app.domain.explanation import Change, Happened, Names, PropertyValue
from app.domain.telling import LineName, PersonName, Value, names_in
from app.services import views
from app.store import history
from app.store.history import StoredEvent

PAGE = 200


def of_ticket(tx: Connection, desk: Desk, ticket_id: int) -> tuple[Happened, ...]:
    """Everything that happened to it, in order."""
    return tuple(_happened(tx, desk, row) for row in _rows(tx, ticket_id))


def _rows(tx: Connection, ticket_id: int) -> Iterator[StoredEvent]:
    after = 0
    while page := history.whole(tx, ticket_id, after=after, limit=PAGE):
        yield from page
        after = page[-1].id


def _happened(tx: Connection, desk: Desk, row: StoredEvent) -> Happened:
    return Happened(
        at=row.at,
        code=row.code,
        actor=views.actor_of(desk, row),
        data=row.data,
        changes=tuple(_changes(tx, desk, row)),
        names=_names(tx, desk, [*row.data.sentence_values().values(), *row.data.details()]),
    )


def _names(tx: Connection, desk: Desk, values: Iterable[Value]) -> Names:
    """The names of those whom an entry mentions."""
    mentioned = dict.fromkeys(names_in(values))
    return Names(
        people={each.id: views.person(tx, each.id) for each in mentioned if isinstance(each, PersonName)},
        lines={each.id: views.line_view(desk, each.id) for each in mentioned if isinstance(each, LineName)},
    )


def _changes(tx: Connection, desk: Desk, row: StoredEvent) -> Iterator[Change]:
    old, new = row.changes.old, row.changes.new
    for name in row.changes.names:
        yield Change(name, *(_named(tx, desk, name, getattr(side, name)) for side in (old, new)))


def _named(tx: Connection, desk: Desk, name: str, value: object) -> PropertyValue:
    match name:
        case _ if value is None or value is UNCHANGED:
            return None
        case "line":
            return views.line_view(desk, str(value))
        case "assignee":
            return views.person(tx, str(value))
        case "category":
            return views.category_label(desk, str(value))
        case _:
            return str(value)
