"""A screenshot travels with the ticket: from the employee's chat to whoever works on it, and to nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from app.bot.files.file_addresses import FileHosts
from app.bot.files.file_fetcher import FileFetcher, file_session
from app.bot.files.file_keeper import FileKeeper
from app.bot.files.incoming_files import IncomingFiles
from app.bot.out.addresses import ServiceHosts
from tests.support.desk import FIRST, FIRST_TEAM, Cast, World, button, number_in, verbs, world
from tests.support.files import ELSEWHERE, FakeFileHost, png
from tests.support.inbound import Person

WORDS = "Diese Meldung kommt beim Anmelden am VPN."
KIND = "application/vnd.microsoft.teams.file.download.info"


@pytest.fixture
async def host() -> AsyncIterator[FakeFileHost]:
    """Where Teams lays what people send."""
    async with FakeFileHost() as running:
        yield running


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    """A desk that fetches files from this machine, and whose links lead to itself."""
    async with world(address, file_hosts=("127.0.0.1",), public_url="https://desk.example") as running:
        yield running


def upload(url: str, name: str) -> dict[str, Any]:
    content = {"downloadUrl": url, "uniqueId": uuid4().hex, "fileType": name.rpartition(".")[2]}
    return {"contentType": KIND, "name": name, "content": content}


async def send(desk: World, words: str | None, *files: dict[str, Any]) -> Any:
    """Ada sends files with words; the card that answers."""
    ada = desk.cast.requester
    before = set(desk.teams.messages[ada.chat_id])
    status, _ = await desk.post(desk.inbound.message(ada, words, attachments=list(files)))
    assert status < 300
    await desk.running.files.settled()
    await desk.settle()
    return [each for key, each in desk.teams.messages[ada.chat_id].items() if key not in before]


@asynccontextmanager
async def beside(desk: World) -> AsyncIterator[IncomingFiles]:
    """What another process of the same desk has."""
    async with file_session() as session:
        fetcher = FileFetcher(session, FileHosts(["127.0.0.1"]), ServiceHosts([desk.teams.host]), tokens=None, scope="")
        keeper = FileKeeper(desk.database, fetcher, desk.clock.now)
        files = IncomingFiles(desk.database, desk.desk, keeper, now=desk.clock.now, wake=lambda: None)
        yield files
        await files.stop()


async def raise_with(desk: World, *files: dict[str, Any]) -> str:
    """Ada raises a ticket with files; its number."""
    ada = desk.cast.requester
    [answer] = await send(desk, WORDS, *files)
    form = await desk.press(ada, answer, "ticket.new")
    inputs = {"title": "Meldung", "category": "vpn", "urgency": "high", "impact": "me", "kind": "incident"}
    raised = await desk.click(ada, "ticket.submit", {**button(form, "ticket.submit"), **inputs, "description": WORDS})
    await desk.settle()
    return number_in(raised)


async def link_of(desk: World, person: Person, number: str, **where: Any) -> str | None:
    """The link somebody gets who opens the only file of a ticket."""
    view = await desk.click(person, "ticket.view", {"desk": {"ticket": int(number[4:])}}, **where)
    if "file.open" not in verbs(view):
        return None
    opened = await desk.click(person, "file.open", button(view, "file.open"), **where)
    [url] = [each for each in str(opened).split("'") if each.startswith("https://desk.example/files/")]
    return url


async def get(desk: World, url: str) -> tuple[int, bytes, str]:
    """Follow a link as a browser does: without any sign-in."""
    here = url.replace("https://desk.example", f"http://127.0.0.1:{desk.running.port}")
    async with aiohttp.ClientSession() as session, session.get(here) as answer:
        return answer.status, await answer.read(), answer.headers.get("Content-Disposition", "")


async def test_a_screenshot_reaches_the_agent_with_the_ticket(desk: World, host: FakeFileHost) -> None:
    picture = png()
    number = await raise_with(desk, upload(host.address("shot", picture), "Fehler beim Anmelden.png"))
    assert "Fehler beim Anmelden.png" in desk.line_card(FIRST, number).words
    link = await link_of(desk, desk.cast.mara, number, channel=FIRST)
    assert link
    assert await get(desk, link) == (200, picture, "attachment; filename*=UTF-8''Fehler%20beim%20Anmelden.png")
    assert [seen.authorization for seen in host.seen] == [None]


async def test_files_that_no_card_has_room_for_are_found_behind_the_others(desk: World, host: FakeFileHost) -> None:
    files = [upload(host.address(f"f{number}", png(number + 1)), f"file{number:02}.png") for number in range(13)]
    number = await raise_with(desk, *files)
    card = desk.line_card(FIRST, number)
    hidden = [each["name"] for each in files if each["name"] not in card.words]
    assert len(hidden) == 3
    [earlier] = [each for each in _openers(card.card) if "before" in each["desk"]]
    rest = await desk.click(desk.cast.mara, "file.open", earlier, channel=FIRST)
    assert [each["name"] for each in files if each["name"] in str(rest)] == hidden
    opened = await desk.click(desk.cast.mara, "file.open", button(rest, "file.open"), channel=FIRST)
    assert "https://desk.example/files/" in str(opened)
    refused = await desk.click(desk.cast.stranger, "file.open", earlier, channel=FIRST)
    assert "file" not in str(refused)


def _openers(part: Any) -> list[dict[str, Any]]:
    """What every button says that opens a file."""
    if isinstance(part, list):
        return [each for one in part for each in _openers(one)]
    if not isinstance(part, dict):
        return []
    if part.get("verb") == "file.open":
        return [part["data"]]
    return [each for one in part.values() for each in _openers(one)]


async def test_a_link_ends_and_so_does_the_right_behind_it(desk: World, host: FakeFileHost) -> None:
    number = await raise_with(desk, upload(host.address("shot", png()), "a.png"))
    link = await link_of(desk, desk.cast.mara, number, channel=FIRST)
    assert link
    desk.clock.advance(minutes=16)
    assert (await get(desk, link))[0] == 404
    again = await link_of(desk, desk.cast.mara, number, channel=FIRST)
    assert again
    assert (await get(desk, again[:-2]))[0] == 404
    assert (await get(desk, again))[0] == 200


async def test_the_requester_opens_their_own_file_and_a_stranger_finds_nothing(desk: World, host: FakeFileHost) -> None:
    number = await raise_with(desk, upload(host.address("shot", png()), "a.png"))
    mine = await link_of(desk, desk.cast.requester, number)
    assert mine
    assert (await get(desk, mine))[0] == 200
    assert await link_of(desk, desk.cast.stranger, number) is None


async def test_what_cannot_be_kept_is_said_and_the_words_are_not_lost(desk: World, host: FakeFileHost) -> None:
    answers = await send(desk, WORDS, upload("https://files.example.net/a.png", "a.png"), upload(host.url, "b.png"))
    assert any("ticket.new" in verbs(each.card) for each in answers if each.card)
    told = "\n".join(each.words for each in answers if not each.card)
    assert "a.png" in told or "b.png" in told, told


async def test_t50_from_elsewhere_nothing_is_fetched_whatever_a_message_calls_it(address: str) -> None:
    """Nor is a name asked for that a company's own name servers might answer."""
    elsewhere = [each for each in ELSEWHERE if "rebinding" not in each]
    async with FakeFileHost() as host, world(address, file_hosts=("*.sharepoint.com",)) as desk:
        named = [each.format(port=host.port) for each in elsewhere]
        assert len(named) >= 50
        for first in range(0, len(named), 10):
            part = named[first : first + 10]
            await send(desk, WORDS, *(upload(each, "a.png") for each in part))
            await send(desk, WORDS, *({"contentType": "image/png", "contentUrl": each} for each in part))
            desk.clock.advance(minutes=1)
        assert host.seen == []
        assert await desk.rows("SELECT attachment FROM attachment_parts") == []


