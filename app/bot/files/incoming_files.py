"""Files that come with a message are fetched beside the conversation: nobody waits for a file host."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app import logs
from app.bot.edge.turns import Spoken
from app.bot.files.file_fetcher import KINDS, Offered
from app.bot.files.file_keeper import FileKeeper, told
from app.desk.model import Desk
from app.domain.files import Attachment, FileRefused
from app.messages.answers.sentence import Sentence
from app.services import attachments, late_files
from app.services.attachments import Place, UnderWay
from app.services.outgoing import say
from app.services.unit_of_work import Database, StoreUnavailable

MOST_TOLD = 3
MOST_NAMED = 3
LOOKS_EVERY = 30.0
"""Seconds; several times while the files in hand are this process's alone (`attachments.FETCHED_WITHIN`)."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file to be fetched: its id, and where it is."""

    id: str
    offer: Offered
    service_url: str


@dataclass(slots=True)
class Arriving:
    """The files of one message, and what became of them."""

    offers: Sequence[Offered]
    said: Spoken
    now: datetime
    begun: list[_Begun] = field(default_factory=list)
    refused: list[FileRefused] = field(default_factory=list)

    def begin(self, tx: Connection, form: str) -> None:
        """Count them in the unit of work that keeps the words: they go with the form, whatever happens to us then."""
        person, service_url = self.said.contact.person or "", self.said.contact.service_url
        self.begun, self.refused = [], []
        for number, offer in enumerate(self.offers):
            if self.refused:  # enough for now: so are the others
                self.refused.append(self.refused[0].of(offer.shown))
                continue
            origin = {"kind": offer.kind, "name": offer.name, "url": offer.url, "service_url": service_url}
            in_order = self.now + timedelta(microseconds=number)
            try:
                with told(offer, person):
                    id = attachments.begin(tx, person, offer.shown, Place(form=form), in_order, origin=origin)
                self.begun.append(_Begun(id, offer, service_url))
            except FileRefused as error:
                self.refused.append(error)


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
        self._in_hand: set[str] = set()

    def arriving(self, offers: Sequence[Offered], said: Spoken) -> Arriving:
        """The files of a message, to be begun with its words and fetched then."""
        return Arriving(offers, said, self._now())

    def fetch(self, arriving: Arriving) -> None:
        """Begin to fetch what was begun."""
        self._start(arriving.said.contact.person or "", arriving.begun, arriving.refused)

    async def resume(self) -> None:
        """Fetch what nobody brought who should have: their process ended, or lost the database."""
        now, in_hand = self._now(), tuple(self._in_hand)
        for left in await self._database.write(lambda tx: attachments.overdue(tx, in_hand, now)):
            self._start(left.person, [_begun(left)], [])

    async def settled(self) -> None:
        """Wait until everything begun so far was kept or refused."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def stop(self) -> None:
        """Leave what is being fetched to whoever serves next."""
        for task in self._tasks:
            task.cancel()
        in_hand = tuple(self._in_hand)
        await self.settled()
        if in_hand:
            with _noting([]):
                await self._database.write(lambda tx: attachments.let_go(tx, in_hand, self._now()))

    def _start(self, person: str, begun: Sequence[_Begun], refused: Sequence[FileRefused]) -> None:
        self._in_hand.update(each.id for each in begun)
        task = asyncio.create_task(self._keep_all(person, begun, list(refused)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_all(self, person: str, begun: Sequence[_Begun], refused: list[FileRefused]) -> None:
        try:
            for each in begun:
                with _noting(refused):
                    await self._keep(each, person)
        finally:
            self._in_hand.difference_update(each.id for each in begun)
            if refused:
                await self._tell(person, refused)

    async def _keep(self, begun: _Begun, person: str) -> None:
        try:
            kept = await self._keeper.complete(begun.id, begun.offer, service_url=begun.service_url, person=person)
        except FileRefused:
            await self._database.write(lambda tx: attachments.give_up(tx, begun.id))
            raise
        if kept.ticket is not None:
            await self._show(kept)

    async def _show(self, kept: Attachment) -> None:
        """The form was sent while the file was still on its way: the cards do not show it yet."""
        await self._database.write(lambda tx: late_files.show(tx, self._desk, kept, now=self._now()))
        self._wake()

    async def _tell(self, person: str, refused: Sequence[FileRefused]) -> None:
        """One sentence per reason: of very many files nobody wants very many sentences."""
        by_reason = dict[str, list[FileRefused]]()
        for error in refused:
            by_reason.setdefault(error.key, []).append(error)
        sentences = [
            say(f"person:{person}", Sentence(key, _values(errors)))
            for key, errors in list(by_reason.items())[:MOST_TOLD]
        ]
        await self._database.write(lambda tx: late_files.tell_sender(tx, person, sentences, now=self._now()))
        self._wake()


def _begun(left: UnderWay) -> _Begun:
    origin: Mapping[str, str] = left.origin
    return _Begun(left.id, Offered(KINDS[origin["kind"]], origin["name"], origin["url"]), origin["service_url"])


def _values(errors: Sequence[FileRefused]) -> dict[str, str | int]:
    """The values of the sentence for files that were refused for one reason, with the names of the first few."""
    names = [str(error.values["name"]) for error in errors]
    more = [f"… ({len(names)})"] if len(names) > MOST_NAMED else []
    values: dict[str, str | int] = {name: str(value) for name, value in errors[0].values.items()}
    return values | {"name": " · ".join(names[:MOST_NAMED] + more), "count": len(names)}


@contextmanager
def _noting(refused: list[FileRefused]) -> Iterator[None]:
    """One file that cannot be kept keeps no other one from being kept."""
    try:
        yield
    except FileRefused as error:
        refused.append(error)
    except StoreUnavailable as error:
        logs.event("store.unavailable", level=logging.WARNING, reason=str(error))
