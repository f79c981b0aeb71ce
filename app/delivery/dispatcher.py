"""The dispatcher: claims due messages, renders them now, sends them, and writes down what became of each.

One process sends at a time (a lease decides which), so that Teams' limits and the order in every conversation are kept
exactly; another takes over when the lease ends.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection, Row

from app import logs
from app.delivery import retry
from app.delivery.addresses import Address
from app.delivery.limits import Limits
from app.delivery.render import Json, Post, Renderer, Step, Update
from app.domain.delivery import Reason, TryLater, Undeliverable
from app.services import outgoing
from app.store import cards, outbox, people
from app.store.database import Database, StoreUnavailable

AT_ONCE = 24
LEASE = timedelta(seconds=60)  # longer than the slowest send, so that nobody sends the same message meanwhile
LEADS_FOR = timedelta(seconds=10)
KEPT_FOR = timedelta(days=7)
LEADER = "dispatcher"
_CONVERSATION_IS_LOST = {Reason.BLOCKED, Reason.DISABLED, Reason.NOT_INSTALLED, Reason.GONE}


class Gateway(Protocol):
    """What the dispatcher asks of Teams; raises `TryLater` or `Undeliverable`."""

    async def send(self, service_url: str, conversation_id: str, activity: Json) -> str:
        """Post a message and return its id."""

    async def update(self, service_url: str, conversation_id: str, activity_id: str, activity: Json) -> None:
        """Edit a message."""

    async def post_to_channel(
        self, service_url: str, channel_id: str, tenant_id: str, activity: Json
    ) -> tuple[str, str]:
        """Start a thread and return its conversation and message."""

    async def open_chat(self, service_url: str, tenant_id: str, bot_id: str, person_id: str) -> str:
        """Open the 1:1 chat with somebody and return its conversation."""


class Dispatcher:
    """Delivers what is due. `now` is the wall clock; `holder` names this process among the replicas."""

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        gateway: Gateway,
        *,
        now: Callable[[], datetime],
        holder: str,
        limits: Limits | None = None,
    ) -> None:
        self._database = database
        self._renderer = renderer
        self._gateway = gateway
        self._now = now
        self._holder = holder
        self._limits = limits or Limits()
        self._busy: set[asyncio.Task[None]] = set()
        self._leads_until: datetime | None = None
        self.wake = asyncio.Event()
        self.last_seen: datetime | None = None

    async def deliver_due(self) -> None:
        """Deliver everything that is due, and what becomes due by it; for tests and for emptying the outbox."""
        while await self.start_due() or self._busy:
            if self._busy:
                await asyncio.wait(set(self._busy), return_when=asyncio.FIRST_COMPLETED)

    async def start_due(self) -> int:
        """Start sending what is due and allowed now; return how many were started."""
        now = self._now()
        if not await self._leads(now):
            return 0
        free = AT_ONCE - len(self._busy)
        if free <= 0 or self._limits.wait_overall(now.timestamp()) > 0:
            return 0
        rows = await self._database.write(lambda tx: outbox.claim(tx, now=now, lease=LEASE, limit=free))
        for row in rows:
            wait = self._limits.wait(row.target, now.timestamp())
            if wait > 0:
                await self._finish(row, outbox.Outcome(outbox.PENDING, now + timedelta(seconds=wait), uncount=True))
                continue
            self._limits.count(row.target, now.timestamp())
            task = asyncio.create_task(self._deliver(row))
            self._busy.add(task)
            task.add_done_callback(self._done)
        return len(rows)

    async def pause(self) -> float:
        """Seconds until something may be due, at most one: other processes queue messages, too."""
        now = self._now()
        due = await self._database.read(outbox.next_due)
        ahead = (due - now).total_seconds() if due else 1.0
        return min(1.0, max(0.02, ahead, self._limits.wait_overall(now.timestamp())))

    async def stop(self) -> None:
        """Let what is being sent finish and hand the lease to another process."""
        if self._busy:
            await asyncio.wait(set(self._busy), timeout=12)
        if self._leads_until is not None:
            self._leads_until = None
            await self._database.write(lambda tx: outbox.step_down(tx, LEADER, self._holder))

    async def tidy(self) -> None:
        """Delete what was sent long ago and rescue what a vanished process left behind."""
        now = self._now()
        self._limits.forget(now.timestamp())
        await self._database.write(lambda tx: outbox.forget(tx, before=now - KEPT_FOR, limit=500))
        await self._rescue()

    async def _leads(self, now: datetime) -> bool:
        self.last_seen = now
        if self._leads_until is not None and self._leads_until - now > LEADS_FOR * 0.6:
            return True
        led_before = self._leads_until is not None and self._leads_until > now
        leads = await self._database.write(lambda tx: outbox.lead(tx, LEADER, self._holder, now=now, lasts=LEADS_FOR))
        self._leads_until = now + LEADS_FOR if leads else None
        if leads and not led_before:
            await self._take_over(now)
        return leads

    async def _take_over(self, now: datetime) -> None:
        """Count what was sent lately against the limits and rescue what the one before left unfinished."""
        sent = await self._database.read(lambda tx: outbox.sent_since(tx, now - timedelta(hours=1)))
        self._limits.remember((row.target, row.done_at.timestamp()) for row in sent)
        if not self._database.is_shared:
            # alone: whoever held these leases is gone
            await self._database.write(lambda tx: outbox.give_back(tx, now))
        await self._rescue()

    async def _rescue(self) -> None:
        """A message whose sender vanished may have arrived: it is tried once more, then shown to an admin."""
        now = self._now()
        for row in await self._database.read(lambda tx: outbox.recover(tx, now=now)):
            posts_again = await self._database.read(partial(self._would_post, row=row))
            lost = TryLater("sender_vanished", ambiguous=posts_again)
            logs.event("delivery.rescued", level=logging.WARNING, message=row.id, posts_again=posts_again)
            await self._failed(row, lost, at_once=True)

    @staticmethod
    def _would_post(tx: Connection, row: Row[Any]) -> bool:
        is_edit = row.kind == outgoing.EDIT or (row.slot and cards.find(tx, row.ticket, row.slot))
        return not (is_edit and row.kind in (outgoing.CARD, outgoing.EDIT))

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._busy.discard(task)
        self.wake.set()
        if not task.cancelled() and (error := task.exception()):
            logs.event("delivery.failed", level=logging.ERROR, error=error)

    async def _deliver(self, row: Row[Any]) -> None:
        logs.correlation_id.set(row.correlation)
        logs.outbox_id.set(row.id)
        logs.ticket.set(row.ticket)
        try:
            step = await self._database.read(lambda tx: self._renderer.step(tx, row))
            await self._perform(row, step)
        except (TryLater, Undeliverable) as error:
            await self._failed(row, error)
        except StoreUnavailable as error:
            logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
        except Exception as error:
            logs.event("delivery.not_rendered", level=logging.ERROR, error=error)
            await self._failed(row, Undeliverable(Reason.BAD_REQUEST, type(error).__name__))

    async def _perform(self, row: Row[Any], step: Step) -> None:
        match step:
            case None:
                await self._finish(row, outbox.Outcome(outbox.DROPPED, reason="nothing_to_say"))
            case Update(address, message, activity):
                await self._gateway.update(address.service_url, address.conversation or "", message, activity)
                await self._finish(row, outbox.Outcome(outbox.SENT))
            case Post(address, activity, keep):
                where = await self._post(address, activity)
                await self._finish(row, outbox.Outcome(outbox.SENT), keep, where)
        logs.event("delivery.sent", kind=row.kind, what=row.what)

    async def _post(self, address: Address, activity: Json) -> tuple[str, str]:
        if address.conversation is None and address.channel is not None:
            return await self._gateway.post_to_channel(
                address.service_url, address.channel, address.tenant or "", activity
            )
        conversation = address.conversation or await self._open(address)
        return conversation, await self._gateway.send(address.service_url, conversation, activity)

    async def _open(self, address: Address) -> str:
        """Open the chat with a person the bot never heard from, and remember it."""
        person = address.person or ""
        opened = await self._gateway.open_chat(address.service_url, address.tenant or "", address.bot, person)
        row = {"id": opened, "kind": "personal", "person": person, "tenant": address.tenant, "bot": address.bot}
        chat = {**row, "service_url": address.service_url, "updated_at": self._now()}
        await self._database.write(lambda tx: people.meet(tx, chat))
        return opened

    async def _failed(self, row: Row[Any], error: TryLater | Undeliverable, *, at_once: bool = False) -> None:
        now = self._now()
        is_edit = isinstance(error, Undeliverable) and error.reason is Reason.MESSAGE_GONE
        if is_edit and row.kind == outgoing.CARD:
            await self._database.write(lambda tx: self._post_anew(tx, row, now))
            logs.event("delivery.card_vanished", slot=row.slot)
            return
        if is_edit and row.kind == outgoing.EDIT:
            await self._finish(row, outbox.Outcome(outbox.DROPPED, reason=Reason.MESSAGE_GONE.value))
            return
        outcome = retry.after_failure(
            error,
            message=row.id,
            attempts=row.attempts,
            ambiguous=row.ambiguous,
            created_at=row.created_at,
            now=now,
        )
        if at_once and outcome.state == outbox.PENDING:
            outcome = outbox.Outcome(outbox.PENDING, now, outcome.reason, ambiguous=outcome.ambiguous)
        logs.event(
            "delivery.postponed", level=logging.WARNING, state=outcome.state, reason=outcome.reason, kind=row.kind
        )
        await self._database.write(lambda tx: self._write_failure(tx, row, error, outcome, now))

    def _post_anew(self, tx: Connection, row: Row[Any], now: datetime) -> None:
        if outbox.finish(tx, row, outbox.Outcome(outbox.PENDING, now, Reason.MESSAGE_GONE.value), now=now):
            cards.forget(tx, row.ticket, row.slot)

    def _write_failure(
        self, tx: Connection, row: Row[Any], error: Exception, outcome: outbox.Outcome, now: datetime
    ) -> None:
        if not outbox.finish(tx, row, outcome, now=now) or outcome.state != outbox.DEAD:
            return
        if isinstance(error, Undeliverable) and error.reason in _CONVERSATION_IS_LOST:
            kind, _, name = row.target.partition(":")
            own = people.personal_chat(tx, name) if kind == "person" else None
            if own is not None:
                people.block(tx, own.id, error.reason.value)
        told = [
            outbox.Draft(f"person:{admin}", outgoing.SAY, "deliveries", collapse=f"deliveries:{admin}")
            for admin in self._renderer.desk.admins
            if row.target != f"person:{admin}"
        ]
        if row.what != "deliveries":
            outbox.put(tx, told, now=now, correlation=row.correlation)

    async def _finish(
        self,
        row: Row[Any],
        outcome: outbox.Outcome,
        keep: tuple[int, str] | None = None,
        where: tuple[str, str] | None = None,
    ) -> None:
        now = self._now()

        def write(tx: Connection) -> None:
            outbox.finish(tx, row, outcome, now=now)
            if keep and where:
                cards.keep(tx, *keep, conversation=where[0], activity=where[1], now=now)

        await self._database.write(write)
