"""The same pages over 1,000 and over 1,000,000 tickets."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench import load, servers, world
from bench.ours import Desk, Ticket
from bench.report import Row
from bench.teams import Teams

FEW, MANY = 1_000, 1_000_000
TEMPLATES = 10
PER_PERSON = 20
#: Of each ten tickets two are open; the queue of the large desk is as long as the small desk has no hope of being.
OPEN_OF_TEN = 2
PRESSES = 200
FIRST_ID = 1_000_000


async def measure(teams: Teams, folder: Path, rounds: int) -> list[Row]:
    """Return how much longer a page takes on the large desk; both are asked in turn, one request at a time."""
    template = folder / "template"
    async with servers.ticketbot(teams, template) as server:
        desk = Desk(server, teams)
        await desk.open()
        _, tickets = await desk.submit(TEMPLATES)
        await desk.take(tickets[: TEMPLATES // 2])
    homes = {many: folder / str(many) for many in (FEW, MANY)}
    for many, home in homes.items():
        home.mkdir(parents=True)
        multiply(template / "ticketbot.db", home / "ticketbot.db", many)
    small = servers.ticketbot(teams, homes[FEW])
    large = servers.ticketbot(teams, homes[MANY])
    async with small, large:
        desks = {FEW: Desk(small, teams), MANY: Desk(large, teams)}
        times: dict[tuple[str, int], list[float]] = {}
        for turn in range(rounds + 1):
            for many, desk in desks.items():
                for page, ask in PAGES.items():
                    run = await ask(desk, many, random.Random(turn))
                    if turn:  # the first turn only warms both sides
                        times.setdefault((page, many), []).append(_milliseconds(run))
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


async def _my_tickets(desk: Desk, many: int, chance: random.Random) -> load.Run:
    people = (owner(chance.randrange(many // PER_PERSON)) for _ in range(PRESSES))
    return await desk.ask_each([(who, "tickets.mine", {"desk": {}}) for who in people])


async def _one_ticket(desk: Desk, many: int, chance: random.Random) -> load.Run:
    numbers = [chance.randrange(many) for _ in range(PRESSES)]
    return await desk.ask_each([(owner(n // PER_PERSON), "ticket.view", Ticket(FIRST_ID + n, 1).data) for n in numbers])


PAGES = {"my tickets": _my_tickets, "one ticket's card": _one_ticket}


def owner(number: int) -> dict[str, str]:
    """Return the requester of the seeded tickets `20·number` to `20·number + 19`."""
    return world.person("owner", number) | {"aadObjectId": f"{number:08x}-0000-4000-8000-000000000000"}


def multiply(template: Path, target: Path, many: int) -> None:
    """Write a database with `many` tickets whose rows, and whose histories, are copies of the template's."""
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
    _copy(database, "tickets", "template", many, _ticket_column)
    _copy(database, "events", "told", many, _event_column)
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode=WAL")
    database.close()


def _copy(database: sqlite3.Connection, table: str, source: str, many: int, value: Callable[[str], str]) -> None:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if (table, row[1]) != ("events", "id")]
    values = ", ".join(value(column) for column in columns)
    counted = f"WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k + 1 < {many})"  # noqa: S608
    rows = f"SELECT {values} FROM n JOIN {source} AS t ON t.place = n.k % {TEMPLATES}"  # noqa: S608 - all ours
    database.execute(f"{counted} INSERT INTO {table} ({', '.join(columns)}) {rows}")


def _ticket_column(name: str) -> str:
    return {
        "id": f"{FIRST_ID} + n.k",
        "number": f"substr(t.number, 1, 4) || ({FIRST_ID} + n.k)",
        "requester": f"printf('%08x-0000-4000-8000-000000000000', n.k / {PER_PERSON})",
        "title": "t.title || ' ' || n.k",
        # not `k % 10` again: each template must appear both open and closed
        "status": f"CASE WHEN (n.k / {TEMPLATES}) % 10 < {OPEN_OF_TEN} THEN t.status ELSE 'closed' END",
    }.get(name, f"t.{name}")


def _event_column(name: str) -> str:
    return {"ticket": f"{FIRST_ID} + n.k"}.get(name, f"t.{name}")


def _milliseconds(run: load.Run) -> float:
    return median(answer.seconds for answer in run.answers) * 1000
