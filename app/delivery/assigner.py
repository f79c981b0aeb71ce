"""The assigner: gives new tickets of lines that want it to whoever is there, soon after they were raised.

Any number of replicas may look: whoever locks a ticket first gives it away, everybody else finds it done.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Connection

from app import logs
from app.delivery.timers import Company
from app.desk.model import Assignment, Desk, Line
from app.domain.errors import DomainError
from app.services import assigning
from app.services.record import Moment
from app.store import assignments
from app.store.database import Database, StoreUnavailable

LOOKS_EVERY = 5.0
AT_A_TIME = 50


class Workers(Protocol):
    """Who works on a line's tickets."""

    async def workers(self, line: Line) -> Sequence[str]:
        """Their ids; raises a `DomainError` while Teams does not say."""


class Assigner:
    """Looks for tickets that nobody was given yet. Without a line that wants it, it never asks anything."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        workers: Workers,
        *,
        now: Callable[[], datetime],
        assigned: Callable[[], None],
        company: Company | None = None,
    ) -> None:
        """`assigned` hears that messages were queued."""
        self._database = database
        self._desk = desk
        self._workers = workers
        self._now = now
        self._assigned = assigned
        self._company = company
        self.lines = [line for line in desk.lines.values() if line.assignment is not Assignment.MANUAL]
        self.wake = asyncio.Event()

    async def assign(self) -> None:
        """Give away what waits."""
        for line in self.lines:
            while await self._assign_some(line):
                self._assigned()

    async def _assign_some(self, line: Line) -> int:
        waiting = await self._database.read(lambda tx: assignments.waiting(tx, line.id, limit=AT_A_TIME))
        if not waiting:
            return 0
        people = await self._present(line)
        return sum([await self._assign_one(ticket, people) for ticket in waiting]) if people else 0

    async def _present(self, line: Line) -> Sequence[str]:
        """Those of the line whom the company's directory does not tell to be out of office."""
        try:
            people = await self._workers.workers(line)
        except DomainError:
            return ()
        away = await self._company.absent(people) if self._company and people else frozenset()
        return [person for person in people if person not in away]

    async def _assign_one(self, ticket: int, people: Sequence[str]) -> bool:
        """One that cannot be given away must not keep the others waiting."""
        try:
            return await self._database.write(partial(self._unit, ticket=ticket, people=people))
        except StoreUnavailable:
            raise
        except Exception as error:
            logs.event("assigner.failed", level=logging.ERROR, error=error, ticket=ticket)
            return False

    def _unit(self, tx: Connection, ticket: int, people: Sequence[str]) -> bool:
        moment = Moment(self._now(), f"assign-{uuid4().hex[:12]}")
        return assigning.assign(tx, self._desk, moment, ticket, people)
