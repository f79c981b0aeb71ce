"""The same searches over 1,000 and over 100,000 tickets, on both databases."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import quantiles

from sqlalchemy import Connection

from app.store import search
from app.store.connect import connect
from app.store.database import Database
from app.store.migrate import migrate
from bench.replicas import drop, new_database
from bench.report import Row
from bench.servers import CannotMeasureError, NotHereError

FEW, MANY = 1_000, 100_000
PER_PERSON = 20
LINES = ("first", "network", "workplace", "sap")
BATCH = 500
SEARCHES = 400
FIRST_ID = 1001
WORDS = 10_000
MATTERS = (
    "VPN bricht ständig ab",
    "Drucker druckt nur leere Seiten",
    "Passwort vergessen, Konto gesperrt",
    "Laptop startet nach Update nicht",
    "Outlook synchronisiert Kalender nicht",
    "Zugriff auf Netzlaufwerk fehlt",
    "Monitor bleibt schwarz",
    "SAP-Buchung schlägt fehl",
)
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]


async def measure(folder: Path, rounds: int) -> list[Row]:
    """Return how much longer the slowest of a hundred searches takes among many tickets; asked in turn, one at a time.

    PostgreSQL is left out where none answers.
    """
    rows = await _on("SQLite", [f"sqlite+aiosqlite:///{folder / f'{many}.db'}" for many in (FEW, MANY)], rounds)
    addresses: list[str] = []
    try:
        for _ in (FEW, MANY):
            addresses.append(await new_database())
        rows += await _on("PostgreSQL", addresses, rounds)
    except NotHereError:
        pass
    finally:
        for address in addresses:
            await drop(address)
    return rows


async def _on(kind: str, addresses: list[str], rounds: int) -> list[Row]:
    times: dict[tuple[str, int], list[float]] = {}
    async with AsyncExitStack() as stack:
        places = []
        for address, many in zip(addresses, (FEW, MANY), strict=True):
            await asyncio.to_thread(migrate, address)
            await _fill(address, many)
            database = connect(address)
            stack.push_async_callback(database.close)
            places.append(Place(database, many))
        for turn in range(rounds + 1):
            for place in places:
                for whose in ASKED:
                    seconds = await place.search(whose, random.Random(turn))
                    if turn:  # the first turn only warms both sides
                        times.setdefault((whose, place.tickets), []).append(quantiles(seconds, n=100)[98] * 1000)
    return [
        Row(
            f"search, {whose}, {kind}: p99 of 100,000 tickets ÷ 1,000",
            "ms",
            times[whose, MANY],
            3,
            at_least=False,
            against="1,000 tickets",
            theirs=times[whose, FEW],
        )
        for whose in ASKED
    ]


ASKED = ("a line's tickets", "own tickets", "solved ones like this")


@dataclass(frozen=True)
class Place:
    """One desk's tickets."""

    database: Database
    tickets: int

    async def search(self, whose: str, chance: random.Random) -> list[float]:
        """Return the seconds of each search; refuse to measure one that finds nothing where it must."""
        seconds, found = [], 0
        for _ in range(SEARCHES):
            asked = {
                "a line's tickets": {"person": None, "lines": ["first"], "limit": 10},
                "own tickets": {"person": f"p{chance.randrange(self.tickets // PER_PERSON)}", "lines": [], "limit": 10},
                "solved ones like this": {"person": None, "lines": LINES, "solved": True, "limit": 3},
            }[whose]
            query = _query(chance) if whose != "solved ones like this" else f"{_title(chance)} {_text(chance, 20)}"
            started = time.perf_counter()
            ids = await self.database.read(partial(search.find_tickets, query=query, **asked))  # type: ignore[arg-type]
            seconds.append(time.perf_counter() - started)
            found += bool(ids)
        if found < SEARCHES // 4:
            raise CannotMeasureError(f"{found} of {SEARCHES} searches found anything in {whose}")
        return seconds


async def _fill(address: str, many: int) -> None:
    """Index the tickets; a SQLite file that nobody holds open has everything where it belongs."""
    database = connect(address)
    chance = random.Random(7)
    for start in range(0, many, BATCH):
        await database.write(partial(_add, start=start, many=min(BATCH, many - start), chance=chance))
    await database.close()


def _add(tx: Connection, start: int, many: int, chance: random.Random) -> None:
    for n in range(start, start + many):
        search.index_ticket(
            tx,
            FIRST_ID + n,
            search.FindableTicket(
                number=f"INC-{FIRST_ID + n}",
                title=_title(chance),
                description=_text(chance, 40),
                resolution=_text(chance, 15) if n % 5 else None,
                requester=f"p{n // PER_PERSON}",
                lines=[LINES[n % len(LINES)]],
                solved=bool(n % 5),
            ),
        )


def _vocabulary() -> list[str]:
    chance = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 5)))] = None
    return list(words)


VOCABULARY = _vocabulary()
#: as in real texts: the n-th word is used one n-th as often as the first
OFTEN = list(accumulate(1 / (n + 1) for n in range(WORDS)))


def _text(chance: random.Random, length: int) -> str:
    return " ".join(chance.choices(VOCABULARY, cum_weights=OFTEN, k=length))


def _title(chance: random.Random) -> str:
    return f"{chance.choice(MATTERS)} {_text(chance, 2)}"


def _query(chance: random.Random) -> str:
    """A common word, two, a slip in one, or a word of its own."""
    matter = chance.choice(MATTERS).split()
    common = chance.choice(matter[:2])
    rare = chance.choice(VOCABULARY)
    slip = common[:2] + common[3:]
    return chance.choice((common, " ".join(matter[:3]), f"{common} {_text(chance, 1)}", slip, rare, f"{common} {rare}"))
