"""Whatever the desk leaves undone, somebody is told within two minutes; a desk that does its work alarms nobody."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.delivery.auditor import LOOKS_EVERY, MAY_BE_SILENT, Auditor
from app.i18n import Texts
from app.store.audit import TOLD_AGAIN, Fault
from app.store.clock import TimeSource
from app.store.database import Database
from app.store.schema import UtcDateTime
from tests.delivery.office import Office, sentence
from tests.services.prepared import STATES, raised
from tests.support.desk import Cast, World, escalating_desk, world

PROMISED = timedelta(minutes=2)


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """A running desk whose people have met the bot, with a ticket that somebody works on."""
    cast = Cast()
    async with world(address, cast=cast, desk_text=escalating_desk(cast)) as running:
        for person in (cast.requester, cast.admin):
            await running.write(person, "hilfe")
        await raised(running, "in_progress")
        await running.settle()
        yield running


async def write(database: Database, statement: str, **values: Any) -> None:
    """Change the tables behind the desk's back."""
    times = [bindparam(name, type_=UtcDateTime()) for name, value in values.items() if isinstance(value, datetime)]
    await database.write(lambda tx: tx.execute(text(statement).bindparams(*times), values).rowcount)


PING = """INSERT INTO pings (ticket, cause, event, line, tell, asked, now_asked, stage, loop, reminders, unreached,
 state, created_at, due_at) VALUES (1001, 'nudge', 1, 'first', '[]', '[]', '[]', 0, 0, 0, false, 'open', :now, :due)"""
PREVENTION = """INSERT INTO preventions (ticket, text, owner, due, decided_by, created_at, reminders, remind_at)
 VALUES (1001, 'Üben', 'max', '2026-12-01', 'max', :now, 0, :due)"""
MESSAGE = """INSERT INTO outbox (target, kind, what, data, state, due_at, lease_until, attempts, ambiguous, created_at)
 VALUES (:target, 'say', 'sentence', :data, :state, :due, :lease, 1, 0, :now)"""


async def message(desk: World, due: float, *, state: str = "pending", lease: float | None = None) -> None:
    """A message to the requester that is due (and leased) so many seconds from now."""
    now, target = desk.clock.now(), f"person:{desk.cast.requester.aad_id}"
    at, until = now + timedelta(seconds=due), now + timedelta(seconds=lease or 0) if lease is not None else None
    statement = MESSAGE if until else MESSAGE.replace(":lease", "NULL")
    data = json.dumps({"key": "admin.empty"})
    values = {"target": target, "data": data, "state": state, "due": at, "now": now}
    await write(desk.database, statement, **values, **({"lease": until} if until else {}))


async def _timer_late(desk: World) -> None:
    await write(desk.database, "UPDATE tickets SET next_at = :now", now=desk.clock.now())


async def _timer_missing(desk: World) -> None:
    await write(desk.database, "UPDATE tickets SET next_at = NULL")


async def _timer_of_a_pending_ticket_missing(desk: World) -> None:
    await write(desk.database, "UPDATE tickets SET next_at = NULL, status = 'pending', pending_reason = 'supplier'")


async def _timer_left(desk: World) -> None:
    await write(desk.database, "UPDATE tickets SET status = 'closed'")


async def _ping_late(desk: World) -> None:
    await write(desk.database, PING, now=desk.clock.now(), due=desk.clock.now())


async def _ping_without_time(desk: World) -> None:
    await write(desk.database, PING.replace(":due", "NULL"), now=desk.clock.now())


async def _prevention_late(desk: World) -> None:
    await write(desk.database, PREVENTION, now=desk.clock.now(), due=desk.clock.now())


async def _prevention_nobody_is_reminded_of(desk: World) -> None:
    await write(desk.database, PREVENTION.replace(":due", "NULL"), now=desk.clock.now())


async def _message_waiting(desk: World) -> None:
    await message(desk, -300)


async def _message_abandoned(desk: World) -> None:
    await message(desk, -90, state="sending", lease=0.0)


async def _message_held_back(desk: World) -> None:
    await message(desk, 1200)
    await message(desk, -300)


