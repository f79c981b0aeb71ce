"""The same pages over 1,000 and over 1,000,000 tickets."""

import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from types import MappingProxyType

from app.desk import load as desk_file
from app.desk.model import Desk as DeskFile
from app.domain.lists import ListQuery
from app.domain.people import Actor
from app.services import lists
from app.store.connect import connect
from app.store.database import Database
from bench import load, servers, world
from bench.ours import Desk, Ticket
from bench.report import Row
from bench.servers import CannotMeasureError
from bench.teams import Teams

FEW, MANY = 1_000, 1_000_000
TEMPLATES = 10
PER_PERSON = 20
#: Of each ten tickets two are open, so the large desk's queue holds 200,000: far more than any real one.
OPEN_OF_TEN = 2
PRESSES = 200
ASKING = 40
PRIORITIES = 4
FIRST_ID = 1_000_000


async def measure(teams: Teams, folder: Path, rounds: int) -> list[Row]:
    """Return how much longer a page takes on the large desk; both are asked in turn, one request at a time."""
    template = folder / "template"
    async with servers.ticketbot(teams, template) as server:
        desk = Desk(server, teams)
        await desk.open()
        _, raised = await desk.submit(TEMPLATES)
        await desk.take(raised[: TEMPLATES // 2])
    homes = {many: folder / str(many) for many in (FEW, MANY)}
    for many, home in homes.items():
        home.mkdir(parents=True)
        multiply(template / "ticketbot.db", home / "ticketbot.db", many)
    times: dict[tuple[str, int], list[float]] = {}
    async with AsyncExitStack() as stack:
        places = []
        for many, home in homes.items():
            server = await stack.enter_async_context(servers.ticketbot(teams, home))
            database = connect(f"sqlite+aiosqlite:///{home / 'ticketbot.db'}")
            stack.push_async_callback(database.close)
            places.append(Place(Desk(server, teams), database, desk_file.load(home / "desk.yaml"), many))
        for place in places:
            everyone = [place.person(n) for n in range(ASKING)]
            await place.desk.ask_each([(owner(who), "tickets.mine", {"desk": {}}) for who in everyone])
        for turn in range(rounds + 1):
            for place in places:
                for page, ask in PAGES.items():
                    seconds = await ask(place, random.Random(turn))
                    if turn:  # the first turn only warms both sides
                        times.setdefault((page, place.tickets), []).append(median(seconds) * 1000)
    return [
        Row(
            f"{page}: 1,000,000 tickets ÷ 1,000",
            "ms",
            times[page, MANY],
            1.5,
            at_least=False,
            against="1,000 tickets",
            theirs=times[page, FEW],
        )
        for page in PAGES
    ]


AGENT = lists.Reader(Actor("agent", "", "de", frozenset({"first"})))


@dataclass(frozen=True)
class Place:
    """One desk: asked through its server and, where a page only ever travels by message, through the use case."""

    desk: Desk
    database: Database
    file: DeskFile
    tickets: int

    def somebody(self, chance: random.Random) -> int:
        """Return one of the few dozen requesters who ask, spread over all of them: as many on both desks.

        Whoever asks for the first time is written down, which is no question of size.
        """
        return self.person(chance.randrange(ASKING))

    def person(self, number: int) -> int:
        """Return the requester in place `number` of those who ask."""
        return number * (self.tickets // PER_PERSON // ASKING)


async def _my_tickets(place: Place, chance: random.Random) -> list[float]:
    people = [place.somebody(chance) for _ in range(PRESSES)]
    return _seconds(await place.desk.ask_each([(owner(who), "tickets.mine", {"desk": {}}) for who in people]))


async def _one_ticket(place: Place, chance: random.Random) -> list[float]:
    people = [place.somebody(chance) for _ in range(PRESSES)]
    numbers = [FIRST_ID + who * PER_PERSON + chance.randrange(PER_PERSON) for who in people]
    presses = [(owner(who), "ticket.view", Ticket(number, 1).data) for who, number in zip(people, numbers, strict=True)]
    return _seconds(await place.desk.ask_each(presses))


async def _queue(place: Place, chance: random.Random) -> list[float]:
    """A page from anywhere in the queue; what is left beyond it is what could slow it down."""
    seconds = []
    for _ in range(PRESSES):
        n = chance.randrange(place.tickets // 2)
        after = f"P{1 + n % PRIORITIES}.{FIRST_ID + n}"
        started = time.perf_counter()
        query = ListQuery(line="first", after=after)
        ask = partial(lists.listed, desk=place.file, reader=AGENT, query=query, now=datetime.now(UTC))
        page = await place.database.read(ask)
        seconds.append(time.perf_counter() - started)
        if len(page.rows) != lists.PAGE:
            raise CannotMeasureError(f"the queue's page holds {len(page.rows)} tickets, not {lists.PAGE}")
    return seconds


PAGES: dict[str, Callable[[Place, random.Random], Awaitable[list[float]]]] = {
    "my tickets": _my_tickets,
    "one ticket's card": _one_ticket,
    "queue page": _queue,
}


def owner(number: int) -> dict[str, str]:
    """Return the requester of the seeded tickets `20·number` to `20·number + 19`."""
    return world.person("owner", number) | {"aadObjectId": f"{number:08x}-0000-4000-8000-000000000000"}


#: What a copied ticket does not have from its template: SQL over the ticket's place `n.k` and its template `t`.
COLUMNS = {
    "id": f"{FIRST_ID} + n.k",
    "requester": f"printf('%08x-0000-4000-8000-000000000000', n.k / {PER_PERSON})",
    "priority": f"'P' || (1 + n.k % {PRIORITIES})",
    "title": "t.title || ' ' || n.k",
    # not `k % 10` again: each template must appear both open and closed
    "status": f"CASE WHEN (n.k / {TEMPLATES}) % 10 < {OPEN_OF_TEN} THEN t.status ELSE 'closed' END",
}


def multiply(template: Path, target: Path, many: int, columns: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write a database with `many` tickets whose rows, and whose histories, are copies of the template's.

    `columns` are more of, or other than, COLUMNS; those the table does not have are passed over.
    """
    target.write_bytes(template.read_bytes())
    database = sqlite3.connect(target, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=MEMORY", "cache_size=-400000"):
        database.execute(f"PRAGMA {pragma}")
    database.execute(
        "CREATE TEMP TABLE template AS SELECT row_number() OVER (ORDER BY id) - 1 AS place, * FROM tickets"
    )
    database.execute("CREATE TEMP TABLE told AS SELECT e.*, t.place FROM events e JOIN template t ON t.id = e.ticket")
    database.execute("CREATE INDEX temp.told_place ON told (place)")
    for table in ("outbox", "cards", "seen", "events", "tickets"):
        database.execute(f"DELETE FROM {table}")  # noqa: S608 - names above
    database.execute("BEGIN")
    _copy(database, "tickets", "template", many, {**COLUMNS, **columns})
    _copy(database, "events", "told", many, {"ticket": COLUMNS["id"]})
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode=WAL")
    database.close()


def _copy(database: sqlite3.Connection, table: str, source: str, many: int, other: Mapping[str, str]) -> None:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if (table, row[1]) != ("events", "id")]
    values = ", ".join(other.get(column, f"t.{column}") for column in columns)
    counted = f"WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k + 1 < {many})"  # noqa: S608
    rows = f"SELECT {values} FROM n JOIN {source} AS t ON t.place = n.k % {TEMPLATES}"  # noqa: S608 - all ours
    database.execute(f"{counted} INSERT INTO {table} ({', '.join(columns)}) {rows}")


def _seconds(run: load.Run) -> list[float]:
    return [answer.seconds for answer in run.answers]
