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
from app.domain.files import Attachment, FileNotFetched, FileRefused
from app.services import outgoing
from app.services.attachments import Place
from app.services.outgoing import say
from app.store import outbox, tickets
from app.store.database import Database, StoreUnavailable

MOST_TOLD = 3
MOST_NAMED = 3


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

    async def stop(self) -> None:
        """Give up what is being fetched, and tell its senders, who can send it again."""
        for task in self._tasks:
            task.cancel()
        await self.settled()

    async def _keep_all(self, offers: Sequence[Offered], said: Spoken, form: str) -> None:
        person, refused = said.contact.person or "", list[FileRefused]()
        begun = list[tuple[Offered, str]]()
        try:
            for offer in offers:  # all of them first: those begun go with the form, however soon it is sent
                with _noting(refused):
                    begun.append((offer, await self._keeper.begin(offer, person=person, place=Place(form=form))))
            while begun:
                with _noting(refused):
                    await self._keep(*begun[0], said)
                begun.pop(0)
        except asyncio.CancelledError:
            refused += [FileNotFetched(offer.name or "image") for offer, _ in begun]
            raise
        finally:
            if refused:
                await self._tell(person, refused)

    async def _keep(self, offer: Offered, attachment: str, said: Spoken) -> None:
        where, person = said.contact.service_url, said.contact.person or ""
        kept = await self._keeper.complete(attachment, offer, service_url=where, person=person)
        if kept.ticket is not None:
            await self._show(kept)

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
        by_reason = dict[str, list[FileRefused]]()
        for error in refused:
            by_reason.setdefault(error.key, []).append(error)
        told = [
            say(f"person:{person}", "sentence", key=key, values=_values(errors))
            for key, errors in list(by_reason.items())[:MOST_TOLD]
        ]
        await self._database.write(lambda tx: outbox.put(tx, told, now=self._now(), correlation=None))
        self._wake()


def _values(errors: Sequence[FileRefused]) -> dict[str, str]:
    """The values of the sentence for files that were refused for one reason, with the names of the first few."""
    names = [str(error.values["name"]) for error in errors]
    more = f", … ({len(names)})" if len(names) > MOST_NAMED else ""
    values = {name: str(value) for name, value in errors[0].values.items()}
    return values | {"name": ", ".join(names[:MOST_NAMED]) + more}


@contextmanager
def _noting(refused: list[FileRefused]) -> Iterator[None]:
    """One file that cannot be kept keeps no other one from being kept."""
    try:
        yield
    except FileRefused as error:
        refused.append(error)
    except StoreUnavailable as error:
        logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
