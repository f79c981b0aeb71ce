"""From an offered file to a kept one: counted, fetched, and written part by part so that nobody else has to wait."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from app import logs
from app.bot.files import Fetched, FileFetcher, Offered
from app.domain.files import Attachment, FileNotFetched, FileRefused
from app.services import attachments
from app.services.attachments import Place
from app.store.database import Database


class FileKeeper:
    """Keeps what people send. `keep` raises `FileRefused` with the sentence for the sender, or `StoreUnavailable`."""

    def __init__(self, database: Database, fetcher: FileFetcher, now: Callable[[], datetime]) -> None:
        self._database = database
        self._fetcher = fetcher
        self._now = now

    async def keep(self, offer: Offered, *, service_url: str, person: str, place: Place) -> Attachment:
        """Fetch a file from where the activity says and keep it for a form or with a ticket."""
        try:
            kept = await self._keep(offer, service_url, person, place)
        except FileRefused as refused:
            logs.event("file.refused", kind=offer.kind, reason=refused.key, person=logs.pseudonym(person))
            raise
        logs.event("file.kept", kind=offer.kind, size=kept.size, person=logs.pseudonym(person))
        return kept

    async def _keep(self, offer: Offered, service_url: str, person: str, place: Place) -> Attachment:
        name, now = offer.name or "image", self._now()
        begun = await self._database.write(lambda tx: attachments.begin(tx, person, name, place, now))
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
