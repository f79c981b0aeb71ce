"""Whom a step of the policy tells and a ping asks, in which order: the people of roles, as they are now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.domain import escalation
from app.domain.escalation import ADMIN, ASSIGNEE, DEPUTY, LINE, MANAGER, Policy
from app.domain.people import DESK, Person
from app.domain.ticket import Ticket

CHAIN = (DEPUTY, MANAGER, ADMIN)
"""Who is asked after those that were told first (interface: "Next in a ping chain")."""
STAGES = range(len(CHAIN) + 1)
MANAGER_STAGE = CHAIN.index(MANAGER) + 1


@dataclass(frozen=True, slots=True)
class Directory:
    """What the company's directory said just now: people's managers, and who is absent."""

    managers: Mapping[str, Person] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


NOBODY_KNOWN = Directory()


@dataclass(frozen=True, slots=True)
class LineContacts:
    """Whom the desk file names for a line: who answers for it, the first to be asked first, and the desk's admins."""

    answerable: tuple[str, ...]
    deputy: str | None
    manager: str | None
    admins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Everybody whom a ping about a ticket can ask, as ticket, desk file and directory are now."""

    ticket: Ticket
    contacts: LineContacts
    directory: Directory = NOBODY_KNOWN

    @property
    def asks_directory(self) -> bool:
        """Whether no manager is named for the line, so that the company's directory is asked.

        Of a confidential ticket nobody is told whom the desk file does not name: it may be about that very manager.
        """
        return not self.ticket.confidential and not self.contacts.manager

    def people_at(self, tell: Sequence[str], stage: int) -> list[str]:
        """Whom one stage asks: stage 0 those who are told, then deputy, manager and admins."""
        roles = tell if stage == 0 else (CHAIN[stage - 1],)
        people = [person for role in roles for person in self.people_of(role, is_told=stage == 0)]
        return list(dict.fromkeys(people))

    def people_of(self, role: str, *, is_told: bool = True) -> Sequence[str]:
        """The people of a role on this ticket.

        Where somebody has to be told, a role that nobody has falls to the next above it: the manager is the one named
        for the line, else the directory's, else the lead, else an admin.
        """
        named = self.contacts
        match role:
            case escalation.ASSIGNEE:
                return (self.ticket.assignee,) if self.ticket.assignee else ()
            case escalation.LINE:
                return ()
            case escalation.LEAD:
                return named.answerable[:1] or named.admins
            case escalation.DEPUTY:
                return (named.deputy,) if named.deputy else ()
            case escalation.MANAGER:
                manager = named.manager or self._manager_in_directory()
                if manager or not is_told:
                    return (manager,) if manager else ()
                return named.answerable[:1] or named.admins
            case escalation.ADMIN:
                return named.admins
            case _:
                return (role,)

    def _manager_in_directory(self) -> str | None:
        """Not the requester themselves: it is not for them what agents say among themselves."""
        known = self.directory.managers.get(self.ticket.assignee or self.ticket.requester)
        is_asked = self.asks_directory and known is not None and known.id != self.ticket.requester
        return known.id if known and is_asked else None


class Addressed(NamedTuple):
    """Whom a step of the policy tells: the line, in the ticket's thread, and those who are pinged."""

    is_line_told: bool
    pinged: tuple[str, ...]


def addressed(tell: Sequence[str], ticket: Ticket) -> Addressed:
    """The line hears it where it is told, also in the place of an assignee who does not exist yet: somebody there has
    to take the ticket.
    """
    nobody_has_it = ticket.assignee is None
    to_line = {LINE, ASSIGNEE} if nobody_has_it else {LINE}
    return Addressed(not to_line.isdisjoint(tell), tuple(who for who in tell if who not in to_line))


class Standing(NamedTuple):
    """Whom a ping is about to ask, and how far it has come; `by` is who asks by it."""

    tell: Sequence[str]
    stage: int = -1
    loop: int = 0
    by: str = DESK


class Question(NamedTuple):
    """Who is asked next, in which stage of which round."""

    stage: int
    loop: int
    people: list[str]


def next_question(standing: Standing, chain: Chain, policy: Policy) -> Question | None:
    """Who is asked next; None when everybody was asked as often as the policy wants.

    Nobody is told about their own action.
    """
    first, loop = standing.stage + 1, standing.loop
    while loop < policy.loops:
        asked_before = {standing.by}
        for stage in STAGES:
            people = chain.people_at(standing.tell, stage)
            fresh = [person for person in people if person not in asked_before]
            if fresh and stage >= first:
                return Question(stage, loop, fresh)
            asked_before.update(people)
        if asked_before == {standing.by}:
            return None
        first, loop = 0, loop + 1
    return None
