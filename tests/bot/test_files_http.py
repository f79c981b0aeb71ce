"""From a message to a download: files kept over HTTP and served over HTTP, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import text
from yarl import URL

from app.bot.edge.http import EdgeRunner
from app.bot.files.file_addresses import FileHosts
from app.bot.files.file_fetcher import FileFetcher, file_session, offered
from app.bot.files.file_keeper import FileKeeper
from app.bot.files.files_http import FilesEndpoint
from app.bot.out.addresses import ServiceHosts
from app.domain.errors import DomainError
from app.domain.files import LARGEST, Attachment
from app.services import attachments
from app.services.attachments import Place
from app.services.file_links import FileLinks
from app.store.database import Database
from app.store.secrets import StoredKey
from tests.domain.samples import NOON
from tests.store.samples import opened
from tests.support.edge import Clock, LogLines
from tests.support.files import FakeFileHost, png, upload
from tests.support.loopback import serving

FORM = Place(form="f1")


@dataclass
class Desk:
    database: Database
    share: FakeFileHost
    keeper: FileKeeper
    clock: Clock
    links: FileLinks
    readers: set[str]
    client: aiohttp.ClientSession
    url: str

    async def keep(self, content: bytes, name: str = "a.log", *, person: str = "ada") -> Attachment:
        (offer,) = offered(upload(self.share.address("file", content), name))
        return await self.keeper.keep(offer, service_url="", person=person, place=FORM)

    def link(self, attachment: Attachment, reader: str = "ada") -> str:
        return self.links.link(self.url, attachment.id, reader, self.clock.now())

    async def get(self, link: str, method: str = "GET") -> tuple[aiohttp.ClientResponse, bytes]:
        async with self.client.request(method, URL(link, encoded=True)) as answer:
            return answer, await answer.read()


@pytest.fixture
async def files(address: str) -> AsyncIterator[Desk]:
    clock, links, readers = Clock(), FileLinks([StoredKey(b"k" * 32, NOON)]), {"ada"}

    async def may_read(reader: str, attachment: Attachment) -> bool:
        return reader in readers

    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened(address))
        share = await stack.enter_async_context(FakeFileHost())
        session = await stack.enter_async_context(file_session())
        client = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        fetcher = FileFetcher(session, FileHosts(["127.0.0.1"]), ServiceHosts([]), tokens=None, scope="")
        app = web.Application()
        app.add_routes(FilesEndpoint(database, links, may_read, now=clock.now).routes())
        runner = EdgeRunner(app, shutdown_timeout=0.1)
        url = f"http://127.0.0.1:{await stack.enter_async_context(serving(runner))}"
        keeper = FileKeeper(database, fetcher, clock.now)
        yield Desk(database, share, keeper, clock, links, readers, client, url)


@pytest.mark.parametrize("size", [1, attachments.PART, attachments.PART + 1, LARGEST])
async def test_a_file_comes_back_byte_by_byte(files: Desk, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    kept = await files.keep(content)
    answer, body = await files.get(files.link(kept))
    assert (answer.status, body == content) == (200, True)
    assert answer.headers["Content-Length"] == str(size)


async def test_t53_a_file_is_a_download_and_never_a_page(files: Desk) -> None:
    for content, name, kind in [
        (b"<script>alert(1)</script>", "harmless.png", "application/octet-stream"),
        (b"<svg onload='alert(1)'/>", "a.svg", "application/octet-stream"),
        (b"MZ\x90\0", "a.pdf", "application/octet-stream"),
        (png() + b"<script>alert(1)</script>", "a.html", "image/png"),
        (b"line", 'Über\u202e "x"; filename=evil.html\r\nX: y.log', "text/plain; charset=utf-8"),
    ]:
        kept = await files.keep(content, name)
        answer, body = await files.get(files.link(kept))
        assert (answer.status, body) == (200, content)
        headers = answer.headers
        assert headers["Content-Type"] == kind
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["Cache-Control"] == "private, no-store"
        disposition, _, shown = headers["Content-Disposition"].partition("; filename*=UTF-8''")
        assert (disposition, unquote(shown)) == ("attachment", kept.name)
        assert not set(shown) & set(' ";\r\n')


async def test_a_look_at_the_headers_transfers_nothing(files: Desk) -> None:
    kept = await files.keep(b"line")
    answer, body = await files.get(files.link(kept), "HEAD")
    assert (answer.status, answer.headers["Content-Length"], body) == (200, "4", b"")


async def test_absent_expired_forged_and_somebody_elses_are_one_answer(files: Desk) -> None:
    kept = await files.keep(b"line")
    good, theirs = files.link(kept), files.link(kept, "eve")
    absent = files.links.link(files.url, "0" * 32, "ada", files.clock.now())
    begun = await files.database.write(lambda tx: attachments.begin(tx, "ada", "b.log", FORM, files.clock.now()))
    unfinished = files.links.link(files.url, begun, "ada", files.clock.now())
    assert (await files.get(good))[0].status == 200
    refused = [
        theirs,
        absent,
        unfinished,
        good + "x",
        good[:-1],
        f"{files.url}/files/x",
        f"{files.url}/files/.",
        theirs,
    ]
    answers = [await files.get(link) for link in refused]
    files.readers.clear()
    answers.append(await files.get(good))
    files.readers.add("ada")
    files.clock.advance(minutes=15)
    answers.append(await files.get(good))
    assert {answer.status for answer, _ in answers} == {404}
    assert len({len(body) for _, body in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer, _ in answers}) == 1


async def test_ten_thousand_forged_links_open_nothing(files: Desk) -> None:
    kept = await files.keep(b"line")
    good = files.link(kept)
    claim, _, signature = good.rpartition("/")[2].partition(".")
    statuses = set()
    for turn in range(200):  # the ten thousand are in tests/services/test_file_links.py; these go the whole way
        forged = signature[:-6] + f"{turn:06}"
        statuses.add((await files.get(f"{files.url}/files/{claim}.{forged}"))[0].status)
    assert statuses == {404}


async def test_a_refused_file_is_told_and_leaves_nothing_to_see(files: Desk) -> None:
    (offer,) = offered(upload(files.share.address("endless")))
    with pytest.raises(DomainError) as refused:
        await files.keeper.keep(offer, service_url="", person="ada", place=FORM)
    assert (refused.value.key, refused.value.values) == (
        "error.file.too_large",
        {"name": "a.log", "count": 1, "limit": 10},
    )
    assert await files.database.read(lambda tx: attachments.of_form(tx, "ada", "f1")) == ()


async def test_t55_who_floods_is_stopped_before_anything_is_fetched_and_others_are_served(files: Desk) -> None:
    (offer,) = offered(upload(files.share.address("a", b"line")))
    keep = files.keeper.keep
    sent = await asyncio.gather(
        *(keep(offer, service_url="", person="ada", place=FORM) for _ in range(60)), return_exceptions=True
    )
    assert [getattr(each, "key", "kept") for each in sent].count("error.file.too_many_now") == 40
    assert len(files.share.seen) <= 20
    assert (await files.keep(b"line", person="eve")).person == "eve"
    files.clock.advance(minutes=1)
    assert (await files.keep(b"line")).person == "ada"


async def test_what_is_kept_of_a_file_in_the_log_says_nothing_of_it(files: Desk, log_lines: LogLines) -> None:
    await files.keep(b"line", "Kündigung Ada.log")
    (offer,) = offered(upload(files.share.address("gone"), "Kündigung Ada.log"))
    with pytest.raises(DomainError):
        await files.keeper.keep(offer, service_url="", person="ada", place=FORM)
    assert [line["event"] for line in log_lines.all()] == ["file.kept", "file.refused"]
    assert "Kündigung" not in log_lines.text
    assert "tempauth" not in log_lines.text


async def test_t54_what_people_call_a_file_is_in_no_path_and_its_place_is_random(files: Desk) -> None:
    kept = [await files.keep(b"line", "../../x") for _ in range(2)]
    assert {each.name for each in kept} == {"x"}
    assert len({each.id for each in kept}) == 2
    stored = await files.database.read(lambda tx: tx.execute(text("SELECT id FROM attachments")).scalars().all())
    assert all(len(each) == 32 and set(each) <= set("0123456789abcdef") for each in stored)


async def test_a_file_of_which_a_part_is_missing_breaks_off_and_is_never_taken_for_whole(files: Desk) -> None:
    kept = await files.keep(b"x" * (3 * attachments.PART))
    await files.database.write(lambda tx: tx.execute(text("DELETE FROM attachment_parts WHERE part = 1")))
    with pytest.raises(aiohttp.ClientPayloadError):
        await files.get(files.link(kept))


async def test_a_link_made_long_ago_does_not_open_a_file_that_was_deleted(files: Desk) -> None:
    kept = await files.keep(b"line")
    link = files.link(kept)
    week = files.clock.now() + timedelta(days=8)
    await files.database.write(lambda tx: attachments.forget(tx, week))
    assert (await files.get(link))[0].status == 404
