"""What is due by itself is done once, in time and in order, whatever happens to processes and clocks."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, Engine, event, select, text, update

from app.delivery.timers import LATEST, Company, Timers
from app.desk.model import Desk
from app.domain import people as domain
from app.domain.errors import NotNow
from app.domain.people import Actor
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import Kind
from app.observation import SEEN_WITHIN
from app.services import pings, terms, tickets
from app.services.tickets import Submission, Turn
from app.services.unit_of_work import UnitOfWork
from app.store import audit, leases, policies
from app.store import tickets as store
from app.store.audit import Fault
from app.store.clock import DeskClock, TimeSource
from app.store.connect import connect
from app.store.database import Database, StoreUnavailable, Unit
from app.store.schema import pings as ping_table
from app.store.schema import tickets as ticket_table
from tests.journeys.keeping import keeping_desk
from tests.support import requests
from tests.support.desk import Cast, read_desk
from tests.support.edge import Clock
from tests.support.inbound import Person

T = TypeVar("T")
STEPS = (
    "clock: first_response, at: 50%, tell: [lead]",
    "clock: first_response, at: 75%, tell: [lead]",
    "clock: first_response, at: 100%, tell: [lead, manager]",
    "clock: resolution, at: 100%, tell: [manager], raise_priority: true",
    "clock: resolution, at: 200%, tell: [admin], offer_to: management",
)


@dataclass
class Killed:
    """A database whose process is killed before some of its commits: the work was done, and is undone."""

    inner: Database
    every: int
    writes: int = 0
    is_shared: bool = True

    async def write(self, unit: Unit[T]) -> T:
        self.writes += 1
        dies = self.writes % self.every == 0

        def run(tx: Connection) -> T:
            result = unit(tx)
            if dies:
                raise StoreUnavailable("killed")
            return result

        return await self.inner.write(run)

    async def read(self, unit: Unit[T]) -> T:
        return await self.inner.read(unit)

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Shift:
    """A desk's database and its timers; nobody is told anything yet."""

    address: str
    database: Database
    desk: Desk
    cast: Cast
    clock: Clock
    more: list[Database] = field(default_factory=list)

    def timers(
        self,
        database: Database | None = None,
        clock: Clock | None = None,
        *,
        believes: bool = False,
        company: Company | None = None,
    ) -> Timers:
        return Timers(
            database or self.database,
            self.desk,
            time=TimeSource((clock or self.clock).now, believes),
            fired=lambda: None,
            company=company,
        )

    def another_database(self) -> Database:
        self.more.append(connect(self.address))
        return self.more[-1]

    async def raised(self, count: int = 1, at: datetime | None = None) -> list[int]:
        """Tickets of Ada's."""
        form = Submission("VPN geht nicht", "Seit heute früh.", "vpn", Urgency.NORMAL, Impact.ME, Kind.INCIDENT)
        turn = Turn(actor(self.cast.requester), at or self.clock.now())

        def write(tx: Connection) -> list[int]:
            return [tickets.submit(tx, self.desk, turn, form).ticket.id for _ in range(count)]

        return await self.database.write(write)

    async def mara(self, ticket: int, request: requests.Request) -> None:
        turn = Turn(actor(self.cast.mara, "first"), self.clock.now())
        await self.database.write(lambda tx: tickets.act(tx, self.desk, turn, ticket, request))

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        return await self.database.read(lambda tx: [tuple(row) for row in tx.execute(text(statement), values)])

    async def run(self, statement: str, **values: Any) -> None:
        await self.database.write(lambda tx: tx.execute(text(statement), values))

    async def fired(self) -> list[tuple[int, str, int]]:
        """Ticket, clock and percent of everything that fired, in order."""
        data = "data ->> 'clock', CAST(data ->> 'percent' AS INTEGER)"
        return await self.rows(f"SELECT ticket, {data} FROM events WHERE code = 'clock.fired' ORDER BY id")  # noqa: S608


def actor(person: Person, *lines: str) -> Actor:
    return Actor(person.aad_id, person.name, "de", frozenset(lines))


@pytest.fixture
async def shift(address: str) -> AsyncIterator[Shift]:
    async with begun(address) as here:
        yield here