async def _timers_silent(desk: World) -> None:
    await write(desk.database, "DELETE FROM leases WHERE name = 'timers'")


async def _dispatcher_silent(desk: World) -> None:
    """Its lease is gone; alone with its database it has none, and sends nothing."""
    await write(desk.database, "DELETE FROM leases WHERE name = 'dispatcher'")
    await write(desk.database, "DELETE FROM outbox WHERE state = 'sent'")
    await message(desk, 0)


async def _timer_set_too_late(desk: World) -> None:
    later = desk.clock.now() + timedelta(days=90)
    await write(desk.database, "UPDATE tickets SET next_at = :later", later=later)


async def _end_of_a_target_without_a_trace(desk: World) -> None:
    long_ago, soon = desk.clock.now() - timedelta(days=9), desk.clock.now() + timedelta(hours=1)
    late = "UPDATE tickets SET created_at = :ago, running_since = :ago, next_at = :soon"
    await write(desk.database, late, ago=long_ago, soon=soon)


PLANTED = [
    (_timer_late, Fault.TIMER_LATE, "INC-1001"),
    (_timer_missing, Fault.TIMER_MISSING, "INC-1001"),
    (_timer_of_a_pending_ticket_missing, Fault.TIMER_MISSING, "INC-1001"),
    (_timer_left, Fault.TIMER_LEFT, "INC-1001"),
    (_ping_late, Fault.PING_LATE, "INC-1001"),
    (_ping_without_time, Fault.PING_WITHOUT_TIME, "INC-1001"),
    (_prevention_late, Fault.PREVENTION_LATE, "INC-1001"),
    (_prevention_nobody_is_reminded_of, Fault.PREVENTION_LATE, "INC-1001"),
    (_message_waiting, Fault.MESSAGE_WAITING, "Nr. "),
    (_message_abandoned, Fault.MESSAGE_ABANDONED, "Nr. "),
    (_message_held_back, Fault.MESSAGE_HELD_BACK, "Nr. "),
    (_timers_silent, Fault.TIMERS_SILENT, "Kein Prozess"),
    (_dispatcher_silent, Fault.DISPATCHER_SILENT, "kein Prozess"),
    (_timer_set_too_late, Fault.PROMISE_UNWATCHED, "INC-1001"),
    (_end_of_a_target_without_a_trace, Fault.PROMISE_UNWATCHED, "INC-1001"),
]


async def look(desk: World, fault: Fault | None = None) -> None:
    """Let a while go by and the auditor look, at a desk where all is at work except what the fault is about."""
    desk.clock.advance(seconds=LOOKS_EVERY)
    now = desk.clock.now()
    alive = "UPDATE leases SET until = :until WHERE name <> :dead"
    dead = {Fault.TIMERS_SILENT: "timers", Fault.DISPATCHER_SILENT: "dispatcher"}.get(fault, "") if fault else ""
    await write(desk.database, alive, until=now + timedelta(seconds=30), dead=dead)
    if fault is not Fault.DISPATCHER_SILENT:
        await write(desk.database, "UPDATE outbox SET done_at = :now WHERE state = 'sent'", now=now)
    await desk.running.auditor.check()


async def alarmed(desk: World, fault: Fault) -> timedelta:
    """How long it takes until there is an alarm, in the worst case."""
    began = desk.clock.now()
    desk.clock.advance(seconds=9)  # so that one look comes just before the minute is over
    while not desk.running.auditor.alarms:
        assert desk.clock.now() - began <= PROMISED
        await look(desk, fault)
    return desk.clock.now() - began


def told(desk: World) -> list[str]:
    """The alarms in the admin's chat."""
    return [message.words for message in desk.messages(desk.cast.admin.chat_id) if "Alarm" in message.words]


