"""The timers: does what is due by itself, in transactions that say so and are done, or are not.

Any number of replicas may look: whoever locks a ticket first does what is due, everybody else finds it done. Nothing is
remembered here, so that a process may end at any moment.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Connection

from app import logs
from app.delivery.failures import Attempt
from app.desk.model import Desk
from app.domain.chain import NOBODY_KNOWN, Directory
from app.domain.people import Person
from app.services import absence, escalations, pings, preventions, replicas
from app.services.due import due_tickets, is_prevention_due, next_due
from app.services.unit_of_work import Database, TimeSource, UnitOfWork

AT_A_TIME = 10  # tickets in one transaction: few enough that nobody waits behind them
PINGS_AT_A_TIME = 20
PUT_OFF_FOR = timedelta(minutes=1)
SOONEST, LATEST = 0.02, 1.0
HEARTBEAT = "timers"
BEATS_EVERY = timedelta(seconds=10)
BEAT_LASTS = timedelta(seconds=30)


class Company(Protocol):
    """The company's directory, as far as pings need it. It answers within seconds, or not at all."""

    async def managers(self, people: Iterable[str]) -> Mapping[str, Person]:
        """The managers of these people, as far as there are any and the directory tells."""

    async def absent(self, people: Iterable[str]) -> frozenset[str]:
        """Those of these people who are out of office, as far as the directory tells."""


