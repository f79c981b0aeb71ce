"""Which channel a line works in: named in the desk file, or bound from inside Teams by whoever answers for the line."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.errors import DomainError, NotFound
from app.domain.people import Actor
from app.store import bindings, people
from app.store.bindings import Binding

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line works."""

    line: str
    channel: str
    team: str | None


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of a team, with the names that Teams says."""

    id: str
    team: str
    name: str | None = None
    team_name: str | None = None


class UnknownLine(DomainError):
    """The desk file has no line of this name."""

    key = "error.unknown_line"


class ChannelInDeskFile(DomainError):
    """The desk file already says where the line works, and it is what counts."""

    key = "error.channel_in_desk_file"


class ChannelTaken(DomainError):
    """Another line works in this channel."""

    key = "error.channel_taken"


class NotAChannel(DomainError):
    """A line is bound where its team talks, not in a chat."""

    key = "error.bind_in_channel"


class OnlyLeadsBind(DomainError):
    """Binding decides who may see a line's tickets."""

    key = "error.only_leads_bind"


class OnlyAdminsMove(DomainError):
    """Whoever answers for a line does not draw it out of the team it works in: others would be its agents."""

    key = "error.only_admins_move"


class BoundAlready(DomainError):
    """The line works in this channel."""

    key = "error.bound_already"


class NothingBound(DomainError):
    """No channel was bound to the line."""

    key = "error.nothing_bound"


@dataclass(frozen=True, slots=True)
class Change:
    """A binding that was made, or `undone`. The line left `left` (None: it worked nowhere) and works in `now_in`."""

    binding: int
    line: str
    left: str | None
    now_in: str | None
    undone: bool = False


def places(tx: Connection, desk: Desk) -> tuple[Place, ...]:
    """Every line that has a channel. What the desk file names counts; a binding fills in where it is silent."""
    bound = {row.line: row for row in bindings.held(tx)}
    named = {line.channel for line in desk.lines.values() if line.channel}
    found = []
    for line in desk.lines.values():
        if line.channel:
            found.append(Place(line.id, line.channel, line.team))
        elif (row := bound.get(line.id)) and row.channel not in named:
            found.append(Place(line.id, row.channel, line.team or row.team))
    return tuple(found)


def may_bind(desk: Desk, actor: Actor, line: str) -> bool:
    """Whether the actor answers for the line: its lead, its deputy, or an admin."""
    known = desk.lines.get(line)
    return actor.is_admin or (known is not None and not actor.ids.isdisjoint({known.lead, known.deputy}))


def may_bind_any(desk: Desk, actor: Actor) -> bool:
    """Whether there is a line that the actor answers for."""
    return any(may_bind(desk, actor, line) for line in desk.lines)


def bind(tx: Connection, desk: Desk, line: str, channel: Channel, actor: Actor, now: datetime) -> Change:
    """Let the line work in this channel from now on; raise a `DomainError` when it cannot.

    An admin may draw a line out of the team it works in; its lead and deputy may not.
    """
    _check_may_bind(desk, line, actor)
    bindings.lock(tx)
    known = places(tx, desk)
    taken_by = next((place.line for place in known if place.channel == channel.id), line)
    if taken_by != line:
        raise ChannelTaken(line=taken_by)
    before = next((place for place in known if place.line == line), None)
    if before and before.channel == channel.id:
        raise BoundAlready(line=desk.lines[line].name.text(actor.language))
    if before and before.team != channel.team and not actor.is_admin:
        raise OnlyAdminsMove(line=line)
    former = bindings.of_line(tx, line)
    if former:
        bindings.end(tx, former.id, by=actor.id, now=now, undone=False)
    row = {"line": line, "channel": channel.id, "team": channel.team, "bound_by": actor.id, "bound_at": now}
    row |= {"channel_name": channel.name, "team_name": channel.team_name, "former": former.id if former else None}
    return Change(bindings.add(tx, row), line, before.channel if before else None, channel.id)


def _check_may_bind(desk: Desk, line: str, actor: Actor) -> None:
    if not may_bind_any(desk, actor):
        raise OnlyLeadsBind
    if line not in desk.lines:
        raise UnknownLine(line=line[:LONGEST_NAME], lines=", ".join(desk.lines))
    if not may_bind(desk, actor, line):
        raise OnlyLeadsBind
    if desk.lines[line].channel:
        raise ChannelInDeskFile(line=line)


def unbind(tx: Connection, desk: Desk, line: str, actor: Actor, now: datetime) -> Change:
    """Undo what the line was bound to last; raise a `DomainError` where there is nothing to undo for the actor."""
    _check_may_bind(desk, line, actor)
    bindings.lock(tx)
    held = bindings.of_line(tx, line)
    if held is None:
        raise NothingBound(line=desk.lines[line].name.text(actor.language))
    return _undo(tx, desk, held, actor, now)


def undo(tx: Connection, desk: Desk, binding: int, actor: Actor, now: datetime) -> Change | None:
    """Undo this binding; None where it holds no longer: it was undone before, or the line was bound anew.

    Raises `NotFound` for whoever may not bind the line, and `ChannelInDeskFile` where the desk file decides by now.
    """
    bindings.lock(tx)
    row = bindings.find(tx, binding)
    if row is None or not may_bind(desk, actor, row.line):
        raise NotFound
    if row.ended_at is not None:
        return None
    _check_may_bind(desk, row.line, actor)
    return _undo(tx, desk, row, actor, now)


def _undo(tx: Connection, desk: Desk, row: Binding, actor: Actor, now: datetime) -> Change:
    """The former binding holds again, unless its channel is another line's by now or the bot was removed from there."""
    bindings.end(tx, row.id, by=actor.id, now=now, undone=True)
    former = bindings.find(tx, row.former) if row.former else None
    if former is None or _is_lost(tx, desk, former):
        return Change(row.id, row.line, row.channel, None, undone=True)
    bindings.resume(tx, former.id)
    return Change(row.id, row.line, row.channel, former.channel, undone=True)


def _is_lost(tx: Connection, desk: Desk, former: Binding) -> bool:
    is_anothers = any(place.channel == former.channel for place in places(tx, desk))
    return is_anothers or people.is_removed(tx, (former.channel, former.team))