async def asked(desk: World, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{desk.running.port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(("plant", "fault", "example"), PLANTED)
async def test_an_operator_and_the_admin_hear_of_every_fault_once_within_two_minutes(
    desk: World, plant: Any, fault: Fault, example: str
) -> None:
    await look(desk)
    assert json.loads((await asked(desk, "/readyz"))[1])["auditor"]
    await plant(desk)
    assert await alarmed(desk, fault) <= PROMISED
    assert set(desk.running.auditor.alarms) == {fault}
    status, body = await asked(desk, "/readyz")
    assert (status, json.loads(body)["auditor"]) == (503, False)
    assert (await asked(desk, "/livez"))[0] == 200
    assert f'ticketbot_audit_alarms{{fault="{fault.value}"}} 1.0' in (await asked(desk, "/metrics"))[1]
    for _ in range(3):
        await look(desk, fault)
    await write(desk.database, "DELETE FROM leases WHERE name = 'dispatcher'")  # whoever sends now is another process
    desk.running.dispatcher._leads_until = None
    await desk.running.dispatcher.deliver_due()
    [alarm] = told(desk)
    assert example in alarm


async def _mended(desk: World) -> None:
    await write(desk.database, "DELETE FROM pings")


async def test_an_alarm_ends_with_its_fault_and_is_told_again_when_that_comes_back(desk: World) -> None:
    for times in (1, 2):
        await _ping_without_time(desk)
        await alarmed(desk, Fault.PING_WITHOUT_TIME)
        await desk.running.dispatcher.deliver_due()
        assert len(told(desk)) == times
        await _mended(desk)
        await look(desk)
        assert not desk.running.auditor.alarms
        assert json.loads((await asked(desk, "/readyz"))[1])["auditor"]
        assert 'ticketbot_audit_alarms{fault="ping_without_time"} 0.0' in (await asked(desk, "/metrics"))[1]
        desk.clock.advance(minutes=10)


async def test_a_fault_that_comes_and_goes_does_not_flood_the_admin(desk: World) -> None:
    for _ in range(20):
        await _ping_without_time(desk)
        await alarmed(desk, Fault.PING_WITHOUT_TIME)
        await desk.running.dispatcher.deliver_due()
        await _mended(desk)
        await look(desk)
    assert len(told(desk)) <= 3


async def test_a_fault_that_lasts_is_told_every_six_hours(desk: World) -> None:
    await _ping_without_time(desk)
    for hours in range(14):
        await look(desk)
        await look(desk)
        await desk.running.dispatcher.deliver_due()
        assert len(told(desk)) == 1 + hours // 6
        desk.clock.advance(hours=1)
    assert timedelta(hours=6) == TOLD_AGAIN


async def test_what_is_gone_at_the_next_look_alarms_nobody(desk: World) -> None:
    for _ in range(4):
        await _ping_without_time(desk)
        await look(desk)
        assert not desk.running.auditor.alarms
        await _mended(desk)
        await look(desk)
        assert not desk.running.auditor.alarms


async def test_of_several_replicas_one_tells(desk: World) -> None:
    others = [auditor_of(desk) for _ in range(3)]
    await _ping_without_time(desk)
    for _ in range(4):
        await look(desk)
        await asyncio.gather(*(each.check() for each in others))
        await desk.running.dispatcher.deliver_due()
    assert all(each.alarms for each in others)
    assert len(told(desk)) == 1


def auditor_of(desk: World, **more: Any) -> Auditor:
    """An auditor of another process."""
    how: dict[str, Any] = {"time": TimeSource(desk.clock.now, believes_database=False), **more}
    return Auditor(desk.database, desk.desk, registry=CollectorRegistry(), queued=lambda: None, **how)


async def test_an_auditor_that_does_not_look_is_noticed(desk: World) -> None:
    await look(desk)
    desk.clock.advance(seconds=MAY_BE_SILENT.total_seconds())
    assert not json.loads((await asked(desk, "/readyz"))[1])["auditor"]
    await look(desk)
    assert json.loads((await asked(desk, "/readyz"))[1])["auditor"]


@asynccontextmanager
async def _standing_still(address: str, database: Database) -> AsyncIterator[None]:
    """A database that takes questions and answers none."""
    if database.is_shared:
        engine = create_async_engine(address)
        async with engine.connect() as connection:
            await connection.execute(text("LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE"))
            yield
        await engine.dispose()
        return
    release = threading.Event()
    stuck = [asyncio.create_task(database.read(lambda _: release.wait(30))) for _ in range(4)]
    await asyncio.sleep(0)
    try:
        yield
    finally:
        release.set()
        await asyncio.gather(*stuck)


async def test_a_database_that_stands_still_does_not_silence_the_auditor(address: str, desk: World) -> None:
    registry = CollectorRegistry()
    auditor = Auditor(
        *(desk.database, desk.desk),
        time=TimeSource(desk.clock.now, believes_database=False),
        registry=registry,
        queued=lambda: None,
        answers_within=1.0,
    )
    async with _standing_still(address, desk.database):
        for _ in range(2):
            await auditor.check()
            desk.clock.advance(seconds=LOOKS_EVERY)
        assert set(auditor.alarms) == {Fault.DATABASE}
        assert not auditor.is_content
        assert 'ticketbot_audit_alarms{fault="database"} 1.0' in generate_latest(registry).decode()
    await look(desk)
    await auditor.check()
    assert auditor.is_content


async def test_what_was_wrong_before_the_database_went_away_is_not_forgotten(address: str, desk: World) -> None:
    auditor = auditor_of(desk, answers_within=1.0)
    await _timer_missing(desk)
    for _ in range(2):
        await look(desk)
        await auditor.check()
    async with _standing_still(address, desk.database):
        await auditor.check()
    assert set(auditor.alarms) == {Fault.TIMER_MISSING}


@pytest.mark.parametrize("minutes", [-2, 2])
async def test_a_machine_whose_clock_is_wrong_is_noticed_where_the_database_knows_better(
    desk: World, minutes: int
) -> None:
    """Planted far from the desk's own time, so that everything else of it seems late, too."""
    wrong = timedelta(minutes=minutes)
    clock = {"ahead": wrong}
    auditor = auditor_of(desk, time=TimeSource(lambda: datetime.now(UTC) + clock["ahead"]))
    await auditor.check()
    assert (Fault.CLOCK in auditor._seen_since) == desk.database.is_shared
    clock["ahead"] = timedelta()
    await auditor.check()
    assert Fault.CLOCK not in auditor._seen_since


async def test_a_busy_desk_that_does_its_work_alarms_nobody(desk: World) -> None:
    """Tickets in every state, promises that break, pings that go round, people who cannot be reached."""
    for state in STATES:
        await raised(desk, state)
    auditor = desk.running.auditor
    for minutes in [1] * 6 + [15] * 12 + [240] * 42:
        desk.clock.advance(minutes=minutes)
        await desk.settle()
        await auditor.check()
        assert not auditor._seen_since, (auditor._seen_since, desk.clock.now())
    [(asked_for, fired)] = await desk.rows(
        "SELECT (SELECT count(*) FROM pings), (SELECT count(*) FROM events WHERE code = 'clock.fired')"
    )
    assert asked_for >= 2
    assert fired > 20


@pytest.mark.parametrize("people", [1, 60])
async def test_a_burst_that_teams_limits_stretch_over_minutes_alarms_nobody(office: Office, people: int) -> None:
    """Two messages a second, and the last of them has waited for six minutes before its conversation's turn comes."""
    for person in range(people):
        messages = (sentence("person:ada", f"m{number}") for number in range(240 // people))
        await office.queue(*messages, by=f"p{person}" if people > 1 else None)
    office.clock.advance(minutes=6)
    dispatcher, registry = office.dispatcher(), CollectorRegistry()
    auditor = Auditor(
        *(office.database, office.desk),
        time=TimeSource(office.clock.now, believes_database=False),
        registry=registry,
        queued=lambda: None,
    )
    looks = 0
    while len(await office.rows("id", "state = 'pending'")) > 0:
        await office.run(dispatcher, LOOKS_EVERY)
        await auditor.check()
        assert not auditor.alarms, auditor.alarms
        looks += 1
    assert looks >= 4


def test_every_fault_has_words_and_says_what_to_do() -> None:
    for language in ("de", "en"):
        said = Texts.load().language(language)
        for fault in set(Fault) - {Fault.DATABASE}:
            assert said(f"alarm.{fault.value}", count=2, example="INC-7")
            assert said(f"alarm.do.{fault.value}", example="INC-7")
