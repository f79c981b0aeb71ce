"""Who somebody is to a ticket."""

import re
from dataclasses import dataclass
from enum import StrEnum

from app.domain.ticket import Ticket


class Role(StrEnum):
    """What somebody may be to one ticket; one person can be several."""

    REQUESTER = "requester"
    AGENT = "agent"
    RECEIVER = "receiver"
    PINGED = "pinged"
    """Asked by a ping to look after the ticket, whatever line they belong to."""


class Availability(StrEnum):
    """How Teams shows somebody at the moment."""

    AVAILABLE = "available"
    BUSY = "busy"
    IN_CALL = "in_call"
    DO_NOT_DISTURB = "do_not_disturb"
    AWAY = "away"
    OFFLINE = "offline"
    OUT_OF_OFFICE = "out_of_office"


DIRECTORY_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def canonical(person_id: str) -> str:
    """The id as we compare it: a directory's object id is the same in capitals; Teams' own ids are not."""
    return person_id.lower() if DIRECTORY_ID.fullmatch(person_id) else person_id


DESK = "desk"
"""The actor of what the desk does by itself: an escalation, a missed promise."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as cards show them. `teams_id` is the id that mentions use, `email` the one that chat links use;
    `department` and `site` are what the company's directory says.
    """

    id: str
    name: str
    teams_id: str | None = None
    email: str | None = None
    department: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and for which lines they are an agent: the only thing rights are decided on."""

    id: str
    name: str
    language: str
    lines: frozenset[str] = frozenset()
    is_admin: bool = False
    teams_id: str | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids a desk file may name them by, and which are therefore those of whoever was asked."""
        return frozenset({self.id, self.teams_id or self.id})


def roles(actor: Actor, ticket: Ticket) -> frozenset[Role]:
    """Everything the actor's lines make them to this ticket; empty for a stranger."""
    found = set()
    if actor.id == ticket.requester:
        found.add(Role.REQUESTER)
    if ticket.line in actor.lines:
        found.add(Role.AGENT)
    if ticket.offer and ticket.offer.line in actor.lines:
        found.add(Role.RECEIVER)
    return frozenset(found)
