"""Files that come with a message are fetched beside the conversation: nobody waits for a file host."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from app import logs
from app.bot.file_keeper import FileKeeper
from app.bot.files import Offered
from app.bot.turns import Spoken
from app.desk.model import Desk
from app.domain.files import Attachment, FileRefused
from app.services import outgoing
from app.services.attachments import Place
from app.services.outgoing import say
from app.store import outbox, tickets
from app.store.database import Database, StoreUnavailable

MOST_TOLD = 3


class IncomingFiles:
    """Keeps what came with a message for the form that answers it, and tells the sender what could not be kept."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        keeper: FileKeeper,
        *,
        now: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._desk = desk
        self._keeper = keeper
        self._now = now
        self._wake = wake
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, offers: Sequence[Offered], said: Spoken, form: str) -> None:
        """Begin to fetch them; the files wait under the key of the form."""
        task = asyncio.create_task(self._keep_all(offers, said, form))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until everything begun so far was kept or refused."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def stop(self) -> None:
        """Give up what is being fetched; the sender can send it again."""
        for task in self._tasks:
            task.cancel()

    async def _keep_all(self, offers: Sequence[Offered], said: Spoken, form: str) -> None:
        person = said.contact.person or ""
        refused = list[FileRefused]()
        begun = list[tuple[Offered, str]]()
        for offer in offers:  # all of them first: those begun go with the form, however soon it is sent
            with _noting(refused):
                begun.append((offer, await self._keeper.begin(offer, person=person, place=Place(form=form))))
        for offer, attachment in begun:
            with _noting(refused):
                kept = await self._keeper.complete(
                    attachment, offer, service_url=said.contact.service_url, person=person
                )
                if kept.ticket is not None:
                    await self._show(kept)
        if refused:
            await self._tell(person, refused)

    async def _show(self, kept: Attachment) -> None:
        """The form was sent while the file was still on its way: the cards do not show it yet."""

        def unit(tx: Connection) -> None:
            found = tickets.find(tx, kept.ticket or 0)
            if found:
                tickets.mark_files(tx, found.ticket.id)
                outbox.put(tx, outgoing.cards_of(self._desk, found.ticket), now=self._now(), correlation=None)

        await self._database.write(unit)
        self._wake()

    async def _tell(self, person: str, refused: Sequence[FileRefused]) -> None:
        """One sentence per reason: of very many files nobody wants very many sentences."""
        by_reason = {error.key: error for error in refused}
        told = [
            say(
                f"person:{person}",
                "sentence",
                key=error.key,
                values={name: str(value) for name, value in error.values.items()},
            )
            for error in list(by_reason.values())[:MOST_TOLD]
        ]
        await self._database.write(lambda tx: outbox.put(tx, told, now=self._now(), correlation=None))
        self._wake()


@contextmanager
def _noting(refused: list[FileRefused]) -> Iterator[None]:
    """One file that cannot be kept keeps no other one from being kept."""
    try:
        yield
    except FileRefused as error:
        refused.append(error)
    except StoreUnavailable as error:
        logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