async def test_every_file_that_was_not_kept_is_named(desk: World, host: FakeFileHost) -> None:
    files = [upload(f"https://files.example.net/{name}", name) for name in ("a.png", "b.png")]
    [told] = [each.words for each in await send(desk, WORDS, *files) if not each.card]
    assert "a.png" in told
    assert "b.png" in told


async def test_two_hundred_files_at_once_are_told_in_few_sentences(desk: World, host: FakeFileHost) -> None:
    files = [upload(host.address(f"f{number}", png(number + 1)), f"{number}.png") for number in range(200)]
    answers = await send(desk, WORDS, *files)
    assert 2 <= len(answers) <= 5, [each.words for each in answers]
    [_form] = [each for each in answers if each.card and "ticket.new" in verbs(each.card)]
    kept = await desk.rows("SELECT count(*) FROM attachments")
    assert 1 <= kept[0][0] < 200
    assert len(host.seen) == kept[0][0]


async def test_a_very_long_text_comes_whole_as_a_file(desk: World) -> None:
    whole = "Anmeldung schlägt fehl. " * 1_700
    ada = desk.cast.requester
    [answer] = await send(desk, whole)
    form = await desk.press(ada, answer, "ticket.new")
    inputs = {"title": "Lang", "category": "vpn", "urgency": "high", "impact": "me", "kind": "incident"}
    raised = await desk.click(ada, "ticket.submit", {**button(form, "ticket.submit"), **inputs, "description": "Kurz"})
    link = await link_of(desk, desk.cast.mara, number_in(raised), channel=FIRST)
    assert link
    assert (await get(desk, link))[1].decode() == whole.strip()


