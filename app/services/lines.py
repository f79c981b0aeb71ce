"""Which channel a line works in: named in the desk file, or bound from inside Teams."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain.errors import DomainError
from app.store import people

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line works."""

    line: str
    channel: str
    team: str | None


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


class OnlyOwnersBind(DomainError):
    """Binding decides who may see a line's tickets."""

    key = "error.only_owners_bind"


class OnlyAdminsMove(DomainError):
    """A line that works in one team is not drawn into another by that one's owner."""

    key = "error.only_admins_move"


def places(tx: Connection, desk: Desk) -> tuple[Place, ...]:
    """Every line that has a channel. What the desk file names counts; a binding fills in where it is silent."""
    bound = {row.line: row for row in people.bound(tx)}
    found = []
    for line in desk.lines.values():
        if line.channel:
            found.append(Place(line.id, line.channel, line.team))
        elif row := bound.get(line.id):
            found.append(Place(line.id, row.channel, line.team or row.team))
    return tuple(found)


def bind(
    tx: Connection, desk: Desk, line: str, *, channel: str, team: str, by: str, may_move: bool, now: datetime
) -> None:
    """Let the line work in this channel from now on; raise a `DomainError` when it cannot.

    `may_move`: an admin may draw a line out of the team it works in; a team's owner may not.
    """
    known = desk.lines.get(line)
    if known is None:
        raise UnknownLine(line=line[:LONGEST_NAME], lines=", ".join(desk.lines))
    if known.channel:
        raise ChannelInDeskFile(line=line)
    others = places(tx, desk)
    taken_by = next((place.line for place in others if place.channel == channel), line)
    if taken_by != line:
        raise ChannelTaken(line=taken_by)
    if not may_move and any(place.line == line and place.team != team for place in others):
        raise OnlyAdminsMove(line=line)
    people.bind(tx, line, channel=channel, team=team, by=by, now=now)
