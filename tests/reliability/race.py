"""Agents who resolve tickets in the very moment in which their promise breaks."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.store.schema import tickets
from tests.reliability.kept import fired
from tests.reliability.load import rows
from tests.reliability.promises import Desk, channel_of
from tests.support.inbound import Json

ON_THE_WAY = 0.015  # seconds from a click to its transaction


@dataclass
class Race:
    """Tickets that were resolved around the moment at which their promise broke."""

    unresolved: list[int]
    in_time: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    both: list[int] = field(default_factory=list)
    """Resolved in time, and yet people were told that they are overdue."""


async def resolve_at_the_last_moment(desk: Desk, *, runs: int, seed: int) -> Race:
    """Raise tickets, resolve each within 50 ms of when its time is up, and see who was first."""
    chance = random.Random(seed)
    numbers = await desk.raise_tickets(runs, within=runs / 12)
    lines = len(desk.people.agents)
    for n, agent in enumerate(desk.people.agents):
        for _ in desk.bots:  # each learns who the agents are
            await desk.hands.click(desk.session, agent, "ticket.view", _on(numbers[n]), channel=channel_of(n))
    stored = select(tickets.c.id, tickets.c.created_at)
    target = timedelta(seconds=desk.targets.resolution)
    due = {ticket: at + target for ticket, at in await rows(desk.address, stored)}

    async def resolve(n: int, ticket: int) -> None:
        moment = due[ticket] + timedelta(seconds=chance.uniform(-0.05, 0.05) - ON_THE_WAY)
        await asyncio.sleep((moment - datetime.now(UTC)).total_seconds())
        data = {**_on(ticket), "resolution": "Neu gestartet"}
        agent, channel = desk.people.agents[n % lines], channel_of(n % lines)
        await desk.hands.insist(desk.session, agent, "ticket.resolve", data, channel=channel)

    await asyncio.gather(*(resolve(n, ticket) for n, ticket in enumerate(numbers)))
    ended = select(tickets.c.id, tickets.c.resolved_at).where(tickets.c.resolved_at.is_not(None))
    resolved = {row.id: row.resolved_at for row in await rows(desk.address, ended)}
    overdue = {each.key[0] for each in await fired(desk.address) if each.key[1:] == ("resolution", 100)}
    race = Race(unresolved=sorted(set(numbers) - set(resolved)))
    for ticket, at in resolved.items():
        if at > due[ticket]:
            race.late.append(ticket)
        else:
            (race.both if ticket in overdue else race.in_time).append(ticket)
    return race


def _on(ticket: int) -> Json:
    return {"desk": {"ticket": ticket}}
