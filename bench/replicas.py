"""Two replicas on PostgreSQL against one process on SQLite, each asked by 16 at once in all."""

import asyncio
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from bench import load, servers
from bench.ours import Desk, Ticket
from bench.report import Row
from bench.servers import NotHereError
from bench.teams import Teams

POSTGRES = os.environ.get("TICKETBOT_TEST_POSTGRES_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/test")
REPLICAS = 2
TICKETS = 1600
WARM_UP = 160


@dataclass(frozen=True)
class Rates:
    """Tickets per second."""

    raised: float
    taken: float


async def measure(teams: Teams, folder: Path, rounds: int) -> list[Row]:
    """Return what the second replica gains; raise NotHereError where no PostgreSQL answers."""
    alone: list[Rates] = []
    shared: list[Rates] = []
    for turn in range(rounds):
        alone.append(await _rates(teams, folder / f"sqlite-{turn}", [None]))
        address = await new_database()
        try:
            shared.append(await _rates(teams, folder / f"postgres-{turn}", [address] * REPLICAS))
        finally:
            await drop(address)
    return [
        Row(
            f"{what}, {REPLICAS} replicas on PostgreSQL",
            "/s",
            [getattr(rates, kind) for rates in shared],
            1.5,
            at_least=True,
            against="one process on SQLite",
            theirs=[getattr(rates, kind) for rates in alone],
        )
        for what, kind in (("ticket.submit", "raised"), ("ticket.take", "taken"))
    ]


async def _rates(teams: Teams, folder: Path, databases: list[str | None]) -> Rates:
    """Measure one process per database address; None is a SQLite file of its own."""
    cores = [*servers.server_cores(), servers.load_core()]
    running: list[servers.Server] = []
    try:
        for n, address in enumerate(databases):
            replica = servers.ticketbot(teams, folder / str(n), address).on_core(cores[n % len(cores)])
            running.append(await replica.__aenter__())
        desks = [Desk(server, teams, first=n * 100_000) for n, server in enumerate(running)]
        await desks[0].open()
        each, at_once = 1 / len(desks), load.AT_ONCE // len(desks)

        async def raise_all(many: int) -> tuple[float, list[list[Ticket]]]:
            done = await asyncio.gather(*(desk.submit(int(many * each), at_once) for desk in desks))
            return many / max(run.seconds for run, _ in done), [tickets for _, tickets in done]

        async def take_all(tickets: list[list[Ticket]]) -> float:
            pairs = zip(desks, tickets, strict=True)
            done = await asyncio.gather(*(desk.take(some, at_once) for desk, some in pairs))
            return sum(len(run.answers) for run in done) / max(run.seconds for run in done)

        _, warm = await raise_all(WARM_UP)
        raised, tickets = await raise_all(TICKETS)
        await take_all(warm)
        return Rates(raised=raised, taken=await take_all(tickets))
    finally:
        for server in running:
            await server.__aexit__(None, None, None)


async def new_database() -> str:
    """Make an empty database and return its address; raise NotHereError where no PostgreSQL answers."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    await _administer(f'CREATE DATABASE "{name}"')
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


async def drop(address: str) -> None:
    """Remove such a database."""
    await _administer(f'DROP DATABASE IF EXISTS "{make_url(address).database}" WITH (FORCE)')


async def _administer(statement: str) -> None:
    import asyncpg

    address = make_url(POSTGRES).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = await asyncpg.connect(address, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise NotHereError("no PostgreSQL answers at TICKETBOT_TEST_POSTGRES_URL") from error
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
