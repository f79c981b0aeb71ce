"""Duplicates that are handled with another ticket, and tickets that are parts of one."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.desk import FIRST, NETWORK, World, number_in, verbs
from tests.support.inbound import Json
from tests.support.teams import Message


def about(number: str) -> Json:
    return {"desk": {"ticket": int(number[4:])}}


async def pair(desk: World) -> tuple[str, str]:
    """Two tickets: Ada's, and Sam's about the same."""
    for person in (desk.cast.requester, desk.cast.stranger):
        await desk.write(person, "meine tickets")
    return await desk.submit(category="other"), await desk.submit(
        desk.cast.stranger, category="other", title="Auch weg"
    )


async def link(desk: World, number: str, other: str, relation: str = "duplicate_of") -> Json:
    said = {"desk": {"ticket": int(number[4:]), "form": uuid4().hex}, "other": other, "relation": relation}
    return await desk.click(desk.cast.mara, "ticket.link", said, channel=FIRST)


def card_of(desk: World, number: str) -> Message:
    """The card of this ticket itself in the first line's channel."""
    return next(each for each in desk.messages(FIRST) if each.words.startswith(number))


def words_of(desk: World, number: str) -> str:
    """What one reads on it, however it is put together."""
    return " ".join(card_of(desk, number).words.split())


async def status(desk: World, number: str) -> str:
    return str((await desk.rows("SELECT status FROM tickets WHERE id = :id", id=int(number[4:])))[0][0])


async def test_a_duplicate_is_closed_and_both_cards_say_so(desk: World) -> None:
    main, duplicate = await pair(desk)
    form = await desk.press(desk.cast.mara, card_of(desk, duplicate), "ticket.link.form")
    assert "ticket.link" in verbs(form)
    card = await link(desk, duplicate, main)
    assert f"Dublette von {main}" in words_of(desk, duplicate)
    assert "ticket.unlink" in verbs(card)
    assert await status(desk, duplicate) == "closed"
    assert f"Hat die Dublette {duplicate}" in words_of(desk, main)
    heard = desk.words(desk.cast.stranger.chat_id)
    assert f"{duplicate} wird zusammen mit {main} bearbeitet" in heard
    assert "VPN geht nicht" not in heard
    assert "ticket.rate.form" not in verbs(desk.living_card(desk.cast.stranger, duplicate).card)


async def test_whoever_reported_a_duplicate_hears_the_solution_and_reopens_their_own_ticket(desk: World) -> None:
    main, duplicate = await pair(desk)
    await link(desk, duplicate, main)
    sam = desk.cast.stranger
    await desk.click(desk.cast.mara, "ticket.resolve", about(main) | {"resolution": "Server läuft"}, channel=FIRST)
    told = desk.messages(sam.chat_id)[-1]
    assert duplicate in told.words
    assert "Server läuft" in told.words
    assert {"ticket.confirm", "ticket.reopen.form"} <= set(verbs(told.card))
    assert await status(desk, duplicate) == "resolved"
    await desk.click(sam, "ticket.reopen", about(duplicate) | {"reason": "Bei mir nicht"})
    assert (await status(desk, main), await status(desk, duplicate)) == ("resolved", "in_progress")
    assert await desk.rows("SELECT 1 FROM links WHERE undone_at IS NULL") == []


async def test_each_confirms_for_themselves(desk: World) -> None:
    main, duplicate = await pair(desk)
    await link(desk, duplicate, main)
    await desk.click(desk.cast.mara, "ticket.resolve", about(main) | {"resolution": "Server läuft"}, channel=FIRST)
    await desk.click(desk.cast.requester, "ticket.confirm", about(main))
    assert (await status(desk, main), await status(desk, duplicate)) == ("closed", "resolved")
    card = await desk.click(desk.cast.stranger, "ticket.confirm", about(duplicate))
    assert "ticket.rate.form" in verbs(card)


async def test_a_merge_is_undone_and_the_ticket_is_as_it_was(desk: World) -> None:
    main, duplicate = await pair(desk)
    mara, sam = desk.cast.mara, desk.cast.stranger
    await desk.click(mara, "ticket.take", about(duplicate), channel=FIRST)
    waits = {"reason": "supplier", "text": "", "until": "2026-12-24"}
    await desk.click(mara, "ticket.pend", about(duplicate) | waits, channel=FIRST)
    before = await desk.rows("SELECT status, assignee, pending_reason, pending_until FROM tickets ORDER BY id")
    await link(desk, duplicate, main)
    desk.clock.advance(days=3)
    card = await desk.press(mara, card_of(desk, duplicate), "ticket.unlink")
    assert "Dublette von" not in str(card)
    after = await desk.rows("SELECT status, assignee, pending_reason, pending_until FROM tickets ORDER BY id")
    assert after == before
    assert f"{duplicate} wird wieder für sich bearbeitet" in desk.messages(sam.chat_id)[-1].words
    assert "Hat die Dublette" not in words_of(desk, main)
    await desk.click(mara, "ticket.resolve", about(main) | {"resolution": "Server läuft"}, channel=FIRST)
    assert await status(desk, duplicate) == "pending"


