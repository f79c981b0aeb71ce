"""Who works for a line: whom the desk file names, else whom Teams told last (kept by `bot/directory/rosters.py`).

Of a line whose roster was never read nobody knows it: whoever was given something there keeps it.
"""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from app.desk.model import Desk, Line
from app.domain.people import DIRECTORY_ID, Actor
from app.store import people, rosters
from app.store.rosters import Agent as Agent
from app.store.rosters import digests as digests
from app.store.rosters import strike_out as strike_out

AT_ONCE = 200
"""So many people are written down in one piece: a team may have thousands, and clicks would wait behind them."""


def named_in(line: Line) -> tuple[str, ...]:
    """Whom the desk file makes an agent: those it lists, and whoever answers for the line, in its team or not."""
    answerable = (each for each in (line.lead, line.deputy) if each)
    return (*line.agents, *line.people, *answerable)


def has_own_list(line: Line) -> bool:
    """Whether the desk file lists the line's agents, so that no team's members are."""
    return bool(line.agents or line.people)


def ids_of(tx: Connection, person: str) -> frozenset[str]:
    """The ids a desk file may know somebody by, of whom one is known."""
    known = people.find(tx, person)
    return frozenset(each for each in (person, known and known.id, known and known.teams_id) if each)


def is_agent(tx: Connection, desk: Desk, line_id: str, person: str) -> bool:
    """Whether somebody works for the line, or may still: see above."""
    line = desk.lines.get(line_id)
    if line is None:
        return False
    named = named_in(line)
    if person in named or (_names_by_teams_id(named) and not ids_of(tx, person).isdisjoint(named)):
        return True
    return not has_own_list(line) and rosters.is_listed(tx, line_id, person) is not False


def _names_by_teams_id(named: Collection[str]) -> bool:
    return any(not DIRECTORY_ID.fullmatch(each) for each in named)


def as_actor(tx: Connection, desk: Desk, person: str, language: str = "") -> Actor:
    """Somebody with the lines they work for by what is known without asking Teams: for what is sent to them, and for
    what they do where they may not wait for Teams.
    """
    known = people.find(tx, person)
    own, teams_id = (known.id, known.teams_id) if known else (person, None)
    ids = frozenset({person, own, teams_id or own})
    listed = rosters.lines(tx, own)
    lines = frozenset(
        line.id
        for line in desk.lines.values()
        if not ids.isdisjoint(named_in(line)) or (not has_own_list(line) and listed.get(line.id, True))
    )
    is_admin = not ids.isdisjoint(desk.admins)
    return Actor(own, known.name if known else "", language, lines, is_admin=is_admin, teams_id=teams_id)


def digest_of(agents: Collection[Agent]) -> str:
    """The name of a reading: another one for other people."""
    told = "\n".join(sorted(f"{each.person} {each.teams_id or ''}" for each in agents))
    return sha256(told.encode()).hexdigest()[:32]


def keep_some(tx: Connection, line: str, agents: Collection[Agent], *, now: datetime) -> tuple[frozenset[str], bool]:
    """Write down some of what a line's roster says now; to be called again until all of it is.

    Returned are the ids of those who left, and whether all is written down.
    """
    stored = rosters.agents(tx, line)
    gone = [each for each in stored if each not in agents][:AT_ONCE]
    rosters.remove(tx, line, gone)
    new = [each for each in agents if each not in stored]
    rosters.add(tx, line, new[:AT_ONCE])
    still = {each.person for each in agents}
    left = frozenset(id for each in gone if each.person not in still for id in each if id)
    is_whole = len(gone) < AT_ONCE and len(new) <= AT_ONCE
    if is_whole:
        rosters.note(tx, line, digest_of(agents), read_at=now)
    return left, is_whole
