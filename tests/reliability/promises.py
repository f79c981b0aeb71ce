"""Tickets that nobody looks after while processes die, and who checks afterwards what their clocks did.

What has to fire, and when, is worked out here from the figures of the desk file and from when each ticket was raised,
and not by the product's own rules.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self
from uuid import uuid4

import aiohttp
from sqlalchemy import func, select, text

from app.domain.events import CLOCK_FIRED
from app.store.connect import connect
from app.store.schema import events, pings
from app.store.schema import tickets as ticket_rows
from tests.reliability.load import Hands, rows, unsent
from tests.reliability.processes import READY_WITHIN, Bot, until
from tests.support.desk import FORM, number_in
from tests.support.entra import FakeEntra
from tests.support.inbound import Person
from tests.support.teams import FakeTeams

STEPS = {"first_response": (50, 75, 100), "resolution": (50, 75, 100), "next_update": (100,)}
"""Clock → percentages at which something happens; the next update is promised for the end of the first response."""
TIMERS = sum(map(len, STEPS.values()))
IN_THREAD = 4  # half of either clock, three quarters of one (nobody has the ticket), and the raised priority
REQUESTERS_TICKETS = 3


@dataclass(frozen=True)
class Targets:
    """What the desk promises, in seconds, and how it goes on asking."""

    first_response: int
    resolution: int
    remind_after: int = 3600
    reminders: int = 0

    def due(self, ticket: int, created_at: datetime) -> "Iterable[Step]":
        """Everything that must fire for a ticket that nobody touches."""
        seconds = {"first_response": self.first_response, "resolution": self.resolution}
        for clock, percents in STEPS.items():
            target = seconds.get(clock, self.first_response)
            for percent in percents:
                yield Step(ticket, clock, percent, created_at + timedelta(seconds=target * percent / 100))


class Step(NamedTuple):
    """One step of one clock of one ticket, and when it is due."""

    ticket: int
    clock: str
    percent: int
    due: datetime

    @property
    def key(self) -> tuple[int, str, int]:
        """What it fires once for."""
        return self.ticket, self.clock, self.percent


@dataclass(frozen=True)
class People:
    """Whom the desk knows: as many lines as there are leads, each with a manager of its own."""

    leads: tuple[Person, ...]
    managers: tuple[Person, ...]
    agents: tuple[Person, ...]
    admin: Person = field(default_factory=lambda: Person("Admin"))

    @classmethod
    def of(cls, lines: int) -> Self:
        return cls(*(tuple(Person(f"{role} {n}") for n in range(lines)) for role in ("Lead", "Manager", "Agent")))


def channel_of(line: int) -> str:
    return f"19:p{line}@thread.tacv2"


def promising_desk(people: People, targets: Targets) -> str:
    """A desk whose promises are a matter of seconds."""
    lines = "".join(
        f'  l{n}: {{level: 1, name: Line {n}, channel: "{channel_of(n)}", team: "19:pt{n}@thread.tacv2",'
        f' calendar: always, lead: "{lead.aad_id}", manager: "{people.managers[n].aad_id}"}}\n'
        for n, lead in enumerate(people.leads)
    )
    rules = "".join(f"  - {{when: {{words: [w{n}]}}, line: l{n}}}\n" for n in range(len(people.leads)))
    promised = (
        f"{{first_response: {targets.first_response}s, resolution: {targets.resolution}s,"
        " acceptance: 1h, next_update: 1h}"
    )
    targets_of = "".join(f"  {priority}: {promised}\n" for priority in ("P1", "P2", "P3", "P4"))
    return f"""
desk: {{name: IT-Service, language: de, timezone: Europe/Berlin, admins: ["{people.admin.aad_id}"]}}
calendars:
  always: {{hours: {{mon-sun: ["00:00-24:00"]}}}}
lines:
{lines}categories:
  other: {{name: Other}}
routing:
{rules}  - {{when: {{category: other}}, line: l0}}
  - {{line: l0}}
targets:
{targets_of}escalation:
  - {{clock: first_response, at: 50%, tell: [assignee, line]}}
  - {{clock: first_response, at: 75%, tell: [assignee, lead]}}
  - {{clock: first_response, at: 100%, tell: [lead, manager]}}
  - {{clock: resolution, at: 50%, tell: [assignee, line]}}
  - {{clock: resolution, at: 75%, tell: [lead]}}
  - {{clock: resolution, at: 100%, tell: [lead, manager], raise_priority: true}}