@pytest.fixture
async def replicas(shift: Shift) -> Shift:
    if not shift.database.is_shared:
        pytest.skip("SQLite serves one process")
    return shift


@asynccontextmanager
async def begun(address: str) -> AsyncIterator[Shift]:
    cast = Cast()
    here = Shift(address, connect(address), read_desk(keeping_desk(cast, escalation=STEPS)), cast, Clock())
    try:
        yield here
    finally:
        for database in (here.database, *here.more):
            await database.close()


RESPONSE = [("first_response", percent) for percent in (50, 75, 100)]


async def test_each_step_is_done_when_its_share_is_used_up_and_not_before(shift: Shift) -> None:
    [ticket] = await shift.raised()
    timers = shift.timers()
    for hours, percents in ((1.99, []), (0.01, [50]), (0.99, [50]), (0.01, [50, 75]), (0.99, [50, 75])):
        shift.clock.advance(hours=hours)
        await timers.tick()
        assert await shift.fired() == [(ticket, "first_response", percent) for percent in percents]
    shift.clock.advance(hours=0.01)
    await timers.tick()
    assert [step for _, *step in await shift.fired()][2:] == [["first_response", 100], ["next_update", 100]]
    before = await shift.fired()
    await timers.tick()
    await shift.timers().tick()
    assert await shift.fired() == before


async def test_after_a_downtime_everything_overdue_is_done_at_once_and_in_order(shift: Shift) -> None:
    [ticket] = await shift.raised()
    shift.clock.advance(days=3)
    await shift.timers().tick()
    fired = [(clock, percent) for _, clock, percent in await shift.fired()]
    assert [step for step in fired if step[0] != "next_update"] == [*RESPONSE, ("resolution", 100), ("resolution", 200)]
    assert fired.index(("next_update", 100)) < fired.index(("resolution", 100))
    assert await shift.rows("SELECT priority, target_priority, offer_line FROM tickets") == [("P2", "P3", "management")]
    told = await shift.rows("SELECT count(*) FROM outbox WHERE what = 'promise_missed' AND ticket = :t", t=ticket)
    assert told == [(1,)], "one honest word, not one for each promise"


async def test_a_raise_of_the_policys_own_makes_nothing_else_due(shift: Shift) -> None:
    [ticket] = await shift.raised()
    await shift.mara(ticket, requests.Take())
    shift.clock.advance(hours=8)
    timers = shift.timers()
    await timers.tick()
    assert await shift.rows("SELECT priority FROM tickets") == [("P2",)]
    for _ in range(3):
        shift.clock.advance(hours=2)
        await timers.tick()
    assert await shift.rows("SELECT priority FROM tickets") == [("P2",)]
    assert Counter(step for step in await shift.fired() if step[1] == "resolution") == {(ticket, "resolution", 100): 1}


@pytest.mark.parametrize("request_made", [requests.Take(), requests.Resolve("Neu gestartet")])
async def test_a_timer_that_came_too_late_does_nothing(shift: Shift, request_made: requests.Request) -> None:
    [ticket] = await shift.raised()
    shift.clock.advance(hours=3.9)
    await shift.timers().tick()
    before = await shift.fired()
    await shift.mara(ticket, request_made)
    shift.clock.advance(minutes=10)
    await shift.run("UPDATE tickets SET next_at = created_at")
    await shift.timers().tick()
    assert await shift.fired() == before
    assert await shift.timers().tick() == 0, "it is looked at again when something is due"


async def test_a_ticket_that_got_another_priority_a_moment_before_fires_by_the_new_one(shift: Shift) -> None:
    [ticket] = await shift.raised()
    shift.clock.advance(hours=1)
    await shift.mara(ticket, urgent())
    await shift.timers().tick()
    fired = [(clock, percent) for _, clock, percent in await shift.fired()]
    assert [step for step in fired if step[0] == "first_response"] == RESPONSE


def urgent() -> requests.Classify:
    return requests.Classify("vpn", Urgency.HIGH, Impact.SITE, Kind.INCIDENT, Priority.P1)


# --- several replicas


