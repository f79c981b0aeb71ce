"""The timers: a sweep with work to do against django-helpdesk's, and a tick with none by the number of tickets."""

import asyncio
import json
import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from weakref import WeakKeyDictionary

from app.delivery.timers import Timers
from app.desk import load as desk_file
from app.desk.model import Desk as DeskFile
from app.store.clock import TimeSource
from app.store.connect import connect
from app.store.database import Database
from bench import servers, size
from bench.ours import Desk
from bench.peers import DJANGO_HELPDESK
from bench.report import Row
from bench.servers import CannotMeasureError
from bench.teams import Teams

OPEN = 100_000
DUE_EVERY = 100
DUE = OPEN // DUE_EVERY
TICKS = 50
LINES = ("first", "network")
#: What bench/desk.yaml promises for P4, around the clock.
FIRST_RESPONSE = timedelta(hours=8)
#: Tickets that are not due were raised within this time.
RAISED_WITHIN = timedelta(hours=2)
OVERDUE_BY = timedelta(seconds=1)


_timers: WeakKeyDictionary[Database, Timers] = WeakKeyDictionary()


async def ours(database: Database, desk: DeskFile, now: datetime) -> float:
    """Return the seconds of one sweep at `now`: whatever is due is found, acted on, and durable when it returns."""
    timers = _timers.get(database)
    if timers is None:
        timers = _timers[database] = Timers(
            database, desk, time=TimeSource(lambda: now, believes_database=False), fired=lambda: None
        )
        await timers.beat()  # a sign of life every ten seconds is no part of a sweep
    begun = time.perf_counter()
    await timers.tick()
    return time.perf_counter() - begun


async def measure(teams: Teams, folder: Path, rounds: int) -> list[Row]:
    """Return how the sweep compares with the peer's, and how a tick with nothing due grows with the open tickets."""
    template = folder / "template"
    async with servers.ticketbot(teams, template) as server:
        desk = Desk(server, teams)
        await desk.open()
        await desk.submit(size.TEMPLATES)
    now = datetime.now(UTC)
    return [*await _sweeps(template, folder, rounds, now), await _idle(template, folder, rounds, now)]


async def _sweeps(template: Path, folder: Path, rounds: int, now: datetime) -> list[Row]:
    """Due tickets per second, and sweeps per second over as many open tickets once nothing is due any more.

    Each round of ours works on a copy, the peer makes its tickets due again.
    """
    prepared, turns = folder / "prepared.db", folder / "turn.db"
    prepare(template, prepared, OPEN, now, due_every=DUE_EVERY)
    mine: list[float] = []
    theirs: list[float] = []
    idle: list[float] = []
    their_idle: list[float] = []
    for turn in range(rounds + 1):
        _copy(prepared, turns)
        async with _opened(turns) as database:
            desk = desk_file.load(template / "desk.yaml")
            seconds = await ours(database, desk, now)
            seconds_nothing_due = median([await ours(database, desk, now) for _ in range(TICKS)])
        _see_everything_done(turns, now)
        if turn == 0:  # the first turn only warms ours; the peer warms itself in each of its processes
            await prepare_peer(folder)
            continue
        told = await sweep_peer(folder)
        mine.append(DUE / seconds)
        theirs.append(DUE / told["seconds"])
        idle.append(1 / seconds_nothing_due)
        their_idle.append(1 / told["seconds_nothing_due"])
    against, of = f"{DJANGO_HELPDESK.name} escalate_tickets", f"of {OPEN:,} open tickets due"
    return [
        Row(f"sweep, {DUE:,} {of}", "due/s", mine, 50, at_least=True, against=against, theirs=theirs),
        Row(f"sweep, none {of}", "sweeps/s", idle, 50, at_least=True, against=against, theirs=their_idle),
    ]


async def _idle(template: Path, folder: Path, rounds: int, now: datetime) -> Row:
    """Milliseconds of a tick that finds nothing, over many and over few open tickets."""
    times: dict[int, list[float]] = {size.FEW: [], size.MANY: []}
    desk = desk_file.load(template / "desk.yaml")
    async with AsyncExitStack() as stack:
        databases = {}
        for many in times:
            file = folder / f"idle-{many}.db"
            prepare(template, file, many, now)
            databases[many] = await stack.enter_async_context(_opened(file))
        for turn in range(rounds + 1):
            for many, database in databases.items():
                seconds = [await ours(database, desk, now) for _ in range(TICKS)]
                if turn:  # the first turn only warms both sides
                    times[many].append(median(seconds) * 1000)
    return Row(
        "timer tick, nothing due: 1,000,000 open ÷ 1,000",
        "ms",
        times[size.MANY],
        1.5,
        at_least=False,
        against="1,000 open",
        theirs=times[size.FEW],
    )


