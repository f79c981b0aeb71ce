"""The dispatcher: decides which waiting messages leave now, and lets the sender deliver them.

One process sends at a time (a lease decides which), so that Teams' limits and the order in every conversation are kept
exactly; another takes over when the lease ends.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app import logs
from app.delivery.addresses import places_of
from app.delivery.failures import log_unavailable
from app.delivery.limits import Limits
from app.delivery.retry import VANISHED
from app.delivery.sender import Sender
from app.desk.model import Desk
from app.services import attachments, outbox, replicas
from app.services.forgetting import deletions
from app.services.outbox import Head, QueuedMessage, SentMark
from app.services.unit_of_work import Database, StoreUnavailable

AT_ONCE = 48
LOOKED_AT = 128  # messages that wait for no other
LOOKS_AGAIN_AFTER = timedelta(seconds=0.25)  # as long as what was seen then is still worth sending
CLOSED_MAX = 512  # so many conversations at their limit are left out of a look; of more the messages are put back
LEASE = timedelta(seconds=30)  # longer than the slowest send, so that nobody sends the same message meanwhile
LEADS_FOR = timedelta(seconds=10)
RESCUE_EVERY = timedelta(seconds=5)
LEADER = "dispatcher"
STOPS_WITHIN = 12.0  # longer than a call that hangs
_SOON = 0.02


class Dispatcher:
    """Delivers what is due. `now` is the wall clock; `holder` names this process among the replicas."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        sender: Sender,
        *,
        now: Callable[[], datetime],
        holder: str,
        limits: Limits | None = None,
    ) -> None:
        self._database = database
        self._desk = desk
        self._sender = sender
        self._now = now
        self.holder = holder
        self._limits = limits or Limits()
        self._busy: dict[asyncio.Task[None], str] = {}
        self._busy_targets: set[str] = set()
        self._suspect: asyncio.Task[None] | None = None
        self._heads: Sequence[Head] = ()
        self._places: Mapping[str, str] = {}
        self._looked_at: datetime | None = None
        self._closed: dict[str, float] = {}
        self._resting: dict[str, float] = {}
        self._leads_until: datetime | None = None
        self._rescued_at: datetime | None = None
        self._next_look: datetime | None = None
        self.wake = asyncio.Event()
        self.is_limited = False  # whether Teams takes no more at all at the moment
        self.last_seen: datetime | None = None

    async def deliver_due(self) -> None:
        """Deliver everything that is due, and what becomes due by it; for tests and for emptying the outbox."""
        while True:
            was_busy = bool(self._busy)  # what ended during the look may have made room for the next
            started = await self.start_due()
            if self._busy:
                await asyncio.wait(set(self._busy), return_when=asyncio.FIRST_COMPLETED)
            elif not started and not was_busy:
                return

    async def start_due(self) -> int:
        """Start sending what is due and allowed now; return how many were started or found to have to wait."""
        now = self.last_seen = self._now()
        self._next_look, self.is_limited = None, False
        await self._sender.catch_up()
        if not await self._leads(now):
            return 0
        await self._rescue_sometimes(now)
        if len(self._busy) >= AT_ONCE:
            return 0
        left_out = self._open(now.timestamp())
        is_fresh = self._looked_at is not None and now - self._looked_at < LOOKS_AGAIN_AFTER
        if is_fresh:
            started = await self._start_some(now)
            if started or self.is_limited:  # while nothing at all may leave there is nothing to look for
                return started
        self._heads, self._places = await self._database.read(self._waiting)
        self._looked_at = now
        started = await self._start_some(now)
        return started + len(self._closed) + len(self._resting) - left_out

    async def _start_some(self, now: datetime) -> int:
        """Start what may leave of the messages seen at the last look; return how many were started or put back."""
        chosen, put_back = self._choose(now)
        if not chosen and not put_back:
            return 0
        places = self._places  # those of this look: another one may begin while the database writes
        claimed = await self._database.write(partial(self._claim, chosen=chosen, put_back=put_back))
        for message in claimed:
            self._start(message, places[message.target])
        return len(claimed) + len(put_back)

    def pause(self) -> float:
        """Seconds until something may be due, at most one: other processes queue messages, too."""
        if self._next_look is None:
            return 1.0
        return min(1.0, max(_SOON, (self._next_look - self._now()).total_seconds()))

    async def stop(self) -> None:
        """Let what is being sent finish and hand the lease to another process."""
        if self._busy:
            _done, late = await asyncio.wait(set(self._busy), timeout=STOPS_WITHIN)
            for task in late:
                task.cancel()
        try:
            await self._sender.catch_up()
            if self._leads_until is not None and self._database.is_shared:
                await self._database.write(lambda tx: replicas.step_down(tx, LEADER, self.holder))
        except StoreUnavailable as error:
            log_unavailable(error)
        self._leads_until = None

    async def tidy(self) -> None:
        """Delete what was sent long ago and let go of what no longer counts."""
        now = self._now()
        self._limits.forget(now.timestamp())
        for delete in deletions(now):
            await self._database.write(delete)
        while await self._database.write(lambda tx: attachments.forget(tx, now)):
            pass

    def _waiting(self, tx: Connection) -> tuple[Sequence[Head], dict[str, str]]:
        heads = outbox.heads(tx, limit=LOOKED_AT, closed={*self._closed, *self._busy_targets}, resting=self._resting)
        return heads, places_of(tx, self._desk, (head.target for head in heads)) if heads else {}

    def _open(self, clock: float) -> int:
        """Look again at targets and flows whose wait is over; return how many are still left out."""
        self._closed = {target: until for target, until in self._closed.items() if until > clock}
        self._resting = {flow: until for flow, until in self._resting.items() if until > clock}
        return len(self._closed) + len(self._resting)

    def _choose(self, now: datetime) -> tuple[list[int], dict[int, datetime]]:
        """What to send now, and what to look at again later, of the messages seen at the last look.

        Whoever had no turn for longest is next. Targets that take nothing and people who have had their share are left
        out of the next looks, so that what waits for them keeps nobody from being looked at.
        """
        clock, chosen, put_back = now.timestamp(), list[int](), dict[int, datetime]()
        busy, has_suspect, of_flow = set(self._busy.values()), self._suspect is not None, Counter[str]()
        due = [head for head in self._heads if head.due_at <= now]
        later = [self._heads[len(due)].due_at] if len(due) < len(self._heads) else []
        for head in sorted(due, key=lambda head: self._limits.last_of(head.flow)):
            if len(self._busy) + len(chosen) >= AT_ONCE:
                break
            if wait := self._limits.wait_overall(clock, len(chosen)):
                later, self.is_limited = [now + timedelta(seconds=wait)], True
                break
            place = self._places[head.target]
            # what ended a process may end the next: of such messages one at a time, so that it is found out which
            is_suspect = head.reason == VANISHED
            if place in busy or head.target in self._closed or head.flow in self._resting:
                continue  # whoever is sent there wakes us
            if is_suspect and has_suspect:
                continue
            if self._is_held_up(head, place, now, of_flow[head.flow], put_back):
                continue
            has_suspect = has_suspect or is_suspect
            busy.add(place)
            chosen.append(head.id)
            of_flow[head.flow] += 1
        for until in (*self._closed.values(), *self._resting.values()):
            later.append(datetime.fromtimestamp(until, UTC))
        self._next_look = min((*later, *put_back.values()), default=None)
        self._heads = [head for head in self._heads if head.id not in put_back and head.id not in chosen]
        return chosen, put_back

    def _is_held_up(
        self, head: Head, place: str, now: datetime, chosen_of_flow: int, put_back: dict[int, datetime]
    ) -> bool:
        """Whether the message may not leave now; what it waits for, and how long, is kept."""
        clock = now.timestamp()
        if wait := self._limits.wait_of_flow(head.flow, clock, chosen_of_flow):
            self._resting[head.flow] = clock + max(wait, _SOON)
            return True
        if (wait := self._limits.wait(place, clock)) and len(self._closed) < CLOSED_MAX:
            self._closed[head.target] = clock + max(wait, _SOON)
        wait = wait or self._limits.wait_of_flow_in(head.flow, place, clock)
        if wait:
            put_back[head.id] = now + timedelta(seconds=max(wait, _SOON))
        return wait > 0

    def _claim(self, tx: Connection, chosen: list[int], put_back: dict[int, datetime]) -> Sequence[QueuedMessage]:
        if put_back:
            outbox.postpone(tx, put_back)
        now = self._now()
        still_leads = self._leads_until is not None and now < self._leads_until
        return outbox.claim(tx, chosen, until=now + LEASE) if chosen and still_leads else []

    def _start(self, message: QueuedMessage, place: str) -> None:
        self._limits.begin(message.flow)
        task = asyncio.create_task(self._deliver(message, place))
        self._busy[task] = place
        self._busy_targets.add(message.target)
        if message.reason == VANISHED:
            self._suspect = task
        task.add_done_callback(self._done)

    async def _deliver(self, message: QueuedMessage, place: str) -> None:
        try:
            asked_to_wait = await self._sender.deliver(message)
        finally:
            self._busy_targets.discard(message.target)
            ended = self._now()
            self._limits.end(place, ended.timestamp(), message.flow)
        if asked_to_wait:
            self._limits.hold(place, (ended + asked_to_wait).timestamp())

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._busy.pop(task, None)
        if self._suspect is task:
            self._suspect = None
        self.wake.set()
        if not task.cancelled() and (error := task.exception()):
            logs.event("delivery.failed", level=logging.ERROR, error=error)

    async def _leads(self, now: datetime) -> bool:
        """Whether this process is the one that sends; alone with its database it always is."""
        if self._leads_until is not None and self._leads_until - now > LEADS_FOR * 0.6:
            return True
        led_before = self._leads_until is not None and self._leads_until > now
        if self._database.is_shared:
            leads = await self._database.write(
                lambda tx: replicas.lead(tx, LEADER, self.holder, now=now, lasts=LEADS_FOR)
            )
            self._leads_until = now + LEADS_FOR if leads else None
        else:
            led_before, self._leads_until = self._leads_until is not None, now + LEADS_FOR
        if self._leads_until is not None and not led_before:
            await self._take_over(now)
        return self._leads_until is not None

    async def _take_over(self, now: datetime) -> None:
        """Count what was sent lately against the limits, and rescue what the one before left unfinished."""
        sent, places = await self._database.read(partial(self._sent_lately, since=now - timedelta(hours=1)))
        self._limits.remember((places[each.target], each.sent_at.timestamp(), each.flow) for each in sent)
        if not self._database.is_shared:
            # alone: whoever held these leases is gone
            await self._database.write(lambda tx: outbox.give_back(tx, now))
        self._rescued_at = None

    def _sent_lately(self, tx: Connection, since: datetime) -> tuple[Sequence[SentMark], dict[str, str]]:
        sent = outbox.sent_since(tx, since)
        return sent, places_of(tx, self._desk, {each.target for each in sent})

    async def _rescue_sometimes(self, now: datetime) -> None:
        if self._rescued_at is not None and now - self._rescued_at < RESCUE_EVERY:
            return
        self._rescued_at = now
        for message in await self._database.read(lambda tx: outbox.recover(tx, now=now)):
            await self._sender.rescue(message)
