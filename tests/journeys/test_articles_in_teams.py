"""Agents make articles of what solved a ticket, and read those that are for them alone."""

from typing import Any

import pytest

from app.domain.article import Audience, Source, Written
from app.store import articles
from app.store.articles import Origin
from tests.support.desk import FIRST, NETWORK, World, button, number_in, verbs
from tests.support.inbound import Json

ANSWERS = {"title": "Beamer anschließen", "body": "1. Kabel einstecken.", "audience": "everyone", "tags": "Projektor"}


def about(number: str) -> Json:
    return {"desk": {"ticket": int(number[4:])}}


async def solved(desk: World, **changes: str) -> str:
    """A ticket that Mara solved: its number."""
    number = await desk.submit(category="other", title="Beamer zeigt nichts", **changes)
    await desk.click(desk.cast.mara, "ticket.resolve", about(number) | {"resolution": "Kabel fest"}, channel=FIRST)
    return number


async def drafted(desk: World, number: str) -> Json:
    """The form that Mara gets from the ticket's card."""
    return await desk.press(desk.cast.mara, desk.line_card(FIRST, number), "article.draft")


async def offered(desk: World, words: str) -> Any:
    await desk.write(desk.cast.requester, words)
    return desk.messages(desk.cast.requester.chat_id)[-1].card


def value(card: Json, id: str) -> Any:
    return next(part.get("value") for part in card["body"] if part.get("id") == id)


async def test_what_solved_a_ticket_becomes_an_article_that_employees_are_offered(desk: World) -> None:
    form = await drafted(desk, await solved(desk))
    assert (value(form, "title"), value(form, "body")) == ("Beamer zeigt nichts", "Kabel fest")
    assert "article.view" not in verbs(await offered(desk, "Beamer"))
    published = await desk.click(
        desk.cast.mara, "article.publish", {**button(form, "article.publish"), **ANSWERS}, channel=FIRST
    )
    assert "Kabel einstecken." in str(published)
    found = await offered(desk, "Projektor flackert")
    assert "Beamer anschließen" in str(found)
    read = await desk.click(desk.cast.requester, "article.view", button(found, "article.view"))
    assert "article.edit" not in verbs(read)


async def test_a_draft_goes_with_the_specialists_guide_and_is_made_once(desk: World) -> None:
    number = await desk.submit(title="Netz offline", description="Alles offline")
    said = {"resolution": "Switch getauscht", "first_line_could": "with_guide", "guide": "Erst das Kabel prüfen"}
    await desk.click(desk.cast.nina, "ticket.resolve", about(number) | said, channel=NETWORK)
    for _ in range(2):
        form = await desk.press(desk.cast.nina, desk.line_card(NETWORK, number), "article.draft")
        assert value(form, "body") == "Erst das Kabel prüfen\n\nSwitch getauscht"
    assert len(await desk.rows("SELECT 1 FROM articles")) == 1
    back = await desk.click(desk.cast.nina, "ticket.view", button(form, "ticket.view"), channel=NETWORK)
    assert number_in(back) == number


@pytest.mark.parametrize("wrong", [{"title": ""}, {"body": " "}, {"audience": "all"}, {"tags": "x" * 41}])
async def test_what_is_wrong_is_asked_again_and_everything_typed_is_kept(desk: World, wrong: Json) -> None:
    form = await drafted(desk, await solved(desk))
    given = {**button(form, "article.publish"), **ANSWERS, **wrong}
    again = await desk.click(desk.cast.mara, "article.publish", given, channel=FIRST)
    assert "article.publish" in verbs(again)
    kept = {**ANSWERS, **wrong}
    assert all(value(again, name) == (kept[name] or None) for name in ("title", "body", "tags"))
    assert await desk.rows("SELECT 1 FROM articles WHERE draft = (1 = 0)") == []


async def test_of_two_who_publish_the_second_first_sees_that_the_text_has_changed(desk: World) -> None:
    form = await drafted(desk, await solved(desk))
    data = button(form, "article.publish")
    desk.clock.advance(minutes=1)
    await desk.click(desk.cast.tom, "article.publish", {**data, **ANSWERS}, channel=FIRST)
    mine = {**ANSWERS, "title": "Beamer einschalten"}
    late = await desk.click(desk.cast.mara, "article.publish", {**data, **mine}, channel=FIRST)
    assert "inzwischen geändert" in str(late)
    assert value(late, "title") == "Beamer einschalten"
    again = {**button(late, "article.publish"), **mine}
    assert "Beamer einschalten" in str(await desk.click(desk.cast.mara, "article.publish", again, channel=FIRST))


async def test_nobody_but_its_agents_makes_an_article_of_a_ticket_and_of_a_confidential_one_nobody(desk: World) -> None:
    number = await solved(desk)
    form = await drafted(desk, number)
    secret = await solved(desk, description="vertraulich")
    shown = await desk.click(desk.cast.mara, "ticket.view", about(secret), channel=FIRST)
    assert "article.draft" not in verbs(shown)
    assert "article.draft" not in verbs(desk.living_card(desk.cast.requester, number).card)
    ada, nina = desk.cast.requester, desk.cast.nina
    for person, ticket in ((ada, number), (nina, number), (desk.cast.mara, secret)):
        assert isinstance(await desk.click(person, "article.draft", about(ticket)), str)
    publish = {**button(form, "article.publish"), **ANSWERS}
    assert isinstance(await desk.click(ada, "article.publish", publish), str)
    assert isinstance(await desk.click(ada, "article.edit", {"desk": publish["desk"]}), str)
    assert await desk.rows("SELECT title, draft FROM articles WHERE draft = (1 = 0)") == []


async def test_a_ticket_that_is_not_solved_offers_no_article(desk: World) -> None:
    number = await desk.submit(category="other")
    assert "article.draft" not in verbs(desk.line_card(FIRST, number).card)
    await desk.click(desk.cast.mara, "article.draft", about(number), channel=FIRST)
    assert await desk.rows("SELECT 1 FROM articles") == []


async def test_an_agent_says_of_an_article_for_agents_whether_it_helped(desk: World) -> None:
    written = Written("admin", "de", "Kennwort eines anderen", Audience.AGENTS, "1. Konsole öffnen.")
    now = desk.clock.now()
    await desk.database.write(lambda tx: articles.add(tx, written, Origin(Source.FOLDER), now))
    mara = desk.cast.mara
    await desk.write(mara, "Kennwort eines anderen")
    found = desk.messages(mara.chat_id)[-1]
    for verb in ("article.helped", "article.not_helped"):
        assert "Kennwort eines anderen" in str(await desk.press(mara, found, verb))
    assert await desk.rows("SELECT helped, not_helped FROM articles") == [(0, 1)]


async def test_an_admin_who_serves_no_line_is_offered_the_articles_for_agents(desk: World) -> None:
    written = Written("admin", "de", "Kennwort eines anderen", Audience.AGENTS, "1. Konsole öffnen.")
    await desk.database.write(lambda tx: articles.add(tx, written, Origin(Source.FOLDER), desk.clock.now()))
    for person, is_offered in ((desk.cast.admin, True), (desk.cast.requester, False)):
        await desk.write(person, "Kennwort eines anderen")
        assert ("article.view" in verbs(desk.messages(person.chat_id)[-1].card)) is is_offered
