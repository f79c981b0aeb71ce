"""The assigner: gives new tickets of lines that want it to whoever is there, soon after they were raised.

Any number of replicas may look: whoever locks a ticket first gives it away, everybody else finds it done.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Connection

from app.delivery.failures import Attempt
from app.delivery.timers import Company
from app.desk.model import Assignment, Desk, Line
from app.domain.errors import DomainError
from app.services import absence, assigning
from app.services.assigning import Waiting
from app.services.unit_of_work import Database, UnitOfWork

LOOKS_EVERY = 5.0
AT_A_TIME = 50
IN_A_ROUND = 100
"""So many of a line are looked at before the next line's turn: not all of them can be given to who is there."""


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
        self._looked_at: dict[str, int] = {}  # of a line the ticket that its last round ended with
        self.lines = [line for line in desk.lines.values() if line.assignment is not Assignment.MANUAL]
        self.wake = asyncio.Event()

    async def assign(self) -> None:
        """Give away what waits, as far as one round goes; the next goes on from there, at once where it is worth it."""
        for line in self.lines:
            if await self._waiting(line, after=0, limit=1) and (people := await self._present(line)):
                await self._assign_some(line, people)

    async def _assign_some(self, line: Line, people: Sequence[str]) -> None:
        was_given = False
        for _ in range(IN_A_ROUND // AT_A_TIME):
            waiting = await self._waiting(line, after=self._looked_at.pop(line.id, 0), limit=AT_A_TIME)
            possible = [each.ticket for each in waiting if {*people} - {each.requester}]
            if any([await self._assign_one(ticket, people) for ticket in possible]):
                self._assigned()
                was_given = True
            if len(waiting) < AT_A_TIME:
                return
            self._looked_at[line.id] = waiting[-1].ticket
        if was_given:
            self.wake.set()

    async def _waiting(self, line: Line, *, after: int, limit: int) -> Sequence[Waiting]:
        return await self._database.read(lambda tx: assigning.waiting(tx, line.id, after=after, limit=limit))

    async def _present(self, line: Line) -> Sequence[str]:
        """Those of the line who did not say that they are away, neither here nor in the company's directory."""
        try:
            people = await self._workers.workers(line)
        except DomainError:
            return ()
        away = set(await self._company.absent(people)) if self._company and people else set()
        away |= await self._database.read(lambda tx: absence.among(tx, people, now=self._now()).keys())
        return [person for person in people if person not in away]

    async def _assign_one(self, ticket: int, people: Sequence[str]) -> bool:
        """One that cannot be given away must not keep the others waiting."""
        with Attempt("assigner.failed", ticket=ticket):
            return await self._database.write(partial(self._unit, ticket=ticket, people=people))
        return False

    def _unit(self, tx: Connection, ticket: int, people: Sequence[str]) -> bool:
        work = UnitOfWork(tx, self._desk, self._now(), f"assign-{uuid4().hex[:12]}")
        return assigning.assign(work, ticket, people)
