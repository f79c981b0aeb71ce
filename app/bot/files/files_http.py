"""`GET /files/{token}`: a file for the reader its link was made for, as a download and never as a page."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from urllib.parse import quote

from aiohttp import web

from app import logs
from app.bot.edge import refusals
from app.domain.files import Attachment
from app.services import attachments
from app.services.file_links import FileLinks, known_keys
from app.services.unit_of_work import Database, StoreUnavailable

PATH = "/files/{token}"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}

MayRead = Callable[[str, Attachment], Awaitable[bool]]
"""Whether a person may have a file now, whatever they might when the link was made."""


class FilesEndpoint:
    """Serves files. Absent, expired, forged and somebody else's are one and the same answer."""

    def __init__(self, database: Database, links: FileLinks, may_read: MayRead, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._links = links
        self._may_read = may_read
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.answer)]

    async def learn_keys(self) -> None:
        """Know the keys that were made or deleted meanwhile; raises StoreUnavailable."""
        self._links.learn(await self._database.read(known_keys))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            attachment = await self._attachment(request.match_info["token"])
        except StoreUnavailable as away:
            raise refusals.Unavailable("database") from away
        if attachment is None:
            raise web.HTTPNotFound
        answer = web.StreamResponse(headers={**_HEADERS, "Content-Disposition": _as_download(attachment.name)})
        answer.headers["Content-Type"] = attachment.content_type
        answer.content_length = attachment.size
        await answer.prepare(request)
        if request.method != "HEAD":
            await self._send(attachment, request, answer)
        return answer

    async def _attachment(self, token: str) -> Attachment | None:
        claim = self._links.read(token, self._now())
        if claim is None:
            return None
        found = await self._database.read(partial(attachments.find, attachment=claim.attachment))
        return found if found and await self._may_read(claim.reader, found) else None

    async def _send(self, attachment: Attachment, request: web.Request, answer: web.StreamResponse) -> None:
        """The bytes that were announced, or a broken connection: it is too late for another answer."""
        number, missing = 0, attachment.size
        try:
            while missing and (content := await self._part(attachment, number)):
                await answer.write(content)
                number, missing = number + 1, missing - len(content)
        except (ConnectionError, StoreUnavailable) as broken:
            logs.event("file.broken_off", kind=type(broken).__name__)
        if missing and request.transport:
            request.transport.abort()

    async def _part(self, attachment: Attachment, number: int) -> bytes | None:
        return await self._database.read(partial(attachments.part, attachment=attachment.id, number=number))


def _as_download(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