async def test_two_replicas_that_look_at_once_and_are_killed_in_between_do_everything_once(replicas: Shift) -> None:
    shift = replicas
    raised = await shift.raised(25)
    first = shift.timers(Killed(shift.another_database(), every=4))
    second = shift.timers(Killed(shift.another_database(), every=7))
    for _ in range(12):
        shift.clock.advance(minutes=25)
        outcomes = await asyncio.gather(*(timers.tick() for timers in (first, second) * 2), return_exceptions=True)
        assert all(isinstance(each, int | StoreUnavailable) for each in outcomes), outcomes
    await shift.timers().tick()
    counted = Counter(await shift.fired())
    assert set(counted.values()) == {1}
    for ticket in raised:
        assert {(clock, percent) for number, clock, percent in counted if number == ticket} >= set(RESPONSE)
    [[doubled]] = await shift.rows(
        "SELECT count(*) FROM (SELECT ticket, key, event FROM pings GROUP BY 1, 2, 3 HAVING count(*) > 1) AS twice"
    )
    asked = await shift.rows("SELECT count(*) FROM pings WHERE cause = 'first_response'")
    assert (doubled, asked) == (0, [(3 * len(raised),)])
    messages = await shift.rows("SELECT ticket, count(*) FROM outbox WHERE what = 'promise_missed' GROUP BY ticket")
    assert sorted(messages) == [(ticket, 1) for ticket in raised]


async def test_pings_go_on_once_whoever_of_two_replicas_looks(replicas: Shift) -> None:
    shift = replicas
    await shift.raised(10)
    both = [shift.timers(shift.another_database()) for _ in range(2)]
    shift.clock.advance(hours=4)
    for _ in range(6):
        await asyncio.gather(*(timers.tick() for timers in both))
        shift.clock.advance(minutes=10)
    sent = await shift.rows("SELECT data ->> 'ping', data ->> 'to', data ->> 'loop' FROM events WHERE code='ping.sent'")
    assert sent
    assert set(Counter(sent).values()) == {1}


# --- clocks that are wrong


async def test_a_replica_whose_clock_is_ahead_is_not_early(replicas: Shift) -> None:
    shift = replicas
    ahead = wrong_by(timedelta(days=2))
    await shift.raised(at=datetime.now(UTC))
    timers = shift.timers(clock=ahead, believes=True)
    await timers.tick()
    assert await shift.fired() == []
    assert timers.pause() <= 1


async def test_a_replica_whose_clock_is_behind_is_not_late(replicas: Shift) -> None:
    shift = replicas
    await shift.raised(at=datetime.now(UTC) - timedelta(hours=2, seconds=1))
    await shift.timers(clock=wrong_by(-timedelta(days=2)), believes=True).tick()
    assert [percent for *_, percent in await shift.fired()] == [50]


def wrong_by(amount: timedelta) -> Clock:
    clock = Clock()
    clock.moment = datetime.now(UTC) + amount
    return clock


@dataclass
class Machine:
    """A machine with a wall clock that anybody may set, and a steady one."""

    wall: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)
    steady: float = 100.0

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds


def test_the_desks_clock_follows_the_database_and_no_jump_of_the_machines() -> None:
    machine = Machine()
    told = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
    clock = DeskClock(lambda: machine.wall, lambda: machine.steady)
    assert clock() == machine.wall, "nobody told it anything yet"
    clock.tell(machine.steady, told)
    assert clock() == told
    assert clock.skew == timedelta(minutes=30)
    machine.passes(60)
    machine.wall += timedelta(hours=5)
    assert clock() == told + timedelta(seconds=60)
    machine.wall -= timedelta(days=9)
    assert clock() == told + timedelta(seconds=60)
    clock.tell(machine.steady, told + timedelta(seconds=58))
    assert clock() == told + timedelta(seconds=58), "the database is believed, also backwards"


def test_what_the_question_took_is_halved() -> None:
    machine = Machine()
    clock = DeskClock(lambda: machine.wall, lambda: machine.steady)
    asked_at = machine.steady
    machine.passes(4)
    clock.tell(asked_at, machine.wall)
    assert clock() == machine.wall + timedelta(seconds=2)


# --- what cannot be worked out


async def broken_policy(shift: Shift) -> None:
    """A policy nobody can read."""
    now = shift.clock.now()
    await shift.database.write(lambda tx: policies.keep(tx, "broken", {"steps": 5}, now))


