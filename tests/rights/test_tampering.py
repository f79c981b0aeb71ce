"""Card data and inputs are anybody's: whatever they are, the server's state decides and nobody meets an error page."""

from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app.domain.ticket import Ticket
from tests.services.prepared import everything, on, raised
from tests.support.databases import fresh_database
from tests.support.desk import FIRST, FORM, World, verbs, world
from tests.support.inbound import Json

ODD: list[Any] = [None, True, 0, -1, 1.5, 10**18, "", "x", "99999999999999999999", "INC-", "٣", [], ["a"], {}, {"a": 1}]
WRONG_INPUTS: dict[str, Json] = {
    "ticket.assign": {"assignee": "nobody-of-this-team"},
    "ticket.pend": {"reason": "requester", "until": "2026-02-30", "text": ""},
    "ticket.classify": {"category": "unknown", "urgency": "very", "impact": "all", "kind": "question"},
    "ticket.escalate": {"line": "first", "reason": "mood", "tried": "", "needed": ""},
    "ticket.resolve": {"resolution": " \n "},
    "ticket.reply": {"text": "x" * 4001},
    "ticket.note": {"text": ["a"]},
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with fresh_database("sqlite", tmp_path) as address, world(address) as running:
        yield running


async def clicked(here: World, verb: str, data: Any, *, by: str = "mara", channel: str | None = FIRST) -> Any:
    where = {"channel": channel} if channel else {}
    status, answer = await here.post(here.inbound.card_action(getattr(here.cast, by), verb, data, **where))
    assert status == 200
    assert answer["statusCode"] == 200, (verb, data, answer)
    return answer


async def test_odd_values_in_every_key_of_a_buttons_data_are_no_error_and_change_nothing_they_should_not(
    here: World,
) -> None:
    ticket = await raised(here, "in_progress")
    before = await everything(here)
    for odd in ODD:
        for verb in ("ticket.view", "ticket.resolve", "ticket.reply.form", "offer.accept", "ticket.give_back"):
            await clicked(here, verb, {"desk": {"ticket": odd, "version": 1}})
            await clicked(here, verb, {"desk": odd} if isinstance(odd, dict) else {"desk": [odd]})
        for name in ("after", "line", "language", "delivery", "form"):
            for verb in ("queue.page", "tickets.mine", "language.set", "delivery.drop"):
                await clicked(here, verb, {"desk": {"line": "first", name: odd}}, by="stranger", channel=None)
        await clicked(here, "ticket.resolve.form", on(ticket, form=odd))
    assert await everything(here) == before


async def test_unknown_verbs_are_answered_with_a_sentence(here: World) -> None:
    ticket = await raised(here, "in_progress")
    before = await everything(here)
    for verb in (
        "ticket.delete",
        "TICKET.TAKE",
        "ticket.take ",
        ".form",
        "ticket.submit.form",
        "x" * 256,
        "Ünbekannt",
    ):
        answer = await clicked(here, verb, on(ticket))
        assert "hilfe" in answer["value"]
    assert await everything(here) == before


async def test_an_older_version_cannot_be_made_newer_by_claiming_so(here: World) -> None:
    ticket = await raised(here, "in_progress")
    [[version]] = await here.rows("SELECT version FROM tickets")
    before = await everything(here)
    for claimed in (version - 1, version + 1, 0, -1, 10**15):
        for verb in ("ticket.give_back", "ticket.classify", "ticket.resolve"):
            answer = await clicked(here, verb, {**on(ticket, claimed), "resolution": "x", "category": "vpn"})
            assert isinstance(answer["value"], dict)
    assert await everything(here) == before


@pytest.mark.parametrize("verb", WRONG_INPUTS)
async def test_wrong_input_shows_the_form_again_and_says_what_is_wrong(here: World, verb: str) -> None:
    ticket = await raised(here, "in_progress")
    before = await everything(here)
    answer = await clicked(here, verb, {**on(ticket), **WRONG_INPUTS[verb]})
    assert await everything(here) == before
    card = answer["value"]
    assert verb in verbs(card)
    assert "Bitte" in str(card) or "Höchstens" in str(card)


async def test_odd_inputs_of_every_type_are_refused_on_the_form(here: World) -> None:
    ticket = await raised(here, "in_progress")
    for verb, inputs in WRONG_INPUTS.items():
        before = await everything(here)
        odds: list[Any] = [None, True, [], {"a": 1}, "\u202e" * 3, "x" * 5000]
        for odd in odds:
            answer = await clicked(here, verb, {**on(ticket), **dict.fromkeys(inputs, odd)})
            assert isinstance(answer["value"], dict)
        assert await everything(here) == before


async def test_what_was_typed_beside_a_wrong_choice_is_still_there(here: World) -> None:
    ticket = await raised(here, "in_progress")
    data = {**on(ticket), "line": "nowhere", "reason": "skill", "tried": "Neu verbunden", "needed": "Tunnel prüfen"}
    form = await clicked(here, "ticket.escalate", data)
    assert "Neu verbunden" in str(form)
    assert "Tunnel prüfen" in str(form)
    wrong = {**FORM, "category": "nothing", "title": "Mein Titel"}
    again = await clicked(here, "ticket.submit", wrong, by="requester", channel=None)
    assert "Mein Titel" in str(again)
    assert "ticket.submit" in verbs(again["value"])


async def test_a_form_cannot_set_what_is_not_asked(here: World) -> None:
    ada = here.cast.requester
    theirs = {each.name: "mine" for each in fields(Ticket)} | {
        "created_by": "mine",
        "sla_due": "mine",
        "is_admin": True,
    }
    answer = await clicked(here, "ticket.submit", {**theirs, **FORM, "desk": {}}, by="requester", channel=None)
    assert "INC-1001" in str(answer)
    [row] = await here.rows("SELECT * FROM tickets")
    assert (row.status, row.requester, row.assignee, row.line) == ("new", ada.aad_id, None, "first")
    assert (row.priority, row.version, row.confidential, row.rating) == ("P3", 1, False, None)
    assert "mine" not in str(row)
    edit = {**theirs, **on(row.id), "title": "Anders", "description": "Genauer"}
    await clicked(here, "ticket.edit", edit, by="requester", channel=None)
    [edited] = await here.rows("SELECT * FROM tickets")
    assert edited.title == "Anders"
    assert "mine" not in str(edited)


async def test_a_button_of_one_ticket_works_on_no_other(here: World) -> None:
    """The forged card names somebody else's ticket: rights are asked for that one."""
    theirs = await raised(here, "in_progress")
    await clicked(here, "ticket.submit", {**FORM, "desk": {"form": "f"}}, by="stranger", channel=None)
    before = await everything(here)
    for verb in ("ticket.withdraw", "ticket.comment", "ticket.edit", "ticket.view"):
        answer = await clicked(
            here, verb, {**on(theirs), "text": "x", "title": "x", "description": "x"}, by="stranger", channel=None
        )
        assert isinstance(answer["value"], str)
    assert await everything(here) == before


async def test_a_handed_over_ticket_goes_only_where_the_desk_file_allows(here: World) -> None:
    ticket = await raised(here, "in_progress")
    before = await everything(here)
    for line in ("first", "unknown", "", "network ", ["network"]):
        data = {**on(ticket), "line": line, "reason": "skill", "tried": "a", "needed": "b"}
        answer = await clicked(here, "ticket.escalate", data)
        assert "ticket.escalate" in verbs(answer["value"])
    assert await everything(here) == before
