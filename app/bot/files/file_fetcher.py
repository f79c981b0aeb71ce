"""Files that come with a message: finding them in the activity, and fetching them without trusting anybody."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Literal, Self
from weakref import WeakValueDictionary

import aiohttp
from botbuilder.schema import Activity, Attachment
from yarl import URL

from app.bot.files import file_types
from app.bot.files.file_addresses import FileHosts, Lookup, OpenInternet, PrivateAddress, parse
from app.bot.out import addresses, trust
from app.bot.out.addresses import ServiceHosts
from app.bot.out.credentials import TokenProvider, TokenUnavailable
from app.domain import files
from app.domain.files import safe_name

DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
AT_ONCE = 16
AT_ONCE_FROM_A_HOST = 4
"""Fewer than in all, so that a host that hangs leaves room for the others."""
WITHIN = 15.0
WAITS = 120.0
"""Seconds that a file waits for its turn. Nobody waits for it, but its address does not hold for ever."""
CHUNK = 64 * 1024
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


FileKind = Literal["download", "picture", "recording"]
KINDS: Mapping[str, FileKind] = {"download": "download", "picture": "picture", "recording": "recording"}


@dataclass(frozen=True, slots=True)
class Offered:
    """A file as the activity names it: an uploaded one (`download`), or a part of the message itself, which is a
    `picture` or a `recording` (of voice or video).
    """

    kind: FileKind
    name: str
    url: str = field(repr=False)  # it is signed: whoever has it has the file

    @property
    def shown(self) -> str:
        """What it is called as long as nobody knows more."""
        return self.name or "image"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file in a nameless place on disk, gone once it is closed."""

    name: str
    content_type: str
    size: int
    sha256: str
    content: IO[bytes]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.content.close()

    def parts(self, length: int) -> Iterator[bytes]:
        """The bytes from the beginning, piece by piece."""
        self.content.seek(0)
        while part := self.content.read(length):
            yield part


def offered(activity: Activity) -> tuple[Offered, ...]:
    """The files that came with a message; its HTML copy, cards and anything unknown are none."""
    found = (_offer(each) for each in activity.attachments or ())
    return tuple(each for each in found if each is not None)


def _offer(attachment: Attachment) -> Offered | None:
    """One without an address is offered all the same, so that its sender hears that it was not kept."""
    kind = (attachment.content_type or "").partition(";")[0].strip().lower()
    if kind.startswith("image/"):
        return Offered("picture", safe_name(attachment.name or "", default=""), attachment.content_url or "")
    medium, _, form = kind.partition("/")
    if medium in ("audio", "video") and form:
        default = f"{medium}.{form}" if form.isalnum() else medium
        return Offered("recording", safe_name(attachment.name or "", default=default), attachment.content_url or "")
    if kind != DOWNLOAD:
        return None
    content = attachment.content if isinstance(attachment.content, dict) else {}
    url, extension = content.get("downloadUrl"), content.get("fileType")
    default = f"file.{extension}" if isinstance(extension, str) and extension.isalnum() else "file"
    return Offered("download", safe_name(attachment.name or "", default[:16]), url if isinstance(url, str) else "")


def file_session(lookup: Lookup | None = None) -> aiohttp.ClientSession:
    """The client for files. It connects to public addresses alone, keeps no connection and unpacks nothing."""
    pool = aiohttp.TCPConnector(
        ssl=trust.context(), resolver=OpenInternet(lookup), use_dns_cache=False, force_close=True, limit=AT_ONCE
    )
    return aiohttp.ClientSession(
        connector=pool,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=None),
    )


class FileFetcher:
    """Fetches offered files, a few at a time. `fetch` raises a `FileRefused` and nothing else."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        file_hosts: FileHosts,
        service_hosts: ServiceHosts,
        *,
        tokens: TokenProvider | None,
        scope: str,
        within: float = WITHIN,
        waits: float = WAITS,
    ) -> None:
        """`session` is one of `file_session`; `tokens` is None without sign-in only."""
        self._session = session
        self._file_hosts = file_hosts
        self._service_hosts = service_hosts
        self._tokens = tokens
        self._scope = scope
        self._within = within
        self._waits = waits
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._slots_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def fetch(self, offer: Offered, service_url: str) -> Fetched:
        """The file, named and typed by what it holds; close it when done. `service_url` is the activity's."""
        name = offer.shown
        url = self._address(offer, service_url)
        if url is None:
            raise files.FileHostRefused(name)
        try:
            async with self._slot(url, name), asyncio.timeout(self._within):
                return await self._fetch(offer, url, name)
        except TimeoutError:
            raise files.FileTooSlow(name) from None
        except PrivateAddress:
            raise files.FileHostRefused(name) from None
        except (aiohttp.ClientError, TokenUnavailable, OSError, ValueError) as error:
            raise files.FileNotFetched(name) from error

    def _address(self, offer: Offered, service_url: str) -> URL | None:
        """Where the file may be fetched from: a listed file host; for part of a message the connector's attachments.

        The connector answers the bot's token with more than what somebody attached: rosters, conversations.
        """
        url = parse(offer.url)
        if url is None:
            return None
        if offer.kind == "download":
            return url if self._file_hosts.allow(url) else None
        service = addresses.parse(service_url)
        is_the_connector = service is not None and url.origin() == service.origin()
        is_harmless = self._tokens is None or addresses.is_content(offer.url)
        return url if is_the_connector and is_harmless and self._service_hosts.allow(service_url) else None

    @asynccontextmanager
    async def _slot(self, url: URL, name: str) -> AsyncIterator[None]:
        of_host = self._slots_of.setdefault(str(url.origin()), asyncio.Semaphore(AT_ONCE_FROM_A_HOST))
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._waits):
                    await held.enter_async_context(of_host)
                    await held.enter_async_context(self._slots)
            except TimeoutError:
                raise files.FilesBusy(name) from None
            yield

    async def _fetch(self, offer: Offered, url: URL, name: str) -> Fetched:
        headers = {}
        if offer.kind != "download" and self._tokens is not None:
            headers["Authorization"] = f"Bearer {await self._tokens.token(self._scope)}"
        content = tempfile.TemporaryFile()  # noqa: SIM115 - it leaves with the answer, who closes it
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
                if answer.status != 200 or answer.headers.get("Content-Encoding", "identity") != "identity":
                    raise files.FileNotFetched(name)
                size, sha256 = await _receive(answer, content, name)
            kind = await asyncio.to_thread(file_types.recognise, content)
            _check_picture(kind, offer, name)
        except BaseException:
            content.close()
            raise
        extension = _EXTENSIONS.get(kind.content_type)
        return Fetched(offer.name or f"image.{extension}", kind.content_type, size, sha256, content)


async def _receive(answer: aiohttp.ClientResponse, content: IO[bytes], name: str) -> tuple[int, str]:
    """Count what comes, whatever its length was said to be."""
    size, digest = 0, hashlib.sha256()
    if (answer.content_length or 0) > files.LARGEST:
        raise files.FileTooLarge(name)
    async for chunk in answer.content.iter_chunked(CHUNK):
        size += len(chunk)
        if size > files.LARGEST:
            raise files.FileTooLarge(name)
        digest.update(chunk)
        content.write(chunk)
    if not size:
        raise files.FileEmpty(name)
    return size, digest.hexdigest()


def _check_picture(kind: file_types.Kind, offer: Offered, name: str) -> None:
    if kind.pixels is None:
        if offer.kind == "picture":
            raise files.NoPicture(name)
    elif kind.pixels[0] * kind.pixels[1] > files.MOST_MEGAPIXELS * 1_000_000:
        raise files.PictureTooLarge(name)