async def test_a_ticket_that_cannot_be_worked_out_keeps_nobody_waiting(shift: Shift) -> None:
    await broken_policy(shift)
    raised = await shift.raised(15)
    await shift.run("UPDATE tickets SET policy = 'broken' WHERE id IN (:a, :b)", a=raised[0], b=raised[12])
    shift.clock.advance(hours=2)
    timers = shift.timers()
    await timers.tick()
    healthy = [ticket for ticket in raised if ticket not in (raised[0], raised[12])]
    assert sorted(ticket for ticket, *_ in await shift.fired()) == healthy
    await timers.tick()
    await shift.run("UPDATE tickets SET policy = NULL")
    shift.clock.advance(minutes=1)
    await timers.tick()
    assert sorted(ticket for ticket, *_ in await shift.fired()) == raised, "mended, it is done a minute later"


async def test_it_is_put_off_by_the_clock_that_counts(replicas: Shift) -> None:
    shift = replicas
    await broken_policy(shift)
    await shift.raised(at=datetime.now(UTC) - timedelta(hours=3))
    await shift.run("UPDATE tickets SET policy = 'broken'")
    timers = shift.timers(clock=wrong_by(-timedelta(days=2)), believes=True)
    assert await asyncio.wait_for(timers.tick(), 20) == 1


async def test_a_ping_that_cannot_be_worked_out_keeps_nobody_waiting(shift: Shift) -> None:
    await broken_policy(shift)
    first, *others = await shift.raised(4)
    shift.clock.advance(hours=2)
    timers = shift.timers()
    await timers.tick()
    await shift.run("UPDATE pings SET policy = 'broken' WHERE ticket = :ticket", ticket=first)
    shift.clock.advance(minutes=10)
    await timers.tick()
    reminded = await shift.rows("SELECT ticket FROM pings WHERE reminders = 1 ORDER BY ticket")
    assert [ticket for (ticket,) in reminded] == others
    [(until,)] = await shift.rows("SELECT until FROM leases WHERE name = 'timers'")
    assert until, "and the timers are seen alive"


async def test_what_is_put_off_is_waited_for_until_then_and_no_moment_longer(shift: Shift) -> None:
    await broken_policy(shift)
    first, second, third = await shift.raised(3)
    timers = shift.timers()
    shift.clock.advance(hours=2)
    await timers.tick()
    await shift.run("UPDATE pings SET policy = 'broken' WHERE ticket = :ticket", ticket=first)
    await shift.run("UPDATE tickets SET policy = 'broken', next_at = created_at WHERE id = :ticket", ticket=second)
    await shift.run("UPDATE pings SET state = 'stopped' WHERE ticket != :ticket", ticket=first)
    shift.clock.advance(minutes=10)
    await timers.tick()
    assert timers.pause() == LATEST, "there is nothing to do before the two are looked at again"
    shift.clock.advance(seconds=59.5)
    await timers.tick()
    assert timers.pause() == pytest.approx(0.5)
    shift.clock.advance(seconds=-59.5)
    soon = (
        update(ticket_table)
        .where(ticket_table.c.id == third)
        .values(next_at=shift.clock.now() + timedelta(seconds=0.25))
    )
    await shift.database.write(lambda tx: tx.execute(soon))
    await timers.tick()
    assert timers.pause() == pytest.approx(0.25), "somebody else's time counts as before"


async def test_what_cannot_be_worked_out_again_and_again_does_not_pass_for_done(shift: Shift) -> None:
    await broken_policy(shift)
    first, second = await shift.raised(2)
    timers = shift.timers()
    await shift.run("UPDATE tickets SET policy = 'broken' WHERE id = :ticket", ticket=second)
    shift.clock.advance(hours=2)
    await timers.tick()
    await shift.run("UPDATE pings SET policy = 'broken' WHERE ticket = :ticket", ticket=first)
    shift.clock.advance(minutes=10)
    for _ in range(20):
        shift.clock.advance(seconds=10)
        await timers.tick()
    found = (await shift.database.read(lambda tx: audit.look(tx, shift.clock.now(), frozenset()))).findings
    late = {fault: found[fault].example for fault in (Fault.TIMER_LATE, Fault.PING_LATE) if fault in found}
    assert late == {Fault.TIMER_LATE: f"INC-{second}", Fault.PING_LATE: f"INC-{first}"}


