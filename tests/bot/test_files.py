"""Files that come with a message, from hosts that behave and hosts that do not; row T52 of the threat table."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from botbuilder.schema import Activity, Attachment

from app.bot.files.file_addresses import FileHosts
from app.bot.files.file_fetcher import (
    AT_ONCE,
    AT_ONCE_FROM_A_HOST,
    DOWNLOAD,
    Fetched,
    FileFetcher,
    Offered,
    file_session,
    offered,
)
from app.bot.out.addresses import ServiceHosts
from app.bot.out.credentials import TokenProvider
from app.domain.files import LARGEST, FileRefused
from tests.support.files import FakeFileHost, gif, jpeg, packed, pasted, png, upload, webp

MEGABYTE = 1024 * 1024


@dataclass
class Wire:
    share: FakeFileHost
    session: Any

    def fetcher(self, *, within: float = 15, waits: float = 5, tokens: TokenProvider | None = None) -> FileFetcher:
        return FileFetcher(
            self.session,
            FileHosts(["127.0.0.1", "localhost"]),
            ServiceHosts([self.share.host]),
            tokens=tokens,
            scope="s",
            within=within,
            waits=waits,
        )

    @property
    def service_url(self) -> str:
        return f"{self.share.url}/teams/"

    async def fetch(self, activity: Activity, **how: Any) -> Fetched:
        (offer,) = offered(activity)
        return await self.fetcher(**how).fetch(offer, self.service_url)

    async def refused(self, activity: Activity, **how: Any) -> str:
        with pytest.raises(FileRefused) as refused:
            await self.fetch(activity, **how)
        return refused.value.key.removeprefix("error.file.")


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with AsyncExitStack() as stack:
        share = await stack.enter_async_context(FakeFileHost())
        yield Wire(share, await stack.enter_async_context(file_session()))


async def test_an_uploaded_log_arrives_byte_by_byte(wire: Wire) -> None:
    log = "Zeile für Zeile\n".encode() * 10_000
    with await wire.fetch(upload(wire.share.address("a.log", log), "vpn.log")) as fetched:
        assert b"".join(fetched.parts(1000)) == log
        assert (fetched.name, fetched.content_type, fetched.size) == ("vpn.log", "text/plain; charset=utf-8", len(log))
        assert fetched.sha256 == hashlib.sha256(log).hexdigest()
    assert fetched.content.closed


async def test_a_pasted_picture_gets_a_name(wire: Wire) -> None:
    with await wire.fetch(pasted(wire.share.address("v3/attachments/1/views/original", jpeg((800, 600))))) as fetched:
        assert (fetched.name, fetched.content_type) == ("image.jpg", "image/jpeg")


async def test_a_voice_message_is_kept_like_a_picture(wire: Wire) -> None:
    where = wire.share.picture(b"OggS" + bytes(40))
    tokens = TokenProvider(lambda _: {"access_token": "t", "expires_in": 3600}, monotonic=lambda: 0.0)
    for kind, name in (("audio/ogg", "audio.ogg"), ("video/mp4", "video.mp4"), ("audio/x-m4a", "audio")):
        spoken = Activity(attachments=[Attachment(content_type=kind, content_url=where)])
        with await wire.fetch(spoken, tokens=tokens) as fetched:
            assert (fetched.name, fetched.size) == (name, 44)
        assert wire.share.seen[-1].authorization == "Bearer t"
    elsewhere = Activity(attachments=[Attachment(content_type="audio/ogg", content_url="https://example.com/a")])
    assert await wire.refused(elsewhere) == "host"


async def test_what_is_pasted_as_a_picture_and_is_none_is_refused(wire: Wire) -> None:
    page = b"<html><script>alert(1)</script></html>"
    assert await wire.refused(pasted(wire.share.address("x", page, "image/png"))) == "no_picture"
    assert (
        await wire.refused(pasted(wire.share.address("x", b"<svg onload=alert(1)>", "image/svg+xml"))) == "no_picture"
    )


async def test_a_file_as_large_as_may_be_is_kept_and_one_byte_more_is_not(wire: Wire) -> None:
    with await wire.fetch(upload(wire.share.address("a", b"a" * LARGEST))) as fetched:
        assert fetched.size == LARGEST
    assert await wire.refused(upload(wire.share.address("b", b"a" * (LARGEST + 1)))) == "too_large"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("endless", "too_large"),
        ("huge", "too_large"),
        ("redirect", "not_fetched"),
        ("gone", "not_fetched"),
        ("packed", "not_fetched"),
        ("broken", "not_fetched"),
    ],
)
async def test_a_host_that_misbehaves_is_told_in_plain_words(wire: Wire, path: str, why: str) -> None:
    assert await wire.refused(upload(wire.share.address(path))) == why
    assert [seen.path for seen in wire.share.seen] == [path]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\xff" * 100,
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\nx",
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
    ],
)
async def test_a_host_that_speaks_nonsense_is_told_in_plain_words(wire: Wire, answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await wire.refused(upload(f"http://127.0.0.1:{port}/x")) == "not_fetched"


async def test_an_empty_file_is_none(wire: Wire) -> None:
    assert await wire.refused(upload(wire.share.address("a", b""))) == "empty"


@pytest.mark.parametrize("path", ["slow", "hang"])
async def test_a_host_that_takes_its_time_is_given_up(wire: Wire, path: str) -> None:
    assert await wire.refused(upload(wire.share.address(path)), within=0.2) == "too_slow"


async def test_a_host_that_does_not_answer_at_all_is_told(wire: Wire) -> None:
    url = wire.share.address("a")
    await wire.share.stop()
    assert await wire.refused(upload(url)) == "not_fetched"


async def test_without_a_token_no_picture_is_asked_for(wire: Wire) -> None:
    tokens = TokenProvider(lambda _: {"error": "invalid_client"}, monotonic=lambda: 0.0)
    assert await wire.refused(pasted(wire.share.picture(png())), tokens=tokens) == "not_fetched"
    assert wire.share.seen == []


async def test_t52_eight_hostile_files_cost_neither_time_nor_memory(wire: Wire) -> None:
    share = wire.share
    hostile = {
        "pixels": [png(50_000, 50_000), gif(65_535, 65_535), jpeg((3, 2), (65_500, 65_500)), webp(b"VP8X", 9999, 9999)],
        "kept": [packed("a.txt", zeros=200 * MEGABYTE)],
    }
    before = psutil.Process().memory_info().rss
    for number, content in enumerate(hostile["pixels"]):
        assert await wire.refused(upload(share.address(f"p{number}", content), "a.png")) == "pixels"
    for content in hostile["kept"]:
        with await wire.fetch(upload(share.address("bomb.zip", content), "a.zip")) as fetched:
            assert (fetched.content_type, fetched.size) == ("application/zip", len(content))
    assert await wire.refused(upload(share.address("endless"))) == "too_large"
    assert share.sent < 100 * MEGABYTE
    assert await wire.refused(upload(share.address("packed"))) == "not_fetched"
    assert await wire.refused(upload(share.address("slow")), within=0.2) == "too_slow"
    assert psutil.Process().memory_info().rss - before < 20 * MEGABYTE


async def test_forty_megapixels_are_the_most(wire: Wire) -> None:
    with await wire.fetch(pasted(wire.share.address("a", png(8000, 5000)))) as fetched:
        assert fetched.name == "image.png"
    assert await wire.refused(pasted(wire.share.address("b", png(8000, 5001)))) == "pixels"


async def test_while_one_host_hangs_files_of_another_arrive(wire: Wire) -> None:
    async with FakeFileHost() as hanging:
        fetcher = wire.fetcher(waits=30, within=30)
        (stuck,) = offered(upload(hanging.address("hang")))
        waiting = [asyncio.create_task(fetcher.fetch(stuck, "")) for _ in range(200)]
        await hanging.arrived.wait()
        async with asyncio.timeout(10):
            for number in range(20):
                (offer,) = offered(upload(wire.share.address(f"f{number}", b"line")))
                (await fetcher.fetch(offer, "")).content.close()
        assert len(hanging.seen) == AT_ONCE_FROM_A_HOST
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        (offer,) = offered(upload(hanging.address("a", b"line")))
        (await fetcher.fetch(offer, "")).content.close()


async def test_two_hundred_screenshots_of_the_same_minute_all_arrive(wire: Wire) -> None:
    """However long a file waits for its turn, its host has the whole time from then on."""
    fetcher = wire.fetcher(within=5)
    (offer,) = offered(pasted(wire.share.address("shot", png())))

    async def fetch() -> int:
        with await fetcher.fetch(offer, wire.service_url) as fetched:
            return fetched.size

    sizes = await asyncio.gather(*(fetch() for _ in range(200)))
    assert sizes == [len(png())] * 200


async def test_waiting_for_ones_turn_does_not_shorten_the_time_for_the_file(wire: Wire) -> None:
    fetcher = wire.fetcher(within=0.3, waits=30)
    slow = [offered(upload(wire.share.address("hang")))[0] for _ in range(AT_ONCE_FROM_A_HOST)]
    stuck = [asyncio.create_task(fetcher.fetch(offer, "")) for offer in slow * 2]
    await wire.share.arrived.wait()
    (offer,) = offered(upload(wire.share.address("a", b"line")))
    (await fetcher.fetch(offer, "")).content.close()
    refused = await asyncio.gather(*stuck, return_exceptions=True)
    assert {each.key for each in refused if isinstance(each, FileRefused)} == {"error.file.too_slow"}


async def test_whoever_would_wait_too_long_hears_it(wire: Wire) -> None:
    fetcher = wire.fetcher(waits=0.1)
    (stuck,) = offered(upload(wire.share.address("hang")))
    waiting = [asyncio.create_task(fetcher.fetch(stuck, "")) for _ in range(AT_ONCE_FROM_A_HOST)]
    await wire.share.arrived.wait()
    with pytest.raises(FileRefused) as refused:
        await fetcher.fetch(stuck, "")
    assert refused.value.key == "error.file.busy"
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_sixteen_files_at_once_are_the_most(wire: Wire) -> None:
    async with AsyncExitStack() as stack:
        hosts = [await stack.enter_async_context(FakeFileHost()) for _ in range(AT_ONCE // AT_ONCE_FROM_A_HOST)]
        fetcher = wire.fetcher(waits=0.1)
        stuck = [offered(upload(host.address("hang")))[0] for host in hosts]
        waiting = [asyncio.create_task(fetcher.fetch(offer, "")) for offer in stuck * AT_ONCE_FROM_A_HOST]
        for host in hosts:
            await host.arrived.wait()
        (offer,) = offered(upload(wire.share.address("a", b"line")))
        with pytest.raises(FileRefused) as refused:
            await fetcher.fetch(offer, "")
        assert (refused.value.key, wire.share.seen) == ("error.file.busy", [])
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


# --- what an activity offers


def test_the_html_copy_of_a_message_and_cards_are_no_files() -> None:
    kinds = ("text/html", "application/vnd.microsoft.card.adaptive", "application/octet-stream", "", None, "IMAGE")
    assert (
        offered(Activity(attachments=[Attachment(content_type=kind, content_url="https://x/") for kind in kinds])) == ()
    )
    assert offered(Activity()) == ()


@pytest.mark.parametrize(
    "content", [None, [], "x", 7, {}, {"downloadUrl": None}, {"downloadUrl": ["x"]}, {"fileType": 7}]
)
async def test_a_file_without_an_address_is_refused_and_not_passed_over(wire: Wire, content: Any) -> None:
    activity = Activity(attachments=[Attachment(content_type=DOWNLOAD, content=content)])
    assert offered(activity) == (Offered("download", "file", ""),)
    assert await wire.refused(activity) == "host"


def test_a_file_without_a_name_is_called_by_its_type() -> None:
    assert offered(upload("https://x/", name="", file_type="log"))[0].name == "file.log"
    assert offered(upload("https://x/", name="", file_type="../../x"))[0].name == "file"
    assert offered(upload("https://x/", name="../../etc/passwd"))[0].name == "passwd"


def test_several_files_are_all_offered() -> None:
    both = Activity(attachments=[*upload("https://a/").attachments, *pasted("https://b/").attachments])
    assert [(each.kind, each.url) for each in offered(both)] == [("download", "https://a/"), ("picture", "https://b/")]


def test_the_address_of_a_file_is_not_printed() -> None:
    assert "tempauth" not in repr(offered(upload("https://a/?tempauth=secret")))