def prepare(template: Path, target: Path, many: int, now: datetime, *, due_every: int | None = None) -> None:
    """Write a database of open tickets in two lines, raised by people the bot can reach, and with their cards.

    Nobody has responded yet. Of each `due_every` the first response of one has just become overdue; that of all others
    is hours away.
    """
    # not `k % due_every = 0`: the due ones shall come from every template and both lines
    is_due = f"n.k % {due_every} = n.k / {due_every} % {due_every}" if due_every else "0"
    overdue = int((FIRST_RESPONSE + OVERDUE_BY).total_seconds())
    age = f"CASE WHEN {is_due} THEN {overdue} ELSE n.k % {int(RAISED_WITHIN.total_seconds())} END"
    raised = _moment(now, f"-({age})")
    columns = {
        "status": "'new'",
        "priority": "'P4'",
        "target_priority": "'P4'",
        "line": f"CASE n.k % 2 WHEN 0 THEN '{LINES[0]}' ELSE '{LINES[1]}' END",
        **dict.fromkeys(("created_at", "updated_at", "line_since", "running_since"), raised),
        "next_at": _moment(now, f"{int(FIRST_RESPONSE.total_seconds())} - ({age})"),
    }
    size.multiply(template / "ticketbot.db", target, many, columns)
    database = sqlite3.connect(target)
    _introduce(database)
    _show(database)
    database.commit()
    database.close()


def _moment(now: datetime, seconds: str) -> str:
    """SQL for the moment `seconds`, itself SQL, after `now`, written as the store writes times."""
    return f"strftime('%Y-%m-%d %H:%M:%f000', '{now:%Y-%m-%d %H:%M:%S}', ({seconds}) || ' seconds')"


def _introduce(database: sqlite3.Connection) -> None:
    """Let the bot know whoever raised a ticket, and their chat, as it knows the requesters of the template."""
    known = "SELECT person FROM chats WHERE kind = 'personal' AND person IN (SELECT id FROM people) LIMIT 1"
    (like,) = database.execute(known).fetchone()
    everybody = "(SELECT DISTINCT requester AS who FROM tickets) AS r"
    _fill(database, "people", everybody, f"x.id = '{like}'", {"id": "who", "teams_id": "'29:' || who"})
    _fill(database, "chats", everybody, f"x.person = '{like}'", {"id": "'a:chat-' || who", "person": "who"})


def _fill(database: sqlite3.Connection, table: str, each: str, like: str, other: Mapping[str, str]) -> None:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(other.get(column, f"x.{column}") for column in columns)
    database.execute(f"INSERT INTO {table} SELECT {values} FROM {each} CROSS JOIN {table} AS x WHERE {like}")  # noqa: S608


def _show(database: sqlite3.Connection) -> None:
    """Give each ticket the two living cards that a change would have to refresh."""
    for slot, conversation in (("'requester'", "'a:chat-' || requester"), ("'line:' || line", "'channel:' || line")):
        database.execute(
            "INSERT INTO cards (ticket, slot, conversation, activity, updated_at)"  # noqa: S608 - values above
            f" SELECT id, {slot}, {conversation}, 'message-' || id, created_at FROM tickets"
        )


def _see_everything_done(file: Path, now: datetime) -> None:
    """Refuse a sweep that left something due, or that told nobody."""
    database = sqlite3.connect(file)
    (left,) = database.execute("SELECT count(*) FROM tickets WHERE next_at <= ?", (f"{now:%F %T.%f}",)).fetchone()
    (told,) = database.execute("SELECT count(DISTINCT ticket) FROM outbox").fetchone()
    database.close()
    if left or told != DUE:
        raise CannotMeasureError(f"the sweep left {left} tickets due and told somebody of {told}, not of {DUE}")


@asynccontextmanager
async def _opened(file: Path) -> AsyncIterator[Database]:
    database = connect(f"sqlite+aiosqlite:///{file}")
    try:
        yield database
    finally:
        await database.close()


def _copy(prepared: Path, target: Path) -> None:
    """Copy durably, so that the first commit does not wait for the copy to reach the disk."""
    for rest in target.parent.glob(f"{target.name}*"):
        rest.unlink()
    shutil.copyfile(prepared, target)
    with target.open("rb") as copy:
        os.fsync(copy.fileno())


async def prepare_peer(folder: Path) -> None:
    """Install the peer and make its database in `folder`."""
    await asyncio.to_thread(DJANGO_HELPDESK.install)
    await _peer("prepare", folder)


async def sweep_peer(folder: Path) -> dict[str, float]:
    """Return the `seconds` of the peer's sweep, and the `seconds_nothing_due` of another right after it."""
    told = json.loads((await _peer("sweep", folder)).splitlines()[-1])
    return {name: float(told[name]) for name in ("seconds", "seconds_nothing_due")}


async def _peer(what: str, folder: Path) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(str(DJANGO_HELPDESK.python), str(DJANGO_HELPDESK.script), what),
        env={**os.environ, "BENCH_DATABASE": str(folder / "django_helpdesk.db")},
        stdout=asyncio.subprocess.PIPE,
    )
    servers.pin(process.pid, servers.server_cores()[0] if servers.server_cores() else None)
    out, _ = await process.communicate()
    if process.returncode:
        raise CannotMeasureError(f"{DJANGO_HELPDESK.name} ({what}) ended with {process.returncode}")
    return out
