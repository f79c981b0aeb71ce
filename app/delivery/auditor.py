"""The auditor: notices when the desk leaves undone what it should have done, and says so.

It looks with statements of its own (`store/audit`) and runs in a task of its own with a time-out of its own, so that
whatever stands still cannot silence it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import Connection

from app import logs
from app.delivery.failures import log_unavailable
from app.delivery.targets import unwatched
from app.desk.model import Desk
from app.messages.answers.alarm import Alarm
from app.services import auditing, outbox
from app.services.auditing import Fault, Finding
from app.services.outbox import Way
from app.services.unit_of_work import Database, StoreUnavailable, TimeSource

LOOKS_EVERY = 25.0  # what is a minute late is alarmed within two minutes, although it must be seen twice
LASTS = timedelta(seconds=20)  # what is gone at the next look was only a moment
MAY_BE_SILENT = timedelta(minutes=2)
ANSWERS_WITHIN = 10.0
CLOCKS_DIFFER = timedelta(seconds=60)
SAMPLE = 200

_UNTOLD = frozenset({Fault.DATABASE})
"""No message can be queued about it."""


class Auditor:
    """Looks for faults. `alarms` are those that last."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        *,
        time: TimeSource,
        registry: CollectorRegistry,
        queued: Callable[[], None],
        answers_within: float = ANSWERS_WITHIN,
    ) -> None:
        """`time` is the machine's, which is compared with the database's where that is believed; `queued` hears that
        messages were queued.
        """
        self._database = database
        self._desk = desk
        self._time = time
        self._queued = queued
        self._answers_within = answers_within
        self._ran_at = time.now()
        self._seen_since: dict[Fault, datetime] = {}
        self._fronts = frozenset[int]()
        self._sampled: tuple[datetime, int] | None = None
        self.alarms: dict[Fault, Finding] = {}
        self._gauge = Gauge(
            "ticketbot_audit_alarms",
            "What the desk left undone (at most 100 are counted).",
            ["fault"],
            registry=registry,
        )
        for fault in Fault:
            self._gauge.labels(fault.value).set(0)

    @property
    def is_content(self) -> bool:
        """Whether all is well, and somebody has looked lately."""
        return not self.alarms and self._time.now() - self._ran_at < MAY_BE_SILENT

    async def check(self) -> None:
        """Look once, and alarm about what was there at the look before, too."""
        try:
            async with asyncio.timeout(self._answers_within):
                look = await self._database.read(self._look)
        except (StoreUnavailable, TimeoutError):
            # of everything else nothing is known now: what was wrong before counts as wrong
            self._judge({Fault.DATABASE}, {Fault.DATABASE: Finding(1)}, self._time.now())
        else:
            self._fronts, self._sampled = look.fronts, look.sampled
            self._judge(set(Fault), look.findings, look.at)
            await self._tell(look.at)
        self._ran_at = self._time.now()

    def _look(self, tx: Connection) -> "_Look":
        told = auditing.database_clock(tx) if self._time.believes_database else None
        now = told or self._time.now()
        looked = auditing.look(tx, now, self._fronts)
        found = dict(looked.findings)
        if told and abs(self._time.now() - told) > CLOCKS_DIFFER:
            found[Fault.CLOCK] = Finding(1)
        sample, sampled = auditing.sample(tx, self._sampled, SAMPLE), self._sampled
        if finding := unwatched(self._desk, sample, now):
            found[Fault.PROMISE_UNWATCHED] = finding  # and these tickets are looked at again
        else:
            sampled = (sample[-1].next_at, sample[-1].id) if len(sample) == SAMPLE else None
        return _Look(now, found, looked.fronts, sampled)

    def _judge(self, asked: set[Fault], found: Mapping[Fault, Finding], now: datetime) -> None:
        """Begin and end the alarms of the faults that were asked about."""
        for fault in asked:
            finding = found.get(fault)
            if finding is None:
                self._end(fault)
            elif now - self._seen_since.setdefault(fault, now) >= LASTS:
                self._begin(fault, finding)

    def _begin(self, fault: Fault, finding: Finding) -> None:
        if fault not in self.alarms:
            logs.event(
                "audit.alarm",
                level=logging.ERROR,
                fault=fault.value,
                count=finding.count,
                example=finding.example,
            )
        self.alarms[fault] = finding
        self._gauge.labels(fault.value).set(finding.count)

    def _end(self, fault: Fault) -> None:
        self._seen_since.pop(fault, None)
        if self.alarms.pop(fault, None):
            logs.event("audit.clear", fault=fault.value)
            self._gauge.labels(fault.value).set(0)

    async def _tell(self, now: datetime) -> None:
        """Write to every admin about the alarms nobody has told them of."""
        if all(fault in _UNTOLD for fault in self.alarms):
            return
        try:
            async with asyncio.timeout(self._answers_within):
                queued = await self._database.write(partial(self._queue, now=now))
        except (StoreUnavailable, TimeoutError) as error:
            log_unavailable(error)
            return
        if queued:
            self._queued()

    def _queue(self, tx: Connection, now: datetime) -> int:
        drafts = [
            draft
            for fault, finding in self.alarms.items()
            if fault not in _UNTOLD and auditing.first_to_tell(tx, fault, began=self._seen_since[fault], now=now)
            for draft in self._drafts(fault, finding)
        ]
        outbox.put(tx, drafts, now=now, correlation=None)
        return len(drafts)

    def _drafts(self, fault: Fault, finding: Finding) -> Iterator[outbox.Draft]:
        since = finding.since or self._seen_since[fault]
        alarm = Alarm(fault.value, finding.count, since, finding.example)
        for admin in self._desk.admins:
            collapse = f"alarm:{fault.value}:{admin}"
            yield outbox.Draft(f"person:{admin}", Way.ANSWER, alarm, collapse=collapse)


class _Look(NamedTuple):
    """What a look found, and where the next goes on."""

    at: datetime
    findings: Mapping[Fault, Finding]
    fronts: frozenset[int]
    sampled: tuple[datetime, int] | None