async def test_timers_with_much_to_do_are_seen_alive(shift: Shift) -> None:
    seen = list[bool]()

    class Slow(Chart):
        """A directory that takes all the time it is given."""

        async def absent(self, people: Iterable[str]) -> frozenset[str]:
            shift.clock.advance(seconds=3)
            until = await shift.database.read(lambda tx: leases.until(tx, "timers"))
            seen.append(until is not None and until > shift.clock.now() and shift.clock.now() - looked() < SEEN_WITHIN)
            return frozenset()

    def looked() -> datetime:
        assert timers.last_seen
        return timers.last_seen

    timers = shift.timers(company=Slow())
    await timers.tick()
    await shift.raised(240)
    shift.clock.advance(hours=2)
    await timers.tick()
    assert len(seen) == 12
    assert all(seen)


async def test_a_start_that_is_killed_before_it_looked_at_all_tickets_is_made_up_for(shift: Shift) -> None:
    now = shift.clock.now()
    await shift.raised()
    await terms.follow(shift.database, "old", now)
    with pytest.raises(StoreUnavailable):
        await terms.follow(Killed(shift.database, every=2), "new", now)
    await terms.follow(shift.database, "new", now)
    assert len(await shift.database.write(lambda tx: store.due(tx, now=now, limit=9))) == 1


async def test_a_database_that_is_away_is_said_to_be_away(shift: Shift) -> None:
    await shift.raised()
    shift.clock.advance(hours=2)
    with pytest.raises(StoreUnavailable):
        await shift.timers(Killed(shift.database, every=1)).tick()
    assert await shift.fired() == []
    await shift.timers().tick()
    assert len(await shift.fired()) == 1


# --- what it costs


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that any engine runs meanwhile."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_look_costs_the_same_however_many_tickets_are_open(shift: Shift) -> None:
    timers = shift.timers()
    await shift.raised()
    await timers.tick()
    with statements() as alone:
        await timers.tick()
    await shift.raised(200)
    await timers.tick()
    with statements() as crowded:
        await timers.tick()
    words = [[statement for statement, _ in seen] for seen in (alone, crowded)]
    assert words[0] == words[1]
    assert len(words[0]) <= 10, words[0]


@pytest.mark.never_used_database
async def test_a_look_follows_the_index(shift: Shift) -> None:
    await shift.raised(20)
    timers = shift.timers()
    await timers.beat()
    with statements() as idle:
        await timers.tick()
    assert len(idle) == 3, "tickets, pings and preventive actions: mostly nothing is due"
    await shift.run("UPDATE tickets SET next_at = created_at WHERE id = (SELECT min(id) FROM tickets)")
    with statements() as seen:
        await timers.tick()
    asks = ("next_at <=", "due_at <=", "IS NOT NULL ORDER")
    looks = [each for each in (*idle, *seen) if each[0].startswith("SELECT") and any(ask in each[0] for ask in asks)]
    assert len(looks) >= 5
    for statement, values in looks:
        plan = await shift.database.read(lambda tx, s=statement, v=values: plan_of(tx, s, v))  # type: ignore[misc]
        assert "ix_" in plan, (statement, plan)
        assert "SCAN tickets\n" not in plan
        assert "Seq Scan" not in plan


def plan_of(tx: Connection, statement: str, values: Any) -> str:
    if tx.dialect.name == "sqlite":
        rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return "".join(f"{row.detail}\n" for row in rows)
    tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(str(row[0]) for row in tx.exec_driver_sql(f"EXPLAIN {statement}", values))


# --- the directory


@dataclass
class Chart:
    """A company's directory: who is whose manager, and who is out of office."""

    managers_of: dict[str, domain.Person] = field(default_factory=dict)
    out: frozenset[str] = frozenset()
    problem: Exception | None = None

    async def managers(self, people: Iterable[str]) -> Mapping[str, domain.Person]:
        if self.problem:
            raise self.problem
        return {each: self.managers_of[each] for each in people if each in self.managers_of}

    async def absent(self, people: Iterable[str]) -> frozenset[str]:
        return self.out & frozenset(people)


