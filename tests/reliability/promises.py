"""Tickets that nobody looks after while processes die, and who checks afterwards what their clocks did.

What has to fire, and when, is worked out here from the figures of the desk file and from when each ticket was raised,
and not by the product's own rules.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import uuid4

import aiohttp
from sqlalchemy import func, literal_column, select, text

from app.domain.events import CLOCK_FIRED, PING_SENT, PROMISE_MISSED
from app.store.connect import connect
from app.store.schema import cards, events, outbox, pings
from app.store.schema import tickets as ticket_rows
from tests.reliability.load import Hands, rows, unsent
from tests.reliability.processes import Bot
from tests.support.desk import FORM, number_in
from tests.support.entra import FakeEntra
from tests.support.inbound import Person
from tests.support.teams import FakeTeams

STEPS = {"first_response": (50, 75, 100), "resolution": (50, 75, 100), "next_update": (100,)}
"""Clock → percentages at which something happens; the next update is promised for the end of the first response."""
TIMERS = sum(map(len, STEPS.values()))
IN_THREAD = 4  # half of either clock, three quarters of one (nobody has the ticket), and the raised priority
REQUESTERS_TICKETS = 3
ON_THE_WAY = 0.015  # seconds from a click to its transaction


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
        """SIGKILL one replica after the other, and start it at once; whether it is ready by the next one is its own
        affair.
        """
        killed = 0
        while times is None or killed < times:
            await asyncio.sleep(every)
            bot = self.bots[killed % len(self.bots)]
            await bot.kill()
            await bot.start(ready=False)
            killed += 1

    async def fired(self) -> int:
        """How many steps have fired so far."""
        return len(await rows(self.address, select(events.c.id).where(events.c.code == CLOCK_FIRED)))

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
        bots = [Bot(folder, address, promising_desk(people, targets), teams, entra) for _ in range(replicas)]
        await asyncio.gather(*(stack.enter_async_context(bot) for bot in bots))
        desk = Desk(address, targets, people, teams, bots, Hands(bots, teams, entra), session)
        told = (*people.leads, *people.managers, people.admin)
        await asyncio.gather(*(desk.hands.write(session, person, "hilfe") for person in told))
        yield desk


@dataclass
class Kept:
    """What database and Teams say together."""

    timers: int
    kills: int
    fired: int
    late: list[float]
    """Seconds from due to fired, of every timer."""
    told_late: list[float] = field(default_factory=list)
    """Seconds from fired to the message that pings somebody."""
    repeated: int = 0
    """Messages that people see twice because a sender vanished between sending and writing down that it had."""
    faults: dict[str, list[Any]] = field(default_factory=dict)
    """What must not be, by its name."""

    def blame(self, name: str, found: Iterable[Any]) -> None:
        """Note faults of one kind, if there are any."""
        if listed := list(found):
            self.faults.setdefault(name, []).extend(listed)


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
    stored = select(ticket_rows.c.id, ticket_rows.c.created_at)
    target = timedelta(seconds=desk.targets.resolution)
    due = {ticket: at + target for ticket, at in await rows(desk.address, stored)}

    async def resolve(n: int, ticket: int) -> None:
        moment = due[ticket] + timedelta(seconds=chance.uniform(-0.05, 0.05) - ON_THE_WAY)
        await asyncio.sleep((moment - datetime.now(UTC)).total_seconds())
        data = {**_on(ticket), "resolution": "Neu gestartet"}
        agent, channel = desk.people.agents[n % lines], channel_of(n % lines)
        await desk.hands.insist(desk.session, agent, "ticket.resolve", data, channel=channel)

    await asyncio.gather(*(resolve(n, ticket) for n, ticket in enumerate(numbers)))
    ended = select(ticket_rows.c.id, ticket_rows.c.resolved_at).where(ticket_rows.c.resolved_at.is_not(None))
    resolved = {row.id: row.resolved_at for row in await rows(desk.address, ended)}
    overdue = {each.key[0] for each in await fired(desk) if each.key[1:] == ("resolution", 100)}
    race = Race(unresolved=sorted(set(numbers) - set(resolved)))
    for ticket, at in resolved.items():
        if at > due[ticket]:
            race.late.append(ticket)
        else:
            (race.both if ticket in overdue else race.in_time).append(ticket)
    return race


def _on(ticket: int) -> dict[str, Any]:
    return {"desk": {"ticket": ticket}}


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


async def check_promises(desk: Desk, raised: Sequence[int]) -> Kept:
    """Compare what must have fired with what did, and that with what people were told."""
    stored = await rows(desk.address, select(ticket_rows.c.id, ticket_rows.c.created_at))
    due = {step.key: step for ticket, at in stored for step in desk.targets.due(ticket, at)}
    found = await fired(desk)
    known = [(each, due[each.key]) for each in found if each.key in due]
    times = Counter(each.key for each in found)
    late = [(each.at - step.due).total_seconds() for each, step in known]
    kept = Kept(timers=len(due), kills=desk.kills, fired=len(found), late=late)
    kept.blame("not raised", set(raised) ^ {ticket for ticket, _ in stored})
    kept.blame("not fired", (step for key, step in due.items() if key not in times))
    kept.blame("fired twice", (key for key, count in times.items() if count > 1))
    kept.blame("fired without being due", (each for each in found if each.key not in due))
    kept.blame("fired early", (each for each, step in known if min(each.at, each.seen) < step.due))
    kept.blame("another due time", (each for each, step in known if each.reached != step.due))
    kept.blame("out of order", _out_of_order(found))
    unfinished = select(outbox.c.id, outbox.c.state, outbox.c.reason).where(outbox.c.state.not_in(("sent", "dropped")))
    kept.blame("not sent", await rows(desk.address, unfinished))
    await _compare_messages(desk, kept)
    return kept


class Fired(NamedTuple):
    """A step that fired: `at` as the product says, `seen` as PostgreSQL's own clock does."""

    key: tuple[int, str, int]
    at: datetime
    seen: datetime
    reached: datetime


