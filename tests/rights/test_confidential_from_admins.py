"""An admin who is no agent sees of a confidential ticket what a stranger sees, unless the desk file names them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.desk.load import load_text
from app.desk.problems import DeskFileError
from tests.rights.test_rights_from_outside import prevention
from tests.services.prepared import on
from tests.support.desk import FIRST, Cast, World, button, desk_file, escalating_desk, verbs, world
from tests.support.inbound import Person
from tests.support.teams import Message

SECRET = {"title": "Vertraulich Gehalt", "description": "vertraulich: mein Gehalt", "category": "other"}
WORDS = ("Gehalt", "Ada Lovelace")
URL = "https://desk.example"


@asynccontextmanager
async def met(address: str, text: str, cast: Cast) -> AsyncIterator[World]:
    async with world(address, cast=cast, desk_text=text, public_url=URL) as running:
        for person in (cast.admin, cast.requester, cast.stranger):
            await running.write(person, "hilfe")
        yield running


@pytest.fixture
async def desk(address: str) -> AsyncIterator[World]:
    cast = Cast()
    async with met(address, escalating_desk(cast), cast) as running:
        yield running


@pytest.fixture
async def named(address: str) -> AsyncIterator[World]:
    """A desk whose admin is named for what is confidential."""
    cast = Cast()
    text = escalating_desk(cast) + f'confidential: {{seen_by: ["{cast.admin.aad_id}"]}}\n'
    async with met(address, text, cast) as running:
        yield running


async def told(desk: World, person: Person, words: str) -> str:
    """What is answered in the person's chat, to the word."""
    before = len(desk.messages(person.chat_id))
    await desk.write(person, words)
    return "\n".join(str(message.activity) for message in desk.messages(person.chat_id)[before:])


def id_of(number: str) -> int:
    return int(number[4:])


async def unreachable(desk: World, number: str) -> None:
    """A reply that cannot reach Ada, who has removed the bot."""
    assert (await desk.post(desk.inbound.installed(desk.cast.requester, action="remove")))[0] < 300
    await desk.click(desk.cast.mara, "ticket.reply", {**on(id_of(number)), "text": "Bitte rufen Sie an"}, channel=FIRST)


async def test_typed_words_tell_an_admin_of_a_confidential_ticket_as_little_as_a_stranger(desk: World) -> None:
    number = await desk.submit(**SECRET)
    for words in (number, f"explain {number}", f"erkläre {number}", f"antwort {number} Hallo", f"notiz {number} Hallo"):
        answers = [await told(desk, person, words) for person in (desk.cast.admin, desk.cast.stranger)]
        for answer in answers:
            assert not any(word in answer for word in WORDS), (words, answer)
        if words.startswith(("INC", "e")):
            sentences = [_text(answer) for answer in answers]
            assert sentences[0] == sentences[1], words
    plain = await desk.submit(category="other")
    assert "VPN geht nicht" in await told(desk, desk.cast.admin, f"explain {plain}")


def _text(activity: str) -> Any:
    found = re.search(r"'text': '([^']*)'", activity)
    return found and found[1]


async def test_no_list_of_an_admin_has_what_is_confidential(desk: World) -> None:
    secret, plain = await desk.submit(**SECRET), await desk.submit(category="other")
    for words in ("warteschlange first", "warteschlange", "nicht zugewiesen", "gefährdet"):
        answer = await told(desk, desk.cast.admin, words)
        assert secret not in answer, words
        assert not any(word in answer for word in WORDS[:1]), words
    assert plain in await told(desk, desk.cast.admin, "warteschlange first")
    await desk.click(desk.cast.mara, "ticket.resolve", {**on(id_of(secret)), "resolution": "ok"}, channel=FIRST)
    assert secret not in await told(desk, desk.cast.admin, "gelöst")
    await desk.write(desk.cast.admin, "warteschlange", channel=FIRST)
    assert "Gehalt" not in desk.words(FIRST)


async def test_an_admin_pages_through_what_is_left_when_most_of_a_line_is_confidential(desk: World) -> None:
    plain = [await desk.submit(category="other") for _ in range(2)]
    for _ in range(12):
        await desk.submit(**SECRET)
    plain += [await desk.submit(category="other") for _ in range(9)]
    await desk.write(desk.cast.admin, "warteschlange first")
    page = desk.messages(desk.cast.admin.chat_id)[-1]
    seen = re.findall(r"INC-\d+", page.words)
    [further] = re.findall(r"'after': '(P\d\.\d+)'", str(page.card))
    wish = {"desk": {"list": "queue", "line": "first", "after": further}}
    following = await desk.click(desk.cast.admin, "list.page", wish)
    assert list(dict.fromkeys(seen + re.findall(r"INC-\d+", str(following)))) == plain