async def test_while_a_file_host_hangs_everybody_else_is_answered(desk: World, host: FakeFileHost) -> None:
    status, _ = await desk.post(
        desk.inbound.message(desk.cast.requester, WORDS, attachments=[upload(host.address("hang"), "a.png")])
    )
    assert status < 300
    await host.arrived.wait()
    number = await desk.submit(desk.cast.stranger)
    assert number in desk.line_card(FIRST, number).words


async def test_files_that_are_still_to_be_fetched_when_the_form_is_sent_reach_the_ticket(
    desk: World, host: FakeFileHost
) -> None:
    ada = desk.cast.requester
    files = [upload(host.address("hang"), "a.png"), upload(host.address("shot", png()), "b.png")]
    status, _ = await desk.post(desk.inbound.message(ada, WORDS, attachments=files))
    assert status < 300
    await host.arrived.wait()
    await desk.settle()
    form = await desk.press(ada, desk.messages(ada.chat_id)[-1], "ticket.new")
    inputs = {"title": "Meldung", "category": "vpn", "urgency": "high", "impact": "me", "kind": "incident"}
    raised = await desk.click(ada, "ticket.submit", {**button(form, "ticket.submit"), **inputs, "description": WORDS})
    host.let_go()
    await desk.running.files.settled()
    await desk.settle()
    assert "b.png" in desk.line_card(FIRST, number_in(raised)).words


async def test_a_file_for_a_ticket_that_was_closed_meanwhile_goes_with_the_new_one(
    desk: World, host: FakeFileHost
) -> None:
    ada = desk.cast.requester
    number = await raise_with(desk)
    about = {"desk": {"ticket": int(number[4:])}}
    [answer] = await send(desk, WORDS, upload(host.address("shot", png()), "a.png"))
    await desk.click(desk.cast.mara, "ticket.take", about, channel=FIRST)
    await desk.click(desk.cast.mara, "ticket.resolve", about | {"resolution": "Erledigt"}, channel=FIRST)
    await desk.click(ada, "ticket.confirm", about)
    new = number_in(await desk.press(ada, answer, "ticket.comment"))
    await desk.settle()
    assert new != number
    assert "a.png" in desk.line_card(FIRST, new).words


async def test_files_that_come_with_a_comment_are_named_in_the_thread(desk: World, host: FakeFileHost) -> None:
    ada = desk.cast.requester
    number = await raise_with(desk)
    files = [upload(host.address(name, png()), f"{name}.png") for name in ("vorher", "nachher")]
    [answer] = await send(desk, WORDS, *files)
    await desk.press(ada, answer, "ticket.comment")
    told = desk.messages(FIRST)[-1]
    assert WORDS in told.words
    assert "Dateien: vorher.png, nachher.png" in told.words
    assert "nachher.png" in desk.line_card(FIRST, number).words


async def test_a_screenshot_without_words_is_called_one(desk: World) -> None:
    picture = {"contentType": "image/*", "contentUrl": f"{desk.teams.service_url}v3/attachments/1/views/original"}
    [answer, *_] = await send(desk, None, picture)
    form = await desk.press(desk.cast.requester, answer, "ticket.new")
    assert "'value': 'Screenshot'" in str(form)
    assert "Ada Lovelace" not in str(form)


