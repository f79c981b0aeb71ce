"""From an offered file to a kept one: counted, fetched, and written part by part so that nobody else has to wait."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from app import logs
from app.bot.files.file_fetcher import Fetched, FileFetcher, Offered
from app.domain.files import Attachment, FileNotFetched, FileRefused
from app.services import attachments
from app.services.attachments import Place
from app.services.unit_of_work import Database


class FileKeeper:
    """Keeps what people send. `keep` raises `FileRefused` with the sentence for the sender, or `StoreUnavailable`."""

    def __init__(self, database: Database, fetcher: FileFetcher, now: Callable[[], datetime]) -> None:
        self._database = database
        self._fetcher = fetcher
        self._now = now

    async def keep(self, offer: Offered, *, service_url: str, person: str, place: Place) -> Attachment:
        """Fetch a file from where the activity says and keep it for a form or with a ticket."""
        begun = await self.begin(offer, person=person, place=place)
        return await self.complete(begun, offer, service_url=service_url, person=person)

    async def begin(self, offer: Offered, *, person: str, place: Place) -> str:
        """Count a file that is about to be fetched: from now on it goes wherever its form goes. Returned is its id."""
        now = self._now()
        with told(offer, person):
            return await self._database.write(lambda tx: attachments.begin(tx, person, offer.shown, place, now))

    async def complete(self, begun: str, offer: Offered, *, service_url: str, person: str) -> Attachment:
        """Fetch and keep what was begun."""
        with told(offer, person):
            kept = await self._fetch(begun, offer, service_url, person)
        logs.event("file.kept", kind=offer.kind, size=kept.size, person=logs.pseudonym(person))
        return kept

    async def _fetch(self, begun: str, offer: Offered, service_url: str, person: str) -> Attachment:
        now = self._now()
        with await self._fetcher.fetch(offer, service_url) as fetched:
            await self._database.write(
                lambda tx: attachments.measured(tx, begun, person, fetched.name, fetched.size, now)
            )
            return await self._write(begun, fetched)

    async def _write(self, begun: str, fetched: Fetched) -> Attachment:
        for number, content in enumerate(fetched.parts(attachments.PART)):
            await self._database.write(partial(attachments.add_part, attachment=begun, number=number, content=content))
        kept = await self._database.write(
            lambda tx: attachments.finish(
                tx, begun, name=fetched.name, content_type=fetched.content_type, sha256=fetched.sha256
            )
        )
        if kept is None:
            raise FileNotFetched(fetched.name)
        return kept


@contextmanager
def told(offer: Offered, person: str) -> Iterator[None]:
    """Write a refusal down on its way out."""
    try:
        yield
    except FileRefused as refused:
        logs.event("file.refused", kind=offer.kind, reason=refused.key, person=logs.pseudonym(person))
        raise