class Timers:
    """Fires what is due."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        *,
        time: TimeSource,
        fired: Callable[[], None],
        company: Company | None = None,
        holder: str = "alone",
    ) -> None:
        """`fired` hears that messages were queued."""
        self._database = database
        self._desk = desk
        self._time = time
        self._fired = fired
        self._company = company
        self._holder = holder
        self._next: datetime | None = None
        self._beat_at: datetime | None = None
        self._tickets_put_off, self._pings_put_off = _PutOff(), _PutOff()
        self.wake = asyncio.Event()
        self.last_seen: datetime | None = None

    async def tick(self) -> int:
        """Do everything that is due now; return how many things that were."""
        self.last_seen = self._time.now()
        done = 0
        if await self._is_due():
            done += await self._fire_all()
            done += await self._advance_pings()
            done += await self._database.write(self._remind) if await self._database.read(self._any_reminder) else 0
            await self._is_due()
        if done:
            self._fired()
        await self.beat()
        return done

    async def _is_due(self) -> bool:
        """Whether anything is, in one look: mostly nothing is. Remembers when something will be."""
        self._next, now = await self._database.read(lambda tx: (self._next_due(tx), self._work(tx).now))
        return self._next is not None and self._next <= now

    def pause(self) -> float:
        """Seconds until something may be due, at most one: other processes set timers, too."""
        if self._next is None:
            return LATEST
        return min(LATEST, max(SOONEST, (self._next - self._time.now()).total_seconds()))

    def _work(self, tx: Connection) -> UnitOfWork:
        return UnitOfWork(tx, self._desk, self._time.now_in(tx), f"timer-{uuid4().hex[:12]}")

    async def _fire_all(self) -> int:
        done = 0
        while looked_at := await self._fire_some():
            done += looked_at
            self._fired()
            await self.beat()
        return done

    async def _fire_some(self) -> int:
        """Fire for a few tickets. One that cannot be worked out must not keep the others waiting: it is put off."""
        with Attempt():
            return await self._database.write(self._fire_tickets)
        waiting = await self._database.write(self._due_tickets)
        for ticket in waiting:
            await self._fire_alone(ticket)
        return len(waiting)

    async def _fire_alone(self, ticket: int) -> None:
        with Attempt("timer.failed", ticket=ticket) as attempt:
            await self._database.write(lambda tx: escalations.fire(self._work(tx), ticket))
        if attempt.has_failed:
            self._tickets_put_off.add(ticket, await self._database.read(lambda tx: self._work(tx).now))

    def _fire_tickets(self, tx: Connection) -> int:
        work = self._work(tx)
        but = self._tickets_put_off.at(work.now)
        return escalations.fire_due(work, limit=AT_A_TIME, but=but)

    def _due_tickets(self, tx: Connection) -> Sequence[int]:
        now = self._work(tx).now
        return due_tickets(tx, now=now, limit=AT_A_TIME, but=self._tickets_put_off.at(now))

    async def _advance_pings(self) -> int:
        """Ask whoever is to be asked next; the directory is asked before, outside of any transaction.

        However many they are, a clock that runs out meanwhile does not wait for them.
        """
        done = 0
        while due := await self._database.read(self._due_pings):
            known = await self._ask_directory(due)
            await self._advance_some(tuple(due), known)
            await self.beat()
            done += len(due) + await self._fire_all()
        return done

    async def _advance_some(self, due: Sequence[int], directory: Directory) -> None:
        with Attempt() as attempt:
            await self._database.write(partial(self._advance, due=due, directory=directory))
        if attempt.has_failed:
            for ping in due:
                await self._advance_alone(ping, directory)

    async def _advance_alone(self, ping: int, directory: Directory) -> None:
        """Let one ping go on. One that cannot be worked out must not keep the others waiting: it is put off."""
        with Attempt("timer.failed", ping=ping) as attempt:
            await self._database.write(partial(self._advance, due=(ping,), directory=directory))
        if attempt.has_failed:
            self._pings_put_off.add(ping, await self._database.read(lambda tx: self._work(tx).now))

    def _due_pings(self, tx: Connection) -> dict[int, frozenset[str]]:
        now = self._work(tx).now
        but = self._pings_put_off.at(now)
        return pings.due(tx, self._desk, now=now, limit=PINGS_AT_A_TIME, but=but)

    async def _ask_directory(self, due: Mapping[int, frozenset[str]]) -> Directory:
        """What the company's directory says, and who said themselves that they are away."""
        known = await self._told_by_company(due)
        away = await self._database.read(partial(self._away, due=tuple(due), managers=known.managers))
        return replace(known, absent=known.absent | away)

    def _away(self, tx: Connection, due: Iterable[int], managers: Mapping[str, Person]) -> frozenset[str]:
        return frozenset(absence.among(tx, self._concerned(tx, due, managers), now=self._work(tx).now))

    async def _told_by_company(self, due: Mapping[int, frozenset[str]]) -> Directory:
        if self._company is None:
            return NOBODY_KNOWN
        with Attempt("directory.failed"):
            return await self._answers_of(self._company, due)
        return NOBODY_KNOWN  # people are asked without it, too

    async def _answers_of(self, company: Company, due: Mapping[int, frozenset[str]]) -> Directory:
        people = frozenset[str]().union(*due.values())
        managers = await company.managers(people) if people else {}
        concerned = await self._database.read(partial(self._concerned, due=tuple(due), managers=managers))
        return Directory(managers, await company.absent(concerned))

    def _concerned(self, tx: Connection, due: Iterable[int], managers: Mapping[str, Person]) -> frozenset[str]:
        return pings.may_be_asked(tx, self._desk, due, Directory(managers))

    def _advance(self, tx: Connection, due: Iterable[int], directory: Directory) -> None:
        pings.advance(self._work(tx), due, directory)

    def _any_reminder(self, tx: Connection) -> bool:
        return is_prevention_due(tx, self._work(tx).now)

    def _remind(self, tx: Connection) -> int:
        return preventions.remind_due(self._work(tx), limit=AT_A_TIME)

    def _next_due(self, tx: Connection) -> datetime | None:
        """When there is something to do; what is put off is looked at again when that is over."""
        some_tickets, some_pings = self._tickets_put_off, self._pings_put_off
        ahead = (
            next_due(tx, but_tickets=some_tickets.all(), but_pings=some_pings.all()),
            some_tickets.ends(),
            some_pings.ends(),
        )
        return min((at for at in ahead if at is not None), default=None)

    async def beat(self) -> None:
        """Say that timers are looked after: whoever watches over them reads it."""
        now = self.last_seen = self._time.now()
        if self._beat_at is not None and timedelta() <= now - self._beat_at < BEATS_EVERY:
            return
        await self._database.write(lambda tx: replicas.hold(tx, HEARTBEAT, self._holder, until=now + BEAT_LASTS))
        self._beat_at = now
        logs.event("timers.alive", level=logging.DEBUG)


class _PutOff:
    """What could not be worked out, by its id, and until when it is left alone.

    Its row stays as it is: it is late, and whoever watches over the timers must see that.
    """

    def __init__(self) -> None:
        self._until: dict[int, datetime] = {}

    def add(self, what: int, now: datetime) -> None:
        """Leave this alone for a while."""
        self._until[what] = now + PUT_OFF_FOR

    def at(self, now: datetime) -> tuple[int, ...]:
        """Everything that is left alone at this moment."""
        self._until = {what: until for what, until in self._until.items() if until > now}
        return self.all()

    def all(self) -> tuple[int, ...]:
        """Everything that was left alone when somebody looked last."""
        return tuple(self._until)

    def ends(self) -> datetime | None:
        """When the first of them is looked at again."""
        return min(self._until.values(), default=None)