pings: {{remind_after: {targets.remind_after}s, reminders: {targets.reminders}, loops: 1}}
"""


@dataclass
class Desk:
    """Replicas of such a desk and the people around it."""

    address: str
    targets: Targets
    people: People
    teams: FakeTeams
    bots: list[Bot]
    hands: Hands
    session: aiohttp.ClientSession

    @property
    def log(self) -> str:
        return "".join(bot.log for bot in self.bots)

    @property
    def kills(self) -> int:
        return sum(bot.kills for bot in self.bots)

    async def raise_tickets(self, count: int, within: float) -> list[int]:
        """Raise so many tickets, evenly; who gets no answer presses the button again."""
        loop = asyncio.get_running_loop()
        began, lines = loop.time(), len(self.people.leads)
        requesters = [Person(f"Employee {n}") for n in range(-(-count // REQUESTERS_TICKETS))]

        async def one(n: int) -> int:
            await asyncio.sleep(max(0.0, began + within * n / count - loop.time()))
            form = uuid4().hex
            data = {**FORM, "category": "other", "title": f"w{n % lines} {form}", "desk": {"form": form}}
            requester = requesters[n // REQUESTERS_TICKETS]
            answer = await self.hands.insist(self.session, requester, "ticket.submit", data)
            return int(number_in(answer).partition("-")[2])

        return await asyncio.gather(*map(one, range(count)))

    async def kill_in_turn(self, every: float, times: int | None = None) -> None:
        """SIGKILL one replica after the other, and start it at once. One of them is up each time: where a machine is
        too slow to start the other within that time, it lives until then.
        """
        for killed in range(times) if times is not None else itertools.count():
            bot, other = (self.bots[(killed + n) % len(self.bots)] for n in (0, 1))
            await asyncio.sleep(every)
            await until(other.is_ready, READY_WITHIN, "the other one serves")
            await bot.kill()
            await bot.start(ready=False)

    async def fired(self) -> int:
        """How many steps have fired so far."""
        count = select(func.count()).where(events.c.code == CLOCK_FIRED)
        return int((await rows(self.address, count))[0][0])

    async def is_past(self, seconds: float) -> bool:
        """Whether the last ticket was raised so long ago."""
        [(last,)] = await rows(self.address, select(func.max(ticket_rows.c.created_at)))
        return datetime.now(UTC) > last + timedelta(seconds=seconds)

    async def is_drained(self) -> bool:
        """Whether nothing waits to be sent, and nobody is asked again within the next minute."""
        soon = datetime.now(UTC) + timedelta(minutes=1)
        asking = select(pings.c.id).where((pings.c.state == "open") & (pings.c.due_at <= soon))
        return await unsent(self.address) == 0 and not await rows(self.address, asking)


@asynccontextmanager
async def open_desk(address: str, folder: Path, targets: Targets, *, replicas: int, lines: int) -> AsyncIterator[Desk]:
    """Processes that serve, and people who have written to them."""
    people = People.of(lines)
    async with AsyncExitStack() as stack:
        teams = await stack.enter_async_context(FakeTeams(limits=True))
        entra = await stack.enter_async_context(FakeEntra())
        timeout = aiohttp.ClientTimeout(total=8)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        if not address.startswith("sqlite"):
            await watch_events(address)
        for n, agent in enumerate(people.agents):
            teams.roster(f"19:pt{n}@thread.tacv2", agent)
            teams.channel(channel_of(n), f"19:pt{n}@thread.tacv2")
        bots = [Bot(folder, address, promising_desk(people, targets), teams, entra) for _ in range(replicas)]
        await asyncio.gather(*(stack.enter_async_context(bot) for bot in bots))
        desk = Desk(address, targets, people, teams, bots, Hands(bots, teams, entra), session)
        told = (*people.leads, *people.managers, people.admin)
        await asyncio.gather(*(desk.hands.write(session, person, "hilfe") for person in told))
        yield desk


async def watch_events(address: str) -> None:
    """Let PostgreSQL itself write down when each event came, by its own clock."""
    statements = (
        "CREATE TABLE witness (event bigint PRIMARY KEY, at timestamptz NOT NULL)",
        "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO witness VALUES (NEW.id, clock_timestamp()); RETURN NEW; END $$",
        "CREATE TRIGGER see AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION see()",
    )
    opened = connect(address)
    try:
        for statement in statements:
            await opened.write(lambda tx, statement=statement: tx.execute(text(statement)))  # type: ignore[misc]
    finally:
        await opened.close()
