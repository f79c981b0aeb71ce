"""What each verb does for everybody: the state, one entry in the history, the right words to the right people."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.services import tickets
from tests.services.prepared import INPUTS, on, raised, ready
from tests.support.desk import FIRST, FORM, NETWORK, Cast, World, button, desk_file, number_in, verbs, world
from tests.support.inbound import Json, Person


def said_since(desk: World, place: str, before: int) -> list[str]:
    """The words of each new message in a place."""
    return [message.words for message in desk.messages(place)[before:]]


# verb, state before, what the requester is told (new message), what stands in the thread, the status after
STORIES = [
    ("ticket.take", "new", "(VPN geht nicht) angenommen", None, "in_progress"),
    ("ticket.give_back", "in_progress", None, None, "new"),
    ("ticket.reply", "in_progress", "Bitte neu starten", "Bitte neu starten", "in_progress"),
    ("ticket.note", "in_progress", None, "Kennt das jemand?", "in_progress"),
    ("ticket.pend", "in_progress", "wartet auf einen Lieferanten", None, "pending"),
    ("ticket.resume", "pending", None, None, "in_progress"),
    ("ticket.classify", "in_progress", None, None, "in_progress"),
    ("ticket.escalate", "in_progress", "Netzwerk um Hilfe", "übergeben an: Netzwerk", "in_progress"),
    ("ticket.resolve", "in_progress", "Tunnel neu gestartet", None, "resolved"),
    ("ticket.reopen", "resolved", "wieder offen", "Geht wieder nicht", "in_progress"),
]


async def test_an_agents_verb_is_heard_by_those_who_should_hear_it(desk: World) -> None:
    for verb, state, told, in_thread, status in STORIES:
        await _an_agent_does(desk, verb, state, told=told, in_thread=in_thread, status=status)


async def _an_agent_does(
    desk: World, verb: str, state: str, *, told: str | None, in_thread: str | None, status: str
) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    ticket = await ready(desk, state)
    card = desk.line_card(FIRST, f"INC-{ticket}")
    chat, channel = len(desk.messages(ada.chat_id)), len(desk.messages(FIRST))
    [[events]] = await desk.rows("SELECT count(*) FROM events")
    if verb in INPUTS:
        await desk.click(mara, verb, {**on(ticket), **INPUTS[verb]}, channel=card.conversation_id)
    else:
        await desk.press(mara, card, verb)
    [[after]] = await desk.rows("SELECT count(*) FROM events")
    [(stored,)] = await desk.rows("SELECT status FROM tickets WHERE id = :id", id=ticket)
    assert (after, stored) == (events + 1, status), verb
    heard, thread = said_since(desk, ada.chat_id, chat), said_since(desk, FIRST, channel)
    assert len(heard) == (1 if told else 0), (verb, heard)
    assert told is None or told in heard[0], (verb, heard)
    assert len(thread) == (1 if in_thread else 0), (verb, thread)
    assert in_thread is None or in_thread in thread[0], (verb, thread)
    assert desk.messages(mara.chat_id) == []
    assert desk.messages(desk.cast.tom.chat_id) == []
    assert desk.line_card(FIRST, f"INC-{ticket}").id == card.id


REQUESTERS = [
    ("ticket.comment", "in_progress", "Immer noch", "in_progress"),
    ("ticket.comment", "asked", "Immer noch", "in_progress"),
    ("ticket.edit", "in_progress", "Titel oder Beschreibung", "in_progress"),
    ("ticket.withdraw", "in_progress", "zurückgezogen", "withdrawn"),
    ("ticket.reopen", "resolved", "Geht wieder nicht", "in_progress"),
    ("ticket.confirm", "resolved", None, "closed"),
    ("ticket.rate", "closed", None, "closed"),
]


async def test_a_requesters_verb_reaches_the_line_and_never_comes_back_as_news(desk: World) -> None:
    ada = desk.cast.requester
    for verb, state, in_thread, status in REQUESTERS:
        ticket = await ready(desk, state)
        chat, channel = len(desk.messages(ada.chat_id)), len(desk.messages(FIRST))
        answer = await desk.click(ada, verb, {**on(ticket), **INPUTS.get(verb, {})})
        assert isinstance(answer, dict), verb
        [(stored,)] = await desk.rows("SELECT status FROM tickets WHERE id = :id", id=ticket)
        assert stored == status, verb
        assert said_since(desk, ada.chat_id, chat) == [], verb
        thread = said_since(desk, FIRST, channel)
        assert len(thread) == (1 if in_thread else 0), (verb, thread)
        assert in_thread is None or in_thread in thread[0], (verb, thread)


async def test_a_comment_mentions_the_assignee_and_nobody_else(desk: World) -> None:
    ticket = await ready(desk, "new")
    await desk.click(desk.cast.mara, "ticket.take", on(ticket), channel=FIRST)
    await desk.click(desk.cast.requester, "ticket.comment", {**on(ticket), "text": "Immer noch"})
    card = desk.messages(FIRST)[-1].card
    assert card is not None
    assert [entity["mentioned"]["id"] for entity in card["msteams"]["entities"]] == [desk.cast.mara.teams_id]


async def test_an_assigned_colleague_hears_it_and_the_one_who_assigned_does_not(desk: World) -> None:
    mara, tom, ada = desk.cast.mara, desk.cast.tom, desk.cast.requester
    ticket = await ready(desk, "in_progress")
    form = await desk.click(mara, "ticket.assign.form", on(ticket), channel=FIRST)
    assert "Tom Berg" in str(form)
    assert "Nina Netz" not in str(form)
    chat = len(desk.messages(ada.chat_id))
    await desk.click(mara, "ticket.assign", {**on(ticket), "assignee": tom.aad_id}, channel=FIRST)
    assert "Mara Klein: INC-1001" in desk.words(tom.chat_id)
    assert desk.messages(mara.chat_id) == []
    assert ["Tom Berg" in words for words in said_since(desk, ada.chat_id, chat)] == [True]
    assert "Tom Berg" in desk.living_card(ada, "INC-1001").words


async def test_whoever_assigns_to_themselves_hears_nothing(desk: World) -> None:
    mara = desk.cast.mara
    ticket = await ready(desk, "new")
    await desk.click(mara, "ticket.assign", {**on(ticket), "assignee": mara.aad_id}, channel=FIRST)
    assert desk.messages(mara.chat_id) == []


async def test_an_agent_who_asks_for_help_themselves_is_not_told_of_their_own_work(desk: World) -> None:
    mara = desk.cast.mara
    number = await desk.submit(mara)
    before = len(desk.messages(mara.chat_id))
    ticket = int(number.partition("-")[2])
    await desk.click(mara, "ticket.take", on(ticket), channel=FIRST)
    await desk.click(mara, "ticket.reply", {**on(ticket), "text": "Hallo ich"}, channel=FIRST)
    await desk.click(mara, "ticket.resolve", {**on(ticket), **INPUTS["ticket.resolve"]}, channel=FIRST)
    assert len(desk.messages(mara.chat_id)) == before


async def test_a_hand_over_tells_the_lead_and_an_acceptance_moves_everything(desk: World) -> None:
    ada, nina, lead = desk.cast.requester, desk.cast.nina, desk.cast.lead
    ticket = await ready(desk, "offered")
    assert "INC-1001" in desk.words(lead.chat_id)
    sender, offer = desk.messages(FIRST)[0], desk.line_card(NETWORK, "INC-1001")
    assert {"ticket.reply.form", "ticket.resolve.form"} <= set(verbs(sender.card))
    assert not {"ticket.take", "ticket.escalate.form", "ticket.assign.form"} & set(verbs(sender.card))
    chat, first = len(desk.messages(ada.chat_id)), len(desk.messages(FIRST))
    answer = await desk.press(nina, offer, "offer.accept")
    assert "ticket.resolve.form" in verbs(answer)
    [heard] = said_since(desk, ada.chat_id, chat)
    assert "Nina Netz" in heard
    assert "Netzwerk" in heard
    [line] = said_since(desk, FIRST, first)
    assert "Nina Netz (Netzwerk) hat INC-1001 übernommen" in line
    assert not {"ticket.take", "ticket.resolve.form", "ticket.escalate.form"} & set(verbs(desk.messages(FIRST)[0].card))
    assert "Netzwerk" in desk.messages(FIRST)[0].words
    assert desk.messages(nina.chat_id) == []
    [(line_now, who)] = await desk.rows("SELECT line, assignee FROM tickets")
    assert (line_now, who) == ("network", nina.aad_id)
    assert isinstance(await desk.click(desk.cast.mara, "ticket.resolve", {**on(ticket), "resolution": "x"}), str)


async def test_a_return_shows_its_reason_and_advice_to_the_line_that_asked(desk: World) -> None:
    ada, nina = desk.cast.requester, desk.cast.nina
    ticket = await ready(desk, "offered")
    chat, first = len(desk.messages(ada.chat_id)), len(desk.messages(FIRST))
    form = await desk.press(nina, desk.line_card(NETWORK, "INC-1001"), "offer.return.form")
    data = button(form, "offer.return") | INPUTS["offer.return"]
    await desk.click(nina, "offer.return", data, channel=NETWORK)
    [heard] = said_since(desk, ada.chat_id, chat)
    assert "Netzwerk übernimmt INC-1001 (VPN geht nicht) nicht" in heard
    [thread] = said_since(desk, FIRST, first)
    assert "Siehe Anleitung 7" in thread
    card = desk.messages(FIRST)[0]
    assert "Siehe Anleitung 7" in card.words
    assert "ticket.escalate.form" in verbs(card.card)
    assert "offer.accept" not in verbs(desk.messages(NETWORK)[0].card)
    [(line, returned)] = await desk.rows("SELECT line, returned FROM tickets")
    assert (line, returned) == ("first", 1)
    await desk.click(desk.cast.mara, "ticket.escalate", {**on(ticket), **INPUTS["ticket.escalate"]}, channel=FIRST)
    assert "offer.accept" in verbs(desk.line_card(NETWORK, "INC-1001").card)
    assert len([1 for message in desk.messages(NETWORK) if "offer.accept" in verbs(message.card)]) == 1


async def test_resolving_while_an_offer_is_open_ends_the_offer(desk: World) -> None:
    ticket = await ready(desk, "offered")
    await desk.click(desk.cast.mara, "ticket.resolve", {**on(ticket), **INPUTS["ticket.resolve"]}, channel=FIRST)
    assert "offer.accept" not in verbs(desk.messages(NETWORK)[0].card)
    assert isinstance(await desk.click(desk.cast.nina, "offer.accept", on(ticket), channel=NETWORK), dict | str)
    [(status, offer)] = await desk.rows("SELECT status, offer_line FROM tickets")
    assert (status, offer) == ("resolved", None)


async def test_withdrawing_while_an_offer_is_open_ends_the_offer(desk: World) -> None:
    ticket = await ready(desk, "offered")
    await desk.click(desk.cast.requester, "ticket.withdraw", on(ticket))
    assert "offer.accept" not in verbs(desk.messages(NETWORK)[0].card)
    assert verbs(desk.messages(FIRST)[0].card) == []
    assert [
        verb for verb in verbs(desk.messages(desk.cast.requester.chat_id)[0].card) if verb.startswith("ticket.")
    ] == []


async def test_a_ticket_that_waits_for_the_requester_asks_the_question_and_goes_on_with_the_answer(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    ticket = await ready(desk, "in_progress")
    chat = len(desk.messages(ada.chat_id))
    data = {**on(ticket), "reason": "requester", "until": "2026-11-27", "text": "Welches Gerät?"}
    await desk.click(mara, "ticket.pend", data, channel=FIRST)
    [question] = desk.messages(ada.chat_id)[chat:]
    assert "Welches Gerät?" in question.words
    assert "27.11.2026" in desk.living_card(ada, "INC-1001").words
    form = await desk.press(ada, question, "ticket.comment.form")
    await desk.click(ada, "ticket.comment", button(form, "ticket.comment") | {"text": "Laptop 7"})
    [row] = await desk.rows("SELECT status, pending_reason, pending_until FROM tickets")
    assert tuple(row) == ("in_progress", None, None)
    assert "Laptop 7" in desk.messages(FIRST)[0].words


async def test_the_requester_reads_no_work_note_anywhere(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    ticket = await ready(desk, "in_progress")
    await desk.click(mara, "ticket.note", {**on(ticket), "text": "GEHEIM"}, channel=FIRST)
    await desk.click(mara, "ticket.reply", {**on(ticket), "text": "Offen"}, channel=FIRST)
    await desk.write(ada, "INC-1001")
    seen = str(await desk.click(ada, "ticket.view", on(ticket))) + desk.words(ada.chat_id)
    assert "GEHEIM" not in seen
    assert "Offen" in seen
    assert "GEHEIM" in desk.messages(FIRST)[0].words


async def test_a_ticket_is_reopened_within_the_window_and_after_it_a_new_one_is_raised(desk: World) -> None:
    ada = desk.cast.requester
    first, second = await ready(desk, "resolved"), await raised(desk, "resolved")
    desk.clock.advance(days=14)
    again = await desk.click(ada, "ticket.reopen", {**on(first), "reason": "Geht wieder nicht"})
    assert isinstance(again, dict)
    desk.clock.advance(seconds=1)
    late = await desk.click(ada, "ticket.reopen", {**on(second), "reason": "Geht wieder nicht"})
    assert "INC-1003" in str(late)
    rows = await desk.rows("SELECT status, reopened FROM tickets ORDER BY id")
    assert [tuple(row) for row in rows] == [("in_progress", 1), ("closed", 0), ("new", 0)]


async def test_a_rating_is_given_once_and_may_be_changed_for_a_day(desk: World) -> None:
    ada = desk.cast.requester
    ticket = await ready(desk, "closed")
    assert "ticket.rate.form" in verbs(desk.living_card(ada, "INC-1001").card)
    rated = await desk.click(ada, "ticket.rate", {**on(ticket), "rating": "2", "text": ""})
    assert verbs(rated) == ["rating.change"], "it can be thought over"
    assert "ticket.rate" in verbs(await desk.click(ada, "rating.change", button(rated, "rating.change")))
    desk.clock.advance(hours=23)
    await desk.click(ada, "ticket.rate", {**on(ticket), "rating": "4", "text": "doch"})
    desk.clock.advance(hours=2)
    late = await desk.click(ada, "ticket.rate", {**on(ticket), "rating": "1", "text": ""})
    assert "nur einen Tag" in str(late)
    assert verbs(await desk.click(ada, "ticket.view", on(ticket))) == []
    [(rating, text)] = await desk.rows("SELECT rating, rating_text FROM tickets")
    assert (rating, text) == (4, "doch")
    for wrong in ("0", "6", "five", "", None, 3.5):
        await desk.click(ada, "ticket.rate", {**on(ticket), "rating": wrong})
    assert (await desk.rows("SELECT rating FROM tickets"))[0][0] == 4


async def test_the_priority_a_rule_asked_for_stays_the_least_whatever_agents_correct(desk: World) -> None:
    number = await desk.submit(title="VPN offline")  # the rule's floor is P2
    ticket = int(number.partition("-")[2])
    nina = desk.cast.nina

    async def corrected(urgency: str, impact: str) -> str:
        form = await desk.click(nina, "ticket.classify.form", on(ticket), channel=NETWORK)
        data = {"category": "vpn", "urgency": urgency, "impact": impact, "kind": "incident"}
        await desk.click(nina, "ticket.classify", button(form, "ticket.classify") | data, channel=NETWORK)
        return str((await desk.rows("SELECT priority FROM tickets"))[0][0])

    assert (await desk.rows("SELECT priority, line FROM tickets"))[0][:] == ("P2", "network")
    assert await corrected("low", "me") == "P2"
    assert await corrected("high", "company") == "P1"
    assert await corrected("low", "me") == "P2"


async def test_without_a_rule_the_matrix_alone_says_the_priority(desk: World) -> None:
    ticket = await ready(desk, "in_progress")
    priorities = []
    for urgency, impact in (("high", "company"), ("low", "me"), ("normal", "site")):
        data = {"category": "other", "urgency": urgency, "impact": impact, "kind": "incident"}
        await desk.click(desk.cast.mara, "ticket.classify", {**on(ticket), **data}, channel=FIRST)
        priorities.append((await desk.rows("SELECT priority FROM tickets"))[0][0])
    assert priorities == ["P1", "P4", "P2"]


async def test_a_corrected_kind_leaves_the_number_people_wrote_down(desk: World) -> None:
    ticket = await ready(desk, "in_progress")
    data = {"category": "other", "urgency": "low", "impact": "me", "kind": "request"}
    card = await desk.click(desk.cast.mara, "ticket.classify", {**on(ticket), **data}, channel=FIRST)
    assert number_in(card) == "INC-1001"
    assert number_in(await desk.click(desk.cast.requester, "ticket.view", on(ticket))) == "INC-1001"


async def test_ten_quick_changes_make_one_edit_of_each_card(desk: World) -> None:
    ada, mara = desk.cast.requester, desk.cast.mara
    ticket = await ready(desk, "in_progress")
    living, card = desk.messages(ada.chat_id)[0], desk.messages(FIRST)[0]
    edits = len(living.edits), len(card.edits)
    for turn in range(10):
        urgency = ("low", "high")[turn % 2]
        data = {**on(ticket, form=str(turn)), **INPUTS["ticket.classify"], "urgency": urgency}
        status, _ = await desk.post(desk.inbound.card_action(mara, "ticket.classify", data, channel=FIRST))
        assert status == 200
    await desk.settle()
    assert (len(living.edits), len(card.edits)) == (edits[0] + 1, edits[1] + 1)
    assert "P1" in card.words


async def test_required_and_chosen_fields_travel_with_the_ticket_under_their_old_names(desk: World) -> None:
    number = await desk.submit(device="Laptop 7")
    assert "Gerät: Laptop 7" in desk.line_card(FIRST, number).words.replace(":  ", ": ")
    [(stored,)] = await desk.rows("SELECT CAST(fields AS TEXT) FROM tickets")
    assert "Device" in stored
    other = await desk.submit(category="other", device="Laptop 8")
    assert "Laptop 8" not in desk.line_card(FIRST, other).words


async def test_wrong_forms_come_back_with_what_was_typed(desk: World) -> None:
    ada: Person = desk.cast.requester
    answer = await desk.click(ada, "ticket.submit", {**FORM, "title": "  ", "desk": {"form": "f"}})
    assert FORM["description"] in str(answer)
    assert button(answer, "ticket.submit")["desk"]["form"] == "f"
    assert await desk.rows("SELECT 1 FROM tickets") == []


async def test_a_category_with_required_and_chosen_fields_is_asked_and_checked_whole(address: str) -> None:
    cast = Cast()
    fields = """[{id: device, name: Device, type: text, required: true},
        {id: site, name: Site, type: choice, required: true,
         choices: [{id: ber, name: Berlin}, {id: muc, name: München}]},
        {id: since, name: Since, type: date}, {id: again, name: Again, type: yes_no}]"""
    before = "fields: [{id: device, name: {de: Gerät, en: Device}, type: text}]"
    text = desk_file(cast).replace(before, f"fields: {fields}")
    async with world(address, cast=cast, desk_text=text) as desk:
        ada, full = cast.requester, {"device": "Laptop 7", "site": "muc", "since": "2026-11-19", "again": "yes"}
        form = await desk.click(ada, "ticket.new", {"category": "vpn"})
        assert all(f"'id': '{each}'" in str(form) for each in full)
        wrong: list[Json] = [{"device": " "}, {"site": "nowhere"}, {"since": "19.11.2026"}, {"again": "maybe"}]
        for each in wrong:
            again = await desk.click(ada, "ticket.submit", {**FORM, **full, **each, "desk": {"form": "f"}})
            assert "ticket.submit" in verbs(again), each
            assert "Bitte" in str(again)
        assert await desk.rows("SELECT 1 FROM tickets") == []
        number = number_in(await desk.click(ada, "ticket.submit", {**FORM, **full, "desk": {"form": "f"}}))
        assert "München" in desk.line_card(FIRST, number).words


async def test_t55_a_flood_of_tickets_from_one_person_ends_and_others_do_not_notice(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "RAISED_AT_MOST", ((3, timedelta(minutes=1)), (5, timedelta(days=1))))
    ada = desk.cast.requester

    async def raises(person: Person = ada) -> bool:
        return "INC-" in str(await desk.click(person, "ticket.submit", {**FORM, "desk": {"form": uuid4().hex}}))

    assert [await raises() for _ in range(4)] == [True, True, True, False]
    assert await raises(desk.cast.stranger)
    desk.clock.advance(minutes=1)
    assert [await raises() for _ in range(3)] == [True, True, False]
    told = await desk.click(ada, "ticket.submit", {**FORM, "desk": {"form": uuid4().hex}})
    assert "mehr als 5 Tickets" in str(told)
    desk.clock.advance(days=1)
    assert await raises()
