"""Writes down who works for a line whenever Teams says something else than before, for what cannot ask Teams."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app import logs
from app.bot.out.joined import Joined
from app.desk.model import Desk
from app.services import agents, leaving
from app.services.agents import Agent
from app.services.unit_of_work import Database


class KeptRosters:
    """What the database knows of the lines' agents."""

    def __init__(self, desk: Desk, database: Database, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._database = database
        self._now = now
        self._digests: dict[str, str] = {}
        self._writing = Joined[None]()

    async def look(self) -> None:
        """See what is written down by now: other processes write, too."""
        self._digests = await self._database.read(agents.digests)

    async def keep(self, line: str, told: Collection[Agent], digest: str) -> None:
        """Write down who works for a line, where that is news."""
        if self._digests.get(line) != digest:
            await self._writing.answer(line, partial(self._write, line, told, digest))

    async def strike_out(self, lines: Collection[str], left: frozenset[str]) -> None:
        """Somebody has left these lines just now, by whichever of their ids."""
        for line in lines:
            self._digests.pop(line, None)

        def unit(tx: Connection) -> None:
            agents.strike_out(tx, lines, left)
            for line in lines:
                leaving.follow(tx, self._desk, line, left, now=self._now())

        await self._database.write(unit)

    async def _write(self, line: str, told: Collection[Agent], digest: str) -> None:
        def unit(tx: Connection) -> bool:
            gone, is_whole = agents.keep_some(tx, line, told, now=self._now())
            leaving.follow(tx, self._desk, line, gone, now=self._now())
            return is_whole

        while not await self._database.write(unit):
            pass
        self._digests[line] = digest
        logs.event("roster.kept", line=line, agents=len(told))