async def asked_by_pings(shift: Shift) -> list[list[str]]:
    rows = await shift.database.read(lambda tx: tx.execute(select(ping_table.c.asked)).scalars().all())
    return list(rows)


async def at_network(shift: Shift) -> int:
    """A ticket of a line that names no manager, whose solution is late."""
    [ticket] = await shift.raised()
    await shift.mara(ticket, requests.Take())
    await shift.run("UPDATE tickets SET line = 'network'")
    shift.clock.advance(hours=8)
    return ticket


async def test_the_directorys_manager_of_the_assignee_is_asked_where_the_line_names_none(shift: Shift) -> None:
    boss = domain.Person("boss-1", "Bea Boss")
    await at_network(shift)
    await shift.timers(company=Chart({shift.cast.mara.aad_id: boss})).tick()
    assert await asked_by_pings(shift) == [["boss-1"]]


async def test_before_there_is_an_assignee_it_is_the_requesters_manager(shift: Shift) -> None:
    boss = domain.Person("boss-2", "Bo Boss")
    await shift.raised()
    await shift.run("UPDATE tickets SET line = 'network'")
    shift.clock.advance(hours=8)
    await shift.timers(company=Chart({shift.cast.requester.aad_id: boss})).tick()
    assert ["boss-2"] in await asked_by_pings(shift)


async def test_a_manager_who_is_absent_is_passed_over_at_once(shift: Shift) -> None:
    boss = domain.Person("boss-1", "Bea Boss")
    await at_network(shift)
    chart = Chart({shift.cast.mara.aad_id: boss}, out=frozenset({"boss-1"}))
    await shift.timers(company=chart).tick()
    assert await asked_by_pings(shift) == [["boss-1", shift.cast.admin.aad_id]]


async def test_somebody_who_is_their_own_manager_is_asked_once_a_round(shift: Shift) -> None:
    mara = shift.cast.mara.aad_id
    await at_network(shift)
    await shift.timers(company=Chart({mara: domain.Person(mara, "Mara Klein")})).tick()
    assert await asked_by_pings(shift) == [[mara]]


async def test_a_directory_that_breaks_costs_its_answer_and_nobodys_ping(shift: Shift) -> None:
    await at_network(shift)
    await shift.timers(company=Chart(problem=ValueError("no JSON"))).tick()
    assert await asked_by_pings(shift) == [[shift.cast.lead.aad_id]]


# --- people and timers at once


async def test_people_who_act_while_timers_fire_never_wait_for_each_other_in_a_circle(replicas: Shift) -> None:
    shift = replicas
    raised = await shift.raised(12)
    both = [shift.timers(shift.another_database()) for _ in range(2)]
    shift.clock.advance(hours=4)
    await both[0].tick()
    lead = actor(shift.cast.lead)
    asked = [ping for (ping,) in await shift.rows("SELECT id FROM pings WHERE state = 'open' ORDER BY id")]
    now = shift.clock.now()
    mara = Turn(actor(shift.cast.mara, "first"), now)

    def acknowledged(ping: int) -> Unit[None]:
        return lambda tx: pings.acknowledge(UnitOfWork(tx, shift.desk, now), lead, ping)

    def taken_over(ping: int) -> Unit[Any]:
        return lambda tx: tickets.take_over(tx, shift.desk, Turn(lead, now), ping)

    def undelivered(ping: int) -> Unit[None]:
        return lambda tx: pings.note_undelivered(UnitOfWork(tx, shift.desk, now), ping, 0)

    def replied(ticket: int) -> Unit[Any]:
        return lambda tx: tickets.act(tx, shift.desk, mara, ticket, requests.Reply("Wir sehen nach"))

    shift.clock.advance(minutes=10)
    work = [
        *(shift.database.write(make(ping)) for ping in asked for make in (acknowledged, taken_over, undelivered)),
        *(shift.database.write(replied(ticket)) for ticket in raised),
        *(timers.tick() for timers in both * 2),
    ]
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert all(isinstance(each, NotNow) for each in refused), refused
    [[deadlocks]] = await shift.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert deadlocks == 0
    assert await shift.rows("SELECT count(*) FROM pings WHERE state = 'open'") == [(0,)]
