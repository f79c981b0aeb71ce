"""`ticketbot bindings`: which channels lines were bound to from inside Teams, by whom, and what became of it."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection

from app.cli.unit import in_database
from app.settings import Settings
from app.store import bindings, people
from app.store.bindings import Binding

PAGE = 200


def listed(settings: Settings) -> Iterator[tuple[object, ...]]:
    """The cells of each binding, oldest first; the first row names the columns."""
    yield ("id", "line", "channel", "team", "bound", "by", "state")
    after = 0
    while page := in_database(settings, partial(_page, after=after), changes=False):
        yield from (cells for _, cells in page)
        after = page[-1][0]


def _page(tx: Connection, *, after: int) -> list[tuple[int, tuple[object, ...]]]:
    rows = bindings.page(tx, after=after, limit=PAGE)
    known = people.named(tx, {each for row in rows for each in (row.bound_by, row.ended_by) if each})
    names = {id: row.name for id, row in known.items()}
    return [(row.id, _cells(row, names)) for row in rows]


def _cells(row: Binding, names: dict[str, str]) -> tuple[object, ...]:
    channel, team = (f"{name} ({id})" if name else id for id, name in _places(row))
    by = names.get(row.bound_by) or row.bound_by
    return row.id, row.line, channel, team, row.bound_at.isoformat(timespec="seconds"), by, _state(row, names)


def _places(row: Binding) -> Iterator[tuple[str, str | None]]:
    yield from ((row.channel, row.channel_name), (row.team, row.team_name))


def _state(row: Binding, names: dict[str, str]) -> str:
    if row.ended_at is None:
        return "holds"
    what, by = "undone" if row.undone else "replaced", names.get(row.ended_by or "") or row.ended_by
    return f"{what} by {by} at {row.ended_at.isoformat(timespec='seconds')}"
