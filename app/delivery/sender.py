"""One claimed message: rendered now, sent, and what became of it written down."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from app import logs
from app.delivery import retry
from app.delivery.addresses import Address
from app.delivery.failures import log_unavailable
from app.delivery.render import Json, Post, Renderer, Step, Update
from app.delivery.rendering import RENDER_SECONDS_MAX, rendered
from app.domain.delivery import Reason, TryLater, Undeliverable
from app.services import sending
from app.services.entitled import PassOn
from app.services.outbox import DROPPED, PENDING, Outcome, QueuedMessage, Way
from app.services.sending import OpenedChat, Posted
from app.services.unit_of_work import Database, StoreUnavailable, Unit

SLOWEST_SEND = timedelta(seconds=25)  # a token, a send and a send again with a new token, each at its time-out


Install = Callable[[str], Awaitable[bool]]
INSTALLED = "installed"
INSTALLED_AFTER = timedelta(seconds=5)  # Teams needs a moment until the chat is there


class Gateway(Protocol):
    """What the sender asks of Teams; raises `TryLater` or `Undeliverable`."""

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


class Sender:
    """Delivers claimed messages, one call to Teams for each. What the database could not take yet is kept."""

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        gateway: Gateway,
        *,
        now: Callable[[], datetime],
        install: Install | None = None,
        render_seconds_max: float = RENDER_SECONDS_MAX,
    ) -> None:
        """`install` gives somebody the app, so that they can be spoken to; False where that is not possible."""
        self._render_seconds_max = render_seconds_max
        self._database = database
        self._renderer = renderer
        self._gateway = gateway
        self._now = now
        self._install = install
        self._unwritten: list[Unit[None]] = []

    async def deliver(self, message: QueuedMessage) -> timedelta:
        """Deliver a message; return how long Teams asked to leave the place alone."""
        logs.correlation_id.set(message.correlation)
        logs.outbox_id.set(message.id)
        logs.ticket.set(message.ticket)
        step: Step = None
        try:
            step = await rendered(
                self._database, lambda tx: self._renderer.step(tx, message, self._now()), self._render_seconds_max
            )
            if message.lease_until is None or message.lease_until - self._now() < SLOWEST_SEND:
                # this process stood still: by the time Teams has answered, somebody else may send the message
                await self._end(message, Outcome(PENDING, self._now(), "late", uncount=True))
                return timedelta()
            await self._perform(message, step)
        except (TryLater, Undeliverable) as error:
            await self._failed(message, step, error)
            return getattr(error, "after", None) or timedelta()
        except StoreUnavailable as error:
            # nothing was sent yet, so that it goes back unharmed
            log_unavailable(error)
            await self._end(message, Outcome(PENDING, self._now(), "store_unavailable", uncount=True))
        except Exception as error:
            logs.event("delivery.not_rendered", level=logging.ERROR, error=error)
            await self._failed(message, step, Undeliverable(Reason.BAD_REQUEST, type(error).__name__))
        return timedelta()

    async def rescue(self, message: QueuedMessage) -> None:
        """Let a message whose sender vanished be sent again, although it may have arrived; an edit may be repeated."""
        is_edit = await self._database.read(partial(sending.is_edit, message=message))
        logs.event("delivery.rescued", level=logging.WARNING, message=message.id, posts_again=not is_edit)
        await self._failed(message, None, TryLater(retry.VANISHED, ambiguous=not is_edit))

    async def catch_up(self) -> None:
        """Write down what the database could not take before; raise `StoreUnavailable` while it still cannot."""
        while self._unwritten:
            try:
                await self._database.write(self._unwritten[0])
            except DBAPIError as error:
                # the message is rescued when its lease ends
                logs.event("delivery.not_noted", level=logging.ERROR, error=error)
            self._unwritten.pop(0)

    async def _perform(self, message: QueuedMessage, step: Step) -> None:
        match step:
            case None:
                await self._end(message, Outcome(DROPPED, reason="nothing_to_say"))
                return
            case PassOn(drafts):
                await self._write(
                    partial(sending.pass_on, desk=self._renderer.desk, message=message, drafts=drafts, now=self._now())
                )
                logs.event("delivery.passed_on", kind=message.way.value, what=message.content.code)
                return
            case Update(address, edited, activity):
                await self._gateway.update(address.service_url, address.conversation or "", edited, activity)
                await self._write(partial(sending.note_sent, message=message, now=self._now(), ended=step.ends))
            case Post(address, activity):
                if address.conversation is None and address.channel is None:
                    await self._open(message, address)
                    return
                posted = Posted(*await self._post(address, activity), card=step.keep, repeats=step.repeats)
                await self._write(partial(sending.note_sent, message=message, now=self._now(), posted=posted))
        logs.event("delivery.sent", kind=message.way.value, what=message.content.code)

    async def _post(self, address: Address, activity: Json) -> tuple[str, str]:
        if address.conversation is None:
            return await self._gateway.post_to_channel(
                address.service_url, address.channel or "", address.tenant or "", activity
            )
        return address.conversation, await self._gateway.send(address.service_url, address.conversation, activity)

    async def _open(self, message: QueuedMessage, address: Address) -> None:
        """Open the chat with a person the bot never heard from. The message goes there next, as a call of its own."""
        person = address.person or ""
        opened = await self._gateway.open_chat(address.service_url, address.tenant or "", address.bot, person)
        chat = OpenedChat(opened, person, address.service_url, address.bot, address.tenant)
        await self._write(partial(sending.note_chat, message=message, chat=chat, now=self._now()))

    async def _failed(self, message: QueuedMessage, step: Step, error: TryLater | Undeliverable) -> None:
        if await self._installed(message, error):
            await self._end(message, Outcome(PENDING, self._now() + INSTALLED_AFTER, INSTALLED, uncount=True))
            return
        now = self._now()
        if isinstance(step, Update) and isinstance(error, Undeliverable):
            if message.way is Way.CARD and error.reason in (Reason.MESSAGE_GONE, Reason.GONE):
                await self._write(partial(sending.post_anew, message=message, now=now))
                logs.event("delivery.card_vanished", slot=message.slot)
                return
            if message.way is Way.EDIT and error.reason is Reason.MESSAGE_GONE:
                await self._end(message, Outcome(DROPPED, reason=Reason.MESSAGE_GONE.value))
                return
        outcome = retry.after_failure(
            error,
            message=message.id,
            attempts=message.attempts,
            ambiguous=message.ambiguous,
            created_at=message.created_at,
            now=now,
        )
        logs.event(
            "delivery.postponed",
            level=logging.WARNING,
            state=outcome.state,
            reason=outcome.reason,
            kind=message.way.value,
        )
        desk = self._renderer.desk
        await self._write(
            partial(sending.note_failure, desk=desk, message=message, error=error, outcome=outcome, now=now)
        )

    async def _installed(self, message: QueuedMessage, error: TryLater | Undeliverable) -> bool:
        """Whether a person who does not have the app has just been given it; tried once for each message."""
        kind, _, person = message.target.partition(":")
        lacks_app = isinstance(error, Undeliverable) and error.reason is Reason.NOT_INSTALLED and kind == "person"
        if self._install is None or not lacks_app or message.reason == INSTALLED:
            return False
        if not await self._install(person):
            return False
        await self._write(partial(sending.note_installed, person=person))
        return True

    async def _end(self, message: QueuedMessage, outcome: Outcome) -> None:
        await self._write(partial(sending.note_not_sent, message=message, outcome=outcome, now=self._now()))

    async def _write(self, unit: Unit[None]) -> None:
        """Write what Teams did. It cannot be asked again, so what the database does not take now it takes later."""
        try:
            await self._database.write(unit)
        except (StoreUnavailable, DBAPIError) as error:
            log_unavailable(error)
            self._unwritten.append(unit)