async def test_search_links_and_clicks_find_an_admin_nothing_confidential(desk: World) -> None:
    number = await desk.submit(**SECRET)
    for person in (desk.cast.admin, desk.cast.stranger):
        for words in ("Gehalt", number, None):
            _, answer = await desk.post(desk.inbound.search(person, words))
            assert "attachments" not in answer["composeExtension"], words
        _, answer = await desk.post(desk.inbound.paste(person, f"{URL}/t/{number}"))
        assert answer["composeExtension"]["attachments"] == []
        for verb in ("ticket.view", "ticket.take", "article.draft", "file.open"):
            assert await desk.click(person, verb, on(id_of(number))) == await desk.click(person, verb, on(4711))


async def test_an_undeliverable_message_of_a_confidential_ticket_names_neither_it_nor_anybody(desk: World) -> None:
    number = await desk.submit(**SECRET)
    await unreachable(desk, number)
    shown = await told(desk, desk.cast.admin, "zustellung")
    assert "Vertraulich" in shown
    assert number not in shown
    assert not any(word in shown for word in WORDS)
    card = desk.messages(desk.cast.admin.chat_id)[-1]
    answered = await desk.press(desk.cast.admin, card, "delivery.drop")
    assert number not in str(answered)
    assert not any(word in str(answered) for word in WORDS)


async def test_an_admin_whom_a_ping_reaches_at_its_end_hears_the_number_and_can_only_see_to_it(desk: World) -> None:
    number = await desk.submit(**SECRET)
    admin = desk.cast.admin
    pings = list[Message]()
    while not pings:
        desk.clock.advance(minutes=30)
        await desk.settle()
        pings = [each for each in desk.messages(admin.chat_id) if each.card and "ping.acknowledge" in verbs(each.card)]
    for ping in pings:
        assert number in ping.words
        assert not any(word in str(ping.activity) for word in WORDS)
        assert verbs(ping.card) == ["ping.acknowledge"]
    data = button(pings[-1].card, "ping.acknowledge")
    for verb in ("ticket.view", "ping.take_over", "ticket.reply.form", "ticket.take"):
        assert isinstance(await desk.click(admin, verb, data), str), verb
    explained = await told(desk, admin, f"explain {number}")
    assert not any(word in explained for word in WORDS)
    answered = await desk.press(admin, pings[-1], "ping.acknowledge")
    assert "Alma Admin" in str(answered)
    assert not any(word in str(answered) for word in WORDS)
    assert not any(word in desk.words(admin.chat_id) for word in WORDS)


async def test_an_admin_says_of_no_confidential_tickets_preventive_action_that_it_is_done(desk: World) -> None:
    secret, plain = await desk.submit(**SECRET), await desk.submit(category="other")
    cast = desk.cast
    for number, may in ((secret, False), (plain, True)):
        action = await prevention(desk, id_of(number), owner=cast.nina, by=cast.tom)
        about = {"desk": {"ticket": id_of(number), "prevention": action}}
        assert isinstance(await desk.click(cast.admin, "prevention.done", about), dict) is may
    own = await prevention(desk, id_of(secret), owner=cast.admin, by=cast.tom)
    about = {"desk": {"ticket": id_of(secret), "prevention": own}}
    assert isinstance(await desk.click(cast.admin, "prevention.done", about), dict), "management gave it to them"


async def test_an_admin_whom_the_desk_file_names_is_told_what_admins_are_told_of_any_ticket(named: World) -> None:
    desk, admin = named, named.cast.admin
    number = await desk.submit(**SECRET)
    assert "Gehalt" in await told(desk, admin, f"explain {number}")
    assert "Gehalt" in await told(desk, admin, "warteschlange first")
    await unreachable(desk, number)
    shown = await told(desk, admin, "zustellung")
    assert number in shown
    assert "Ada Lovelace" in shown
    assert isinstance(await desk.click(admin, "ticket.view", on(id_of(number))), str), "it opens no ticket"
    await desk.write(admin, "warteschlange", channel=FIRST)
    assert "Gehalt" not in desk.words(FIRST)


async def test_an_admin_who_works_on_the_line_or_asked_themselves_sees_the_ticket_as_anybody_there(
    address: str,
) -> None:
    cast = Cast()
    text = desk_file(cast).replace(f'admins: ["{cast.admin.aad_id}"]', f'admins: ["{cast.mara.aad_id}"]')
    async with met(address, text, cast) as desk:
        number = await desk.submit(**SECRET)
        assert "Gehalt" in await told(desk, cast.mara, f"explain {number}")
        assert "Gehalt" in await told(desk, cast.mara, "warteschlange first")
        own = await desk.submit(cast.mara, **SECRET)
        assert own in await told(desk, cast.mara, "meine tickets")


def test_only_an_admin_can_be_named_for_what_is_confidential() -> None:
    cast = Cast()
    with pytest.raises(DeskFileError, match="is no admin"):
        load_text(desk_file(cast) + f'confidential: {{seen_by: ["{cast.mara.aad_id}"]}}\n')
