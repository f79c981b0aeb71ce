"""Whom a ping asks, and for how long: the people of the roles that a policy names, as the desk has them now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Row

from app.desk.model import Desk
from app.domain import escalation
from app.domain.changing import changed
from app.domain.clocks import Clock, promises
from app.domain.escalation import ADMIN, DEPUTY, MANAGER
from app.domain.people import DESK, Person
from app.domain.ticket import OPEN, Ticket
from app.store import pings

NUDGE, NOTIFY_MANAGER, COUNT = "nudge", "notify_manager", "count"
CHAIN = (DEPUTY, MANAGER, ADMIN)
"""Who is asked after those that were told first (interface: "Next in a ping chain")."""


@dataclass(frozen=True, slots=True)
class Directory:
    """What the company's directory said just now: people's managers, and who is absent."""

    managers: Mapping[str, Person] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


NOBODY_KNOWN = Directory()


def asks_directory(desk: Desk, ticket: Ticket, line: str) -> bool:
    """Whether no manager is named for the line, so that the company's directory is asked.

    Of a confidential ticket nobody is told whom the desk file does not name: it may be about that very manager.
    """
    known = desk.lines.get(line)
    return not ticket.confidential and not (known and known.manager)


class Standing(NamedTuple):
    """Whom a ping is about to ask, and how far it has come; `by` is who asks by it."""

    line: str
    tell: Sequence[str]
    stage: int = -1
    loop: int = 0
    by: str = DESK


def standing(desk: Desk, row: Row[Any], ticket: Ticket, by: str) -> Standing:
    """How far a stored ping has come; where somebody else has the ticket now, it asks those first who are told, and
    where nobody it asked last is named any more, those whom the policy names in their place.
    """
    stage = row.stage
    if has_new_assignee(ticket, row):
        stage = -1
    elif row.now_asked and not still_asked(desk, ticket, row):
        stage -= 1
    return Standing(row.line, row.tell, stage, row.loop, by)


def still_asked(desk: Desk, ticket: Ticket, row: Row[Any]) -> list[str]:
    """Whom the ping reminds: of those it asked last whoever the policy still names."""
    if has_new_assignee(ticket, row):
        return []
    return [each for each in row.now_asked if is_named(desk, ticket, row, {each})]


def is_named(desk: Desk, ticket: Ticket, row: Row[Any], ids: Collection[str]) -> bool:
    """Whether the policy that the ping runs by names one of these ids, as the desk file and the ticket are now."""
    managers = row.managers if row.managers and asks_directory(desk, ticket, row.line) else ()
    stages = (people_at(desk, ticket, row.line, row.tell, stage, NOBODY_KNOWN) for stage in range(len(CHAIN) + 1))
    return any(each in ids for named in (managers, *stages) for each in named)


def still_asks(desk: Desk, ticket: Ticket, row: Row[Any], ids: Collection[str]) -> bool:
    """Whether the ping waits for somebody with these ids, whom it asked: for anybody, or for them as they said."""
    waits = row.state in (pings.OPEN, pings.EXHAUSTED) or (row.state == pings.ACKNOWLEDGED and row.ended_by in ids)
    return waits and is_needed(desk, ticket, row) and is_named(desk, ticket, row, ids)


def took_over(desk: Desk, ticket: Ticket, row: Row[Any], ids: Collection[str]) -> bool:
    """Whether somebody with these ids has the ticket because of this ping, and the policy still names them."""
    if row.state != pings.TAKEN_OVER or row.line != ticket.line or row.ended_by not in ids:
        return False
    if row.managers is None and asks_directory(desk, ticket, row.line):
        return True  # asked before it was written down whom the directory named
    return is_named(desk, changed(ticket, assignee=None), row, ids)


def has_new_assignee(ticket: Ticket, row: Row[Any]) -> bool:
    """Whether the ping asked whoever had the ticket, and somebody else has it now, whom it has not asked."""
    asks_assignee = escalation.ASSIGNEE in row.tell and row.stage == 0
    return asks_assignee and ticket.assignee is not None and ticket.assignee not in row.asked


def next_asked(
    desk: Desk, ticket: Ticket, ping: Standing, policy: escalation.Policy, directory: Directory
) -> tuple[int, int, list[str]] | None:
    """Stage, loop and people that are asked next; None when everybody was asked as often as the policy wants.

    Nobody is told about their own action.
    """
    first, loop = ping.stage + 1, ping.loop
    while loop < policy.loops:
        asked_before = {ping.by}
        for stage in range(len(CHAIN) + 1):
            people = people_at(desk, ticket, ping.line, ping.tell, stage, directory)
            fresh = [person for person in people if person not in asked_before]
            if fresh and stage >= first:
                return stage, loop, fresh
            asked_before.update(people)
        if asked_before == {ping.by}:
            return None
        first, loop = 0, loop + 1
    return None


def people_at(
    desk: Desk, ticket: Ticket, line: str, tell: Sequence[str], stage: int, directory: Directory
) -> list[str]:
    """Whom one stage of the chain asks: stage 0 those who are told, then deputy, manager and admins."""
    roles = tell if stage == 0 else (CHAIN[stage - 1],)
    people = [person for role in roles for person in who_is(desk, ticket, line, role, directory, is_told=stage == 0)]
    return list(dict.fromkeys(people))


def who_is(
    desk: Desk, ticket: Ticket, line_id: str, role: str, directory: Directory, *, is_told: bool = True
) -> Sequence[str]:
    """The people of a role on this ticket.

    Where somebody has to be told, a role that nobody has falls to the next above it: the manager is the one named for
    the line, else the directory's, else the lead, else an admin.
    """
    line = desk.lines.get(line_id)
    named = line.answerable if line else ()
    match role:
        case escalation.ASSIGNEE:
            return (ticket.assignee,) if ticket.assignee else ()
        case escalation.LINE:
            return ()
        case escalation.LEAD:
            return named[:1] or desk.admins
        case escalation.DEPUTY:
            return (line.deputy,) if line and line.deputy else ()
        case escalation.MANAGER:
            asked = asks_directory(desk, ticket, line_id)
            theirs = directory.managers.get(ticket.assignee or ticket.requester) if asked else None
            if theirs and theirs.id == ticket.requester:  # not for them: what agents say among themselves
                theirs = None
            manager = (line and line.manager) or (theirs and theirs.id)
            if manager or not is_told:
                return (manager,) if manager else ()
            return named[:1] or desk.admins
        case escalation.ADMIN:
            return desk.admins
        case _:
            return (role,)


def is_needed(desk: Desk, ticket: Ticket, row: Row[Any]) -> bool:
    """Whether what the ping asks for is still to be done (product: it stops at resolution and at change of line)."""
    if ticket.status not in OPEN:
        return False
    if row.cause == Clock.ACCEPTANCE.value:
        offer = ticket.offer
        return offer is not None and offer.line == row.line and _runs(desk, ticket, row)
    if ticket.line != row.line:
        return False
    if row.cause in (NUDGE, Clock.NEXT_UPDATE.value):
        return _waits_for_a_word(ticket, row)
    if row.cause in set(Clock):
        return _runs(desk, ticket, row)
    return True


def _waits_for_a_word(ticket: Ticket, row: Row[Any]) -> bool:
    """Whether the requester heard nothing since the ping began; another promise that is missed is no word."""
    return ticket.promises_missed > 0 or (ticket.promised_since or ticket.created_at) <= row.created_at


def _runs(desk: Desk, ticket: Ticket, row: Row[Any]) -> bool:
    """Whether the clock the ping is about still runs from the same start (paused counts: somebody must know)."""
    return any(
        promise.clock.value == row.cause and promise.ended_at is None and row.key.startswith(promise.generation)
        for promise in promises(ticket, desk.terms)
    )
