"""Who works for which line, as Teams told it last."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from app.store.dialect import insert_new, upsert
from app.store.schema import line_agents, line_rosters


class Agent(NamedTuple):
    """A member of a line: the directory's id of them (or Teams' own), and Teams' own."""

    person: str
    teams_id: str | None


_of_line = line_agents.c.line == bindparam("line")
_BY_ID = select(line_agents.c.line).where(_of_line & (line_agents.c.person == bindparam("person"))).exists()
_BY_TEAMS_ID = select(line_agents.c.line).where(_of_line & (line_agents.c.teams_id == bindparam("person"))).exists()
_IS_READ = select(line_rosters.c.line).where(line_rosters.c.line == bindparam("line")).exists()
_IS_LISTED = select(or_(_BY_ID, _BY_TEAMS_ID).label("listed"), _IS_READ.label("read"))

_in_that_line = line_agents.c.line == line_rosters.c.line
_EVERYWHERE = select(
    line_rosters.c.line,
    or_(
        select(line_agents.c.line).where(_in_that_line & (line_agents.c.person == bindparam("person"))).exists(),
        select(line_agents.c.line).where(_in_that_line & (line_agents.c.teams_id == bindparam("person"))).exists(),
    ).label("listed"),
)


def is_listed(tx: Connection, line: str, person: str) -> bool | None:
    """Whether somebody, by either id, works for the line; None where its roster was never read."""
    found = tx.execute(_IS_LISTED, {"line": line, "person": person}).one()
    return bool(found.listed) if found.read else None


def lines(tx: Connection, person: str) -> dict[str, bool]:
    """Every line whose roster is known, and whether somebody, by either id, works for it."""
    return {row.line: bool(row.listed) for row in tx.execute(_EVERYWHERE, {"person": person})}


def agents(tx: Connection, line: str) -> set[Agent]:
    """Everybody who works for the line."""
    of_line = select(line_agents.c.person, line_agents.c.teams_id).where(line_agents.c.line == line)
    return {Agent(row.person, row.teams_id) for row in tx.execute(of_line)}


def digests(tx: Connection) -> dict[str, str]:
    """What is written down of each line, by name."""
    return {row.line: row.digest for row in tx.execute(select(line_rosters.c.line, line_rosters.c.digest))}


def remove(tx: Connection, line: str, gone: Collection[Agent]) -> None:
    """These no longer work for the line."""
    theirs = (line_agents.c.line == line) & line_agents.c.person.in_([each.person for each in gone])
    tx.execute(delete(line_agents).where(theirs))


def add(tx: Connection, line: str, new: Iterable[Agent]) -> None:
    """These work for the line as well."""
    rows = [{"line": line, "person": each.person, "teams_id": each.teams_id} for each in new]
    if rows:
        tx.execute(insert_new(tx.dialect.name, line_agents), rows)


def note(tx: Connection, line: str, digest: str, *, read_at: datetime) -> None:
    """All of a reading is written down."""
    upsert(tx, line_rosters, {"line": line, "digest": digest, "read_at": read_at}, key=("line",))


def strike_out(tx: Connection, lines: Collection[str], ids: Collection[str]) -> None:
    """Whoever has one of these ids works for none of the lines any more; the next reading is written down whole."""
    by_id = or_(line_agents.c.person.in_(list(ids)), line_agents.c.teams_id.in_(list(ids)))
    tx.execute(delete(line_agents).where(line_agents.c.line.in_(list(lines)) & by_id))
    tx.execute(update(line_rosters).where(line_rosters.c.line.in_(list(lines))).values(digest=""))