async def test_t51_nobody_is_handed_a_roster_by_calling_its_address_a_recording(desk: World) -> None:
    """The connector answers the bot's token with more than anybody attached."""
    await send(desk, WORDS)  # now the desk knows its rosters and need not ask for them itself
    before = len(desk.teams.seen)
    for path in ("pagedmembers", "pagedmembers?pageSize=500", "members", "members/../pagedmembers"):
        address = f"{desk.teams.service_url}v3/conversations/{FIRST_TEAM}/{path}"
        for kind in ("image/*", "audio/ogg", "application/octet-stream"):
            await send(desk, WORDS, {"contentType": kind, "contentUrl": address})
    assert [call.path for call in desk.teams.seen[before:] if call.method == "GET"] == []
    assert await desk.rows("SELECT attachment FROM attachment_parts") == []


async def test_files_that_were_under_way_when_the_desk_stopped_are_fetched_by_the_next(
    address: str, host: FakeFileHost
) -> None:
    cast = Cast()
    async with world(address, cast=cast, file_hosts=("127.0.0.1",)) as desk:
        files = [upload(host.address("hang"), "a.png"), upload(host.address("shot", png()), "b.png")]
        status, _ = await desk.post(desk.inbound.message(cast.requester, WORDS, attachments=files))
        assert status < 300
        await host.arrived.wait()
    host.let_go()
    async with world(address, cast=cast, file_hosts=("127.0.0.1",)) as desk:
        await desk.running.files.resume()
        await desk.running.files.settled()
        told = await desk.rows("SELECT CAST(data AS TEXT) FROM outbox WHERE what = 'sentence'")
        kept = await desk.rows("SELECT name FROM attachments WHERE sha256 IS NOT NULL")
        left = await desk.rows("SELECT 1 FROM attachments WHERE origin IS NOT NULL OR fetch_at IS NOT NULL")
    assert [row.name for row in kept] == ["b.png"]
    assert "a.png" in str(told)
    assert left == []


async def test_files_of_a_process_that_died_are_fetched_by_another_when_it_says_nothing_any_more(
    desk: World, host: FakeFileHost
) -> None:
    files = [upload(host.address("hang"), "a.png"), upload(host.address("shot", png()), "b.png")]
    await desk.post(desk.inbound.message(desk.cast.requester, WORDS, attachments=files))
    await host.arrived.wait()
    async with beside(desk) as other:
        for seconds in (60, 90):  # as long as somebody has them in hand they are nobody else's
            desk.clock.advance(seconds=seconds)
            await desk.running.files.resume()
            await other.resume()
            assert len(host.seen) == 1
        desk.clock.advance(minutes=3)
        await other.resume()
        host.let_go()
        await other.settled()
        await desk.running.files.settled()
    kept = await desk.rows("SELECT name FROM attachments WHERE sha256 IS NOT NULL")
    assert [row.name for row in kept] == ["b.png"]


async def test_a_file_is_counted_with_the_words_it_came_with(desk: World, host: FakeFileHost) -> None:
    await desk.post(
        desk.inbound.message(desk.cast.requester, WORDS, attachments=[upload(host.address("hang"), "a.png")])
    )
    [(draft, form, begun, kept)] = await desk.rows(
        "SELECT key, form, drafts.created_at, attachments.created_at FROM attachments, drafts"
    )
    assert (draft, begun) == (form, kept)


async def test_a_screenshot_of_a_message_that_was_deleted_goes_nowhere(desk: World, host: FakeFileHost) -> None:
    ada = desk.cast.requester
    said = desk.inbound.message(ada, WORDS, attachments=[upload(host.address("shot", png()), "Kennwort.png")])
    await desk.post(said)
    await desk.running.files.settled()
    await desk.settle()
    form = await desk.press(ada, desk.messages(ada.chat_id)[-1], "ticket.new")
    await desk.post({**said, "type": "messageDelete", "text": None})
    inputs = {"title": "Meldung", "category": "vpn", "urgency": "high", "impact": "me", "kind": "incident"}
    raised = await desk.click(ada, "ticket.submit", {**button(form, "ticket.submit"), **inputs, "description": "Neu"})
    await desk.settle()
    assert "Kennwort.png" not in desk.line_card(FIRST, number_in(raised)).words
