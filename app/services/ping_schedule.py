"""How an open ping goes on as long as nobody answers: its next reminder, whom it asks next, and when it gives up."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row

from app.desk.model import Desk
from app.domain.escalation import Policy
from app.domain.explanation import PingMove
from app.domain.ticket import Ticket
from app.services.ping_chain import NOBODY_KNOWN, Standing, is_needed, next_asked, standing, still_asked

TicketAt = Callable[[datetime], Ticket]


class Move(NamedTuple):
    """What the ping does at `at`: it came from `standing` and asks (or reminds) `people`."""

    at: datetime
    move: PingMove
    ticket: Ticket
    standing: Standing
    people: tuple[str, ...] = ()


def moves(
    desk: Desk,
    row: Row[Any],
    policy: Policy,
    ticket_at: TicketAt,
    *,
    by: str,
    now: datetime,
    until: datetime | None,
    absent_at: Callable[[datetime], Collection[str]],
) -> Iterator[Move]:
    """Every move from `now` on. They end before `until` (another ping of the same clock takes over), and with what the
    ping is about.
    """
    at = max(row.due_at or now, now)
    ping, reminders, unreached = standing(desk, row, ticket_at(at), by), row.reminders, row.unreached
    asked = tuple(still_asked(desk, ticket_at(at), row))
    while until is None or at < until:
        ticket = ticket_at(at)
        if not is_needed(desk, ticket, row):
            return
        if asked and not unreached and reminders < policy.reminders:
            yield Move(at, PingMove.REMINDER, ticket, ping, asked)
            reminders, at = reminders + 1, at + policy.remind_after
            continue
        step = next_asked(desk, ticket, ping, policy, NOBODY_KNOWN)
        if step is None:
            yield Move(at, PingMove.GIVE_UP, ticket, ping)
            return
        stage, loop, people = step
        if unreached and loop > ping.loop:
            ping, asked, unreached, at = ping._replace(stage=-1, loop=loop), (), False, at + policy.remind_after
            continue
        is_nobody_there = set(people) <= set(absent_at(at))
        yield Move(at, PingMove.ABSENT if is_nobody_there else PingMove.ASK, ticket, ping, tuple(people))
        still = [each for each in asked if unreached and each not in people]
        ping, asked = ping._replace(stage=stage, loop=loop), (*still, *people)
        reminders, unreached = 0, is_nobody_there
        at = at if is_nobody_there else at + policy.remind_after


def told_of(found: Iterator[Move]) -> list[Move]:
    """What is worth telling of them: the next reminder, whom it asks next (and passes over), and when it gives up."""
    told: dict[object, Move] = {}
    for move in found:
        if move.move is PingMove.ABSENT:
            if PingMove.ASK not in told:
                told.setdefault(move.people, move)
        else:
            told.setdefault(move.move, move)
    return sorted(told.values(), key=lambda move: move.at)