async def fired(desk: Desk) -> list[Fired]:
    """Every step that fired, in the order in which the history has them."""
    is_sqlite = desk.address.startswith("sqlite")
    seen = events.c.at if is_sqlite else literal_column("(SELECT at FROM witness WHERE event = events.id)")
    query = select(events.c.ticket, events.c.data, events.c.at, seen).where(events.c.code == CLOCK_FIRED)
    return [
        Fired((ticket, data["clock"], data["percent"]), at, witnessed, datetime.fromisoformat(data["reached"]))
        for ticket, data, at, witnessed in await rows(desk.address, query.order_by(events.c.id))
    ]


def _out_of_order(fired: Sequence[Fired]) -> list[int]:
    """Tickets whose steps did not fire in the order in which they fell due."""
    of_ticket: dict[int, list[datetime]] = {}
    for each in fired:
        of_ticket.setdefault(each.key[0], []).append(each.reached)
    return [ticket for ticket, reached in of_ticket.items() if reached != sorted(reached)]


async def _compare_messages(desk: Desk, kept: Kept) -> None:
    """One message for each ping and round, each promise that was missed, and each step told in the thread."""
    asked, at_least, began = await _asked(desk)
    pinged, first = _pinged(desk.teams)
    _compare("ping", asked, at_least, pinged, kept)
    kept.told_late = [(first[key] - at).total_seconds() for key, at in began.items() if key in first]
    missed = await _missed(desk)
    promises = select(events.c.ticket).where(events.c.code == PROMISE_MISSED)
    promised_anew = Counter(ticket for (ticket,) in await rows(desk.address, promises))
    kept.blame("promised anew", (each for each in missed if promised_anew[each] != missed[each]))
    told = Counter({("requester", ticket): 1 + times for ticket, times in missed.items()})
    told.update({("thread", ticket): IN_THREAD for ticket in missed})
    _compare("message", told, told, await _seen(desk), kept)
    log = desk.log
    explained = sum(log.count(why) for why in ('"posts_again":true', '"reason":"timeout"', "connection_lost"))
    kept.blame("told twice without a reason", range(explained, kept.repeated))


def _compare(what: str, most: Counter[Any], least: Counter[Any], seen: Counter[Any], kept: Kept) -> None:
    """What people saw more often than they should is either the ambiguous window, or a fault."""
    kept.blame(f"{what} missing", ((key, count, seen[key]) for key, count in least.items() if seen[key] < count))
    kept.blame(f"{what} never caused", (key for key in seen if key not in most))
    kept.repeated += sum(max(0, seen[key] - count) for key, count in most.items())


async def _asked(desk: Desk) -> tuple[Counter[Any], Counter[Any], dict[Any, datetime]]:
    """Ping and person → messages they get at most and at least, and when they were asked.

    It is one for being asked and one for each reminder. Those that wait together are one, and a ping that is settled
    before its message leaves is not sent.
    """
    known = {row.id: row for row in await rows(desk.address, select(pings))}
    most: Counter[Any] = Counter()
    least: Counter[Any] = Counter()
    began: dict[Any, datetime] = {}
    sent = select(events.c.at, events.c.data).where(events.c.code == PING_SENT).order_by(events.c.id)
    for at, data in await rows(desk.address, sent):
        ping = known[data["ping"]]
        for person in data["to"]:
            times = 1 + (ping.reminders if person in ping.now_asked else desk.targets.reminders)
            most[ping.id, person] += times
            least[ping.id, person] += ping.state != "stopped"
            began.setdefault((ping.id, person), at)
    return most, least, began


async def _missed(desk: Desk) -> Counter[int]:
    """Ticket → how often its requester is owed a new promise: two that break at the same look are one."""
    query = select(events.c.ticket, events.c.at, events.c.data).where(events.c.code == CLOCK_FIRED)
    looks = {
        (ticket, at)
        for ticket, at, data in await rows(desk.address, query)
        if data["percent"] == 100 and data["clock"] in ("next_update", "resolution")
    }
    return Counter(ticket for ticket, _ in looks)


def _pinged(teams: FakeTeams) -> tuple[Counter[Any], dict[Any, datetime]]:
    """Ping and person → messages in their chat; and when the first came."""
    began = datetime.now(UTC) - timedelta(seconds=time.monotonic())
    seen: Counter[Any] = Counter()
    first: dict[Any, datetime] = {}
    for each in teams.accepted:
        named = re.search(r"'ping': (\d+)", str(each.activity))
        if each.kind == "send" and named:
            key = (int(named[1]), each.conversation_id.removeprefix("a:"))
            seen[key] += 1
            first.setdefault(key, began + timedelta(seconds=each.at))
    return seen, first


async def _seen(desk: Desk) -> Counter[Any]:
    """Messages to requesters and in threads, by ticket."""
    in_lines = select(cards.c.conversation, cards.c.ticket).where(cards.c.slot.like("line:%"))
    threads = {row.conversation: row.ticket for row in await rows(desk.address, in_lines)}
    others = {f"a:{each.aad_id}" for each in (*desk.people.leads, *desk.people.managers, desk.people.admin)}
    seen: Counter[Any] = Counter()
    for each in desk.teams.accepted:
        if each.kind != "send" or each.conversation_id in others:
            continue
        if each.conversation_id in threads:
            seen["thread", threads[each.conversation_id]] += 1
        elif named := re.search(r"'ticket': (\d+)", str(each.activity)):
            seen["requester", int(named[1])] += 1
    return seen