async def test_a_merge_of_two_weeks_ago_cannot_be_undone(desk: World) -> None:
    main, duplicate = await pair(desk)
    await link(desk, duplicate, main)
    desk.clock.advance(days=14, seconds=1)
    refused = await desk.click(desk.cast.mara, "ticket.unlink", about(duplicate), channel=FIRST)
    assert "zu lange zusammengeführt" in str(refused)
    assert await status(desk, duplicate) == "closed"


async def test_a_merged_ticket_owes_nothing_while_it_is_merged(desk: World) -> None:
    main, duplicate = await pair(desk)
    await link(desk, duplicate, main)
    assert await desk.rows("SELECT next_at FROM tickets WHERE id = :id", id=int(duplicate[4:])) == [(None,)]
    heard = len(desk.messages(desk.cast.stranger.chat_id))
    desk.clock.advance(days=10)
    await desk.settle()
    assert len(desk.messages(desk.cast.stranger.chat_id)) == heard
    await desk.click(desk.cast.mara, "ticket.unlink", about(duplicate), channel=FIRST)
    await desk.settle()
    assert "sollte bis" not in desk.words(desk.cast.stranger.chat_id)


async def test_nobody_claims_of_a_merged_ticket_that_it_was_solved_in_time(desk: World) -> None:
    main, duplicate = await pair(desk)
    await link(desk, duplicate, main)
    assert "Lösung:" not in words_of(desk, duplicate)
    await desk.click(desk.cast.mara, "ticket.resolve", about(main) | {"resolution": "Server läuft"}, channel=FIRST)
    assert "Lösung: ✓ eingehalten" in words_of(desk, duplicate)


async def test_what_happens_to_a_merged_ticket_is_that_it_is_solved_with_the_other(desk: World) -> None:
    main, duplicate = await pair(desk)
    await desk.click(desk.cast.mara, "ticket.resolve", about(duplicate) | {"resolution": "Fertig"}, channel=FIRST)
    await link(desk, duplicate, main)
    await desk.write(desk.cast.mara, f"explain {duplicate}")
    told = desk.messages(desk.cast.mara.chat_id)[-1].words
    assert f"Es wird zusammen mit {main} gelöst." in told
    assert "wieder öffnen" not in told
    assert "nicht mehr öffnen" not in told


async def test_what_is_said_about_a_merged_ticket_is_still_heard(desk: World) -> None:
    main, duplicate = await pair(desk)
    await link(desk, duplicate, main)
    await desk.click(desk.cast.stranger, "ticket.comment", about(duplicate) | {"text": "Auch am Telefon"})
    told = [each.words for each in desk.messages(FIRST) if "Auch am Telefon" in each.words]
    assert [words for words in told if f"zu {duplicate}, das hier mitbearbeitet wird" in words], told
    await desk.write(desk.cast.stranger, "Und auch am Fax")
    await desk.press(desk.cast.stranger, desk.messages(desk.cast.stranger.chat_id)[-1], "ticket.comment")
    assert "Und auch am Fax" in desk.words(FIRST)
    assert len(await desk.rows("SELECT 1 FROM tickets")) == 2


async def test_an_old_button_to_reopen_a_merged_ticket_says_it_there_and_raises_no_other(desk: World) -> None:
    main, duplicate = await pair(desk)
    await desk.click(desk.cast.mara, "ticket.resolve", about(duplicate) | {"resolution": "Fertig"}, channel=FIRST)
    told = desk.messages(desk.cast.stranger.chat_id)[-1]
    await link(desk, duplicate, main)
    form = await desk.press(desk.cast.stranger, told, "ticket.reopen.form")
    assert f"zusammen mit {main}" in str(form)
    for _ in range(2):
        said = about(duplicate) | {"reason": "Noch immer nicht"}
        card = await desk.click(desk.cast.stranger, "ticket.reopen", said)
    assert number_in(card) == duplicate
    assert desk.words(FIRST).count("Noch immer nicht") >= 1
    assert len(await desk.rows("SELECT 1 FROM tickets")) == 2
    assert len(await desk.rows("SELECT 1 FROM events WHERE code = 'ticket.comment'")) == 1


async def test_a_main_ticket_that_is_withdrawn_leaves_its_duplicates_open(desk: World) -> None:
    main, duplicate = await pair(desk)
    await link(desk, duplicate, main)
    await desk.click(desk.cast.requester, "ticket.withdraw", about(main))
    assert await status(desk, duplicate) == "new"
    assert f"{duplicate} wird wieder für sich bearbeitet" in desk.words(desk.cast.stranger.chat_id)


async def test_duplicates_of_a_duplicate_are_solved_with_it(desk: World) -> None:
    main, second = await pair(desk)
    third = await desk.submit(desk.cast.stranger, category="other", title="Immer noch weg")
    await link(desk, third, second)
    await link(desk, second, main)
    await desk.click(desk.cast.mara, "ticket.resolve", about(main) | {"resolution": "Server läuft"}, channel=FIRST)
    assert [await status(desk, each) for each in (main, second, third)] == ["resolved"] * 3


async def test_a_parent_shows_its_children_and_never_closes_them(desk: World) -> None:
    parent, child = await pair(desk)
    await link(desk, child, parent, "child_of")
    assert "1 von 1 Untertickets ist noch offen" in words_of(desk, parent)
    assert f"Teil von {parent}" in words_of(desk, child)
    await desk.click(desk.cast.mara, "ticket.resolve", about(parent) | {"resolution": "Fertig"}, channel=FIRST)
    assert (await status(desk, parent), await status(desk, child)) == ("resolved", "new")
    assert "noch offen" in words_of(desk, parent)
    await desk.click(desk.cast.mara, "ticket.resolve", about(child) | {"resolution": "Fertig"}, channel=FIRST)
    assert "noch offen" not in words_of(desk, parent)
    assert f"Besteht aus {child}" in words_of(desk, parent)


@pytest.mark.parametrize("relation", ["duplicate_of", "child_of"])
async def test_a_ticket_is_not_linked_to_itself_twice_or_in_a_circle(desk: World, relation: str) -> None:
    first, second = await pair(desk)
    third = await desk.submit(category="other")
    assert "dieses Ticket selbst" in str(await link(desk, first, first, relation))
    await link(desk, first, second, "child_of")
    await link(desk, second, third, "child_of")
    assert "schon verknüpft" in str(await link(desk, first, second, relation))
    assert "schon verknüpft" in str(await link(desk, second, first, relation))
    assert "hängt schon von diesem Ticket ab" in str(await link(desk, third, first, relation))
    assert len(await desk.rows("SELECT 1 FROM links")) == 2


async def test_a_foreign_ticket_is_refused_like_one_that_does_not_exist(desk: World) -> None:
    own, _ = await pair(desk)
    foreign = await desk.submit(title="Netz offline", category="vpn", description="Alles offline")
    assert desk.line_card(NETWORK, foreign)
    numbers = (foreign, "INC-99999")
    answers = [await link(desk, own, number) for number in numbers]
    assert all("Dieses Ticket gibt es nicht" in str(answer) for answer in answers)
    assert all("offline" not in str(answer) for answer in answers)
    assert await desk.rows("SELECT 1 FROM links") == []


@pytest.mark.parametrize("typed", ["nichts", "", "INC-", "-5", "٣", "1" * 30])
async def test_what_is_no_number_is_asked_for_again(desk: World, typed: str) -> None:
    own, _ = await pair(desk)
    form = await link(desk, own, typed)
    assert "ticket.link" in verbs(form)
    assert number_in(form) == own
    assert await desk.rows("SELECT 1 FROM links") == []


async def test_a_number_may_be_typed_with_or_without_its_letters(desk: World) -> None:
    main, second = await pair(desk)
    third = await desk.submit(category="other")
    await link(desk, second, main[4:], "child_of")
    await link(desk, third, f"inc {main[4:]}", "child_of")
    assert len(await desk.rows("SELECT 1 FROM links")) == 2


async def test_nothing_is_merged_into_a_ticket_that_has_ended(desk: World) -> None:
    first, second = await pair(desk)
    await desk.click(desk.cast.requester, "ticket.withdraw", about(first))
    assert "nicht mehr offen" in str(await link(desk, second, first))
    assert await status(desk, second) == "new"


async def test_nobody_hears_the_solution_of_a_confidential_ticket_through_a_duplicate(desk: World) -> None:
    _, own = await pair(desk)
    secret = await desk.submit(category="other", description="vertraulich")
    assert "vertraulich" in str(await link(desk, own, secret))
    assert await status(desk, own) == "new"
    await link(desk, own, secret, "child_of")
    second = await desk.submit(category="other", description="auch vertraulich")
    await link(desk, second, secret)
    assert await status(desk, second) == "closed"


async def test_of_two_who_merge_each_into_the_other_at_once_one_succeeds(desk: World) -> None:
    first, second = await pair(desk)
    both = [
        desk.post(
            desk.inbound.card_action(
                person, "ticket.link", about(one) | {"other": other, "relation": "duplicate_of"}, channel=FIRST
            )
        )
        for person, one, other in ((desk.cast.mara, first, second), (desk.cast.tom, second, first))
    ]
    assert [status for status, _ in await asyncio.gather(*both)] == [200, 200]
    await desk.settle()
    assert len(await desk.rows("SELECT 1 FROM links")) == 1
    assert sorted([await status(desk, first), await status(desk, second)]) == ["closed", "new"]


async def test_a_resolution_that_reads_like_a_merge_is_nobodys_trap(desk: World) -> None:
    main, child = await pair(desk)
    await link(desk, child, main, "child_of")
    solved = {"resolution": f"(together with {main})"}
    await desk.click(desk.cast.mara, "ticket.resolve", about(child) | solved, channel=FIRST)
    await desk.click(desk.cast.stranger, "ticket.confirm", about(child))
    await desk.click(desk.cast.mara, "ticket.unlink", about(child), channel=FIRST)
    assert await desk.rows("SELECT 1 FROM links WHERE undone_at IS NULL") == []
    await desk.click(desk.cast.requester, "ticket.withdraw", about(main))
    assert await status(desk, child) == "closed"
