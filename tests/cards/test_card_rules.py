"""Who sees what, and who is offered what, on the cards."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.actions.escalate import Escalated
from app.cards import admin, lists
from app.cards.line import confidential_card, line_card, moved_card, offer_card
from app.cards.notices import EventView
from app.cards.ping import ping_card
from app.cards.ping import summary as ping_summary
from app.cards.prevention import prevention_card
from app.cards.requester import living_card
from app.desk.checks import RESERVED_FIELD_IDS
from app.domain.clocks import Clock, State
from app.domain.delivery import Reason
from app.domain.events import Said
from app.domain.lists import ListQuery
from app.domain.people import Person, Role
from app.domain.ticket import EscalationReason, FieldValue, Status
from app.domain.views import EMPTY_FORM, Delivery, FormState, LineView, PromiseView, TicketView
from app.i18n import Text, Texts
from tests.cards import verb_forms as forms
from tests.cards.approved import cards
from tests.cards.checking import actions, parts, verbs, words
from tests.cards.gallery import FIELDS, NONCE, refused
from tests.cards.listed import ROWS, page
from tests.cards.people import (
    ALEX,
    BERLIN,
    CLOCKS,
    FIRST,
    GUIDELINE,
    LEA,
    LEVELS,
    MANAGEMENT,
    MARA,
    NETWORK,
    NOTED,
    RAISED,
    TICKETS,
    view,
    view_of,
)
from tests.cards.pings import PINGS, PREVENTIONS
from tests.cards.samples import event_of, notice

EN = Texts.load().language("en")
DE = Texts.load().language("de")


def living(shown: TicketView) -> dict[str, Any]:
    return living_card(shown, EN, BERLIN)


def primary(card: dict[str, Any]) -> list[str]:
    return [action["title"] for action in card.get("actions", ()) if action.get("mode") != "secondary"]


# --- the requester


def test_a_requester_never_reads_a_work_note() -> None:
    leaking = replace(view("in_progress", Role.REQUESTER), entries=(NOTED,))
    assert NOTED.text not in words(living(leaking))
    assert NOTED.text not in words(forms.comment_form(leaking, EN, EMPTY_FORM, NONCE))


@pytest.mark.parametrize("state", [state for state in TICKETS if state not in {"rated", "withdrawn"}])
def test_a_requester_can_always_do_something_until_the_ticket_is_rated(state: str) -> None:
    assert any(verb.startswith("ticket.") for verb in verbs(living(view(state, Role.REQUESTER))))


@pytest.mark.parametrize("state", ["rated", "withdrawn"])
def test_a_rated_or_withdrawn_ticket_offers_its_requester_nothing(state: str) -> None:
    hopeful = replace(view(state, Role.REQUESTER), buttons=view("new", Role.REQUESTER).buttons)
    assert actions(living(hopeful)) == []


def test_a_requester_is_asked_before_a_ticket_is_withdrawn() -> None:
    assert "ticket.withdraw.form" in verbs(living(view("new", Role.REQUESTER)))
    assert "ticket.withdraw" not in verbs(living(view("new", Role.REQUESTER)))
    sure = forms.withdraw_form(view("new", Role.REQUESTER), EN, EMPTY_FORM, NONCE)
    assert verbs(sure) == {"ticket.withdraw", "ticket.view"}


def test_a_requester_confirms_with_one_tap() -> None:
    assert "ticket.confirm" in verbs(living(view("resolved", Role.REQUESTER)))


def test_the_level_track_shows_every_level_and_marks_the_present_one_with_its_line() -> None:
    read = words(living(view("accepted", Role.REQUESTER)))
    assert "● 2 Network" in read
    assert all(f"○ {level}" in read for level in LEVELS if level != 2)


def test_a_requester_reads_who_stays_responsible_while_another_line_is_asked() -> None:
    assert "Network was asked for help. First line stays responsible" in words(living(view("offered", Role.REQUESTER)))


def test_a_requester_reads_who_has_the_ticket_and_since_when() -> None:
    assert "Mara Klein has had it since Mon 23 Nov, 09:21" in words(living(view("in_progress", Role.REQUESTER)))


def test_a_chat_is_offered_once_somebody_with_an_address_has_the_ticket() -> None:
    def links(shown: TicketView) -> list[str]:
        return [action["url"] for action in actions(living(shown)) if action["type"] == "Action.OpenUrl"]

    taken = view("in_progress", Role.REQUESTER)
    assert links(view("new", Role.REQUESTER)) == []
    assert links(replace(taken, assignee=replace(MARA, email=None))) == []
    assert links(taken) == [
        "https://teams.microsoft.com/l/chat/0/0?users=mara.klein@contoso.example"
        "&topicName=INC-1042%20VPN%20bricht%20nach%20wenigen%20Minuten%20ab"
    ]


def test_an_address_cannot_add_anything_to_the_chat_link() -> None:
    odd = replace(MARA, email="m@x.example&message=hi#?users=<b>")
    [link] = [
        a["url"]
        for a in actions(living(replace(view("in_progress", Role.REQUESTER), assignee=odd)))
        if a["type"] == "Action.OpenUrl"
    ]
    assert link.count("&") == 1
    assert not set("#<>") & set(link)


# --- the line


def test_an_agent_takes_escalates_replies_and_resolves_with_one_tap_and_finds_the_rest_under_more() -> None:
    card = line_card(view("new", Role.AGENT), EN, BERLIN)
    assert primary(card) == ["Take", "Escalate", "Reply", "Resolve"]
    assert {"Assign", "Note", "Chat"} < {a["title"] for a in card["actions"] if a.get("mode") == "secondary"}


def test_an_agent_resumes_a_waiting_ticket_with_one_tap() -> None:
    assert "Resume work" in primary(line_card(view("pending_supplier", Role.AGENT), EN, BERLIN))


def test_the_sending_line_keeps_reply_and_resolve_while_its_offer_is_open() -> None:
    offered = verbs(line_card(view("offered", Role.AGENT), EN, BERLIN))
    assert {"ticket.reply.form", "ticket.resolve.form"} <= offered
    assert not offered & {"ticket.take", "ticket.escalate.form", "offer.accept"}


def test_the_receiving_line_reads_the_whole_story_and_accepts_or_returns() -> None:
    card = offer_card(view("offered", Role.RECEIVER), EN, BERLIN)
    offer = TICKETS["offered"].offer
    assert offer is not None
    read = words(card)
    for told in (offer.tried, offer.needed, "Permission is missing", "Mara Klein (First line)", NOTED.text):
        assert told in read
    assert TICKETS["offered"].description in read
    assert primary(card) == ["Accept", "Return"]


@pytest.mark.parametrize("state", TICKETS)
def test_a_line_that_no_longer_has_the_ticket_finds_nothing_to_press(state: str) -> None:
    assert actions(moved_card(view(state, Role.AGENT), EN, BERLIN, NETWORK)) == []


def test_the_sending_line_reads_who_accepted() -> None:
    card = moved_card(view("accepted", Role.AGENT), EN, BERLIN, FIRST)
    assert "Now with Network, accepted by Jonas Weiß." in words(card)


def test_an_agent_reads_the_old_label_of_an_own_field_in_their_language() -> None:
    assert "Gerät: \nNB-2231" in words(line_card(view("new", Role.AGENT), DE, BERLIN))


def test_an_agent_reads_days_and_yes_or_no_in_their_language() -> None:
    filled = (FieldValue("since", {"en": "Since"}, "2026-11-20"), FieldValue("office", {"en": "Office"}, "yes"))
    read = words(line_card(view_of(replace(TICKETS["new"], fields=filled), Role.AGENT), DE, BERLIN))
    assert "Since: \nFr 20.11.2026" in read
    assert "Office: \nJa" in read


def test_a_work_note_is_marked_in_words() -> None:
    assert "internal" in words(line_card(view("in_progress", Role.AGENT), EN, BERLIN))


def test_a_confidential_ticket_shows_nothing_personal_in_the_channel() -> None:
    secret = view_of(replace(TICKETS["accepted"], confidential=True), Role.AGENT)
    row = replace(ROWS[0], is_stub=True)
    shown = [
        confidential_card(secret, EN, BERLIN),
        moved_card(secret, EN, BERLIN, FIRST),
        lists.list_card(page(ListQuery(), row, in_channel=True), EN, BERLIN),
        notice("thread_commented", secret, EventView(ALEX, RAISED, Said("My salary")), EN, BERLIN).card or {},
    ]
    for card in shown:
        everything = str(card)
        for personal in (TICKETS["accepted"].title, TICKETS["accepted"].description, "My salary"):
            assert personal not in everything
    assert "Alex" not in "".join(map(str, shown[:3]))


# --- colour, versions, buttons


@pytest.mark.parametrize("status", Status)
def test_a_status_is_told_by_symbol_and_word_not_by_colour(status: Status) -> None:
    symbol, word = EN(f"status.{status}").split(" ", 1)
    assert not symbol.isalnum()
    assert word.strip()
    assert len({EN(f"status.{other}").split(" ")[0] for other in Status}) == len(Status)


def test_every_button_says_which_version_it_was_shown_on() -> None:
    card = line_card(view("in_progress", Role.AGENT), EN, BERLIN)
    for action in actions(card):
        if action["type"] == "Action.Execute":
            assert action["data"]["desk"] == {"ticket": 1042, "version": 4}


# --- promises


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("t", [EN, DE])
def test_how_a_clock_stands_is_told_by_symbol_and_word_not_by_colour(state: State, t: Text) -> None:
    symbol, word = t(f"clock.state.{state}").split(" ", 1)
    assert not symbol.isalnum()
    assert word.strip()
    assert len({t(f"clock.state.{other}").split(" ")[0] for other in State}) == len(State)


@pytest.mark.parametrize("name", CLOCKS)
def test_an_agent_reads_every_clock_with_its_due_time(name: str) -> None:
    shown = CLOCKS[name]
    for card in (line_card(shown, EN, BERLIN), offer_card(shown, EN, BERLIN)):
        read = words(card)
        for promise in shown.promises:
            assert EN(f"clock.{promise.clock}") in read
            assert promise.due_at is None or promise.state is State.MET or EN.moment(promise.due_at, BERLIN) in read


def test_a_withdrawn_ticket_shows_no_promises() -> None:
    assert "Resolution" not in words(line_card(view("withdrawn", Role.AGENT), EN, BERLIN))


def test_a_requester_reads_when_the_next_news_comes_and_when_it_is_probably_solved() -> None:
    read = words(living(view("in_progress", Role.REQUESTER)))
    assert "Next update by: \nMon 23 Nov, 11:42" in read
    assert "Estimated solution: \nMon 23 Nov, 17:12" in read
    assert "promise" not in read


def test_the_solution_is_news_so_that_no_later_update_is_promised() -> None:
    sooner = PromiseView(Clock.RESOLUTION, State.RUNNING, RAISED + timedelta(hours=1))
    update = PromiseView(Clock.NEXT_UPDATE, State.RUNNING, RAISED + timedelta(hours=2))
    shown = replace(view("in_progress", Role.REQUESTER), promises=(sooner, update))
    assert words(living(shown)).count("Mon 23 Nov, 10:12") == 2


def test_after_a_missed_promise_the_requester_reads_an_honest_new_one() -> None:
    read = words(living(view("late", Role.REQUESTER)))
    assert "The last promise was not kept" in read
    assert "Next update by: \nMon 23 Nov, 18:12" in read
    assert "later than last estimated" in read
    assert "ticket.nudge.form" in verbs(living(view("late", Role.REQUESTER)))


def test_an_empty_list_of_ones_own_tickets_offers_nothing_to_narrow() -> None:
    shown = cards("en")
    assert "Open ones only" in primary(shown["list/mine"])
    assert primary(shown["list/mine_empty"]) == ["New ticket"]


def test_no_solution_is_estimated_for_a_day_before_the_waiting_ends() -> None:
    waits = view("pending_supplier", Role.REQUESTER)
    that_day = replace(waits, ticket=replace(waits.ticket, pending_until=date(2026, 11, 23)))
    assert "Estimated solution: \nlater than last estimated" in words(living(waits))
    assert "Estimated solution: \nMon 23 Nov, 17:12" in words(living(that_day))


@pytest.mark.parametrize("state", ["pending_requester", "resolved", "closed", "withdrawn"])
def test_nothing_is_promised_while_the_requester_is_asked_or_after_the_end(state: str) -> None:
    read = words(living(view(state, Role.REQUESTER)))
    assert "Next update" not in read
    assert "Estimated" not in read


# --- pings and preventive actions


def ping(name: str, t: Text = EN) -> dict[str, Any]:
    state, shown = PINGS[name]
    return ping_card(view(state, Role.PINGED), shown, t, BERLIN)


def test_whoever_is_pinged_reads_what_is_at_risk_since_when_and_what_happens_next() -> None:
    read = words(ping("resolution_overdue"))
    for told in (
        "⚠ The resolution is overdue",
        "since Mon 23 Nov, 17:12",
        "INC-1042 · VPN bricht",
        "Alex Wilber",
        "Mara Klein (First line)",
        "If nobody answers by Mon 23 Nov, 17:22, a reminder follows.",
        "If nobody answers by Mon 23 Nov, 17:42, this goes to: Max Manager",
    ):
        assert told in read


def test_whoever_is_pinged_before_the_end_reads_how_much_time_is_left() -> None:
    assert "75 % of the time is used up, due Mon 23 Nov, 17:12" in words(ping("resolution"))


def test_what_happened_once_is_told_with_its_moment_and_not_as_going_on_since() -> None:
    for name, moment in (("count_reopened", "11:12"), ("nudge", "17:27"), ("notify_manager", "11:12")):
        assert f"\nMon 23 Nov, {moment}" in words(ping(name))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nudge", "Alex Wilber asks again: A promise was not kept"),
        ("notify_manager", "Mara Klein asks for support"),
        ("count_reopened", "Reopened 2 times"),
        ("count_returned", "Returned 2 times"),
        ("count_nudged", "The requester asked again 3 times"),
        ("acceptance_overdue", "The acceptance of a hand-over is overdue"),
    ],
)
def test_whoever_is_pinged_reads_why(name: str, told: str) -> None:
    assert told in words(ping(name))
    state, shown = PINGS[name]
    assert ping_summary(view(state, Role.PINGED), shown, EN) == f"INC-1042: {told}"


def test_what_an_agent_tells_a_superior_stands_on_the_ping() -> None:
    assert "Die ganze Abteilung steht still." in words(ping("notify_manager"))


@pytest.mark.parametrize(
    ("name", "pressed"),
    [
        ("resolution", ["ping.acknowledge", "ping.take_over", "ticket.view"]),
        ("last_round", ["ping.acknowledge", "ping.take_over", "ticket.view"]),
        ("acknowledged", ["ping.take_over", "ticket.view"]),
        ("exhausted", ["ping.take_over", "ticket.view"]),
        ("taken_over", ["ticket.view"]),
        ("stopped", ["ticket.view"]),
    ],
)
def test_a_ping_offers_what_is_still_to_be_done(name: str, pressed: list[str]) -> None:
    assert [action["verb"] for action in ping(name)["actions"]] == pressed


def test_a_hand_over_that_is_gone_cannot_be_taken_over() -> None:
    shown = PINGS["acceptance_overdue"][1]
    gone = ping_card(view("in_progress", Role.PINGED), shown, EN, BERLIN)
    assert "ping.take_over" in verbs(ping("acceptance_overdue"))
    assert "ping.take_over" not in verbs(gone)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("acknowledged", "✓ Lea Leitner looks after it\nMon 23 Nov, 17:16"),
        ("taken_over", "✓ Max Manager has taken over\nMon 23 Nov, 17:16"),
        ("stopped", "✓ Nothing is left to do here."),
        ("exhausted", "○ Nobody answered, and nobody else is asked."),
    ],
)
def test_everybody_who_was_asked_reads_how_a_ping_ended(name: str, told: str) -> None:
    assert words(ping(name)).startswith(told)
    assert "If nobody answers" not in words(ping(name))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("last_round", "Nobody else will be asked."),
        ("next_is_unknown", "the next person is asked."),
    ],
)
def test_whoever_is_pinged_reads_when_nobody_or_nobody_known_follows(name: str, told: str) -> None:
    assert told in words(ping(name))


def test_a_preventive_action_is_shown_with_its_day_until_it_is_done() -> None:
    to_do = prevention_card(view("resolved", Role.PINGED), PREVENTIONS["open"], EN, BERLIN)
    done = prevention_card(view("resolved", Role.PINGED), PREVENTIONS["done"], EN, BERLIN)
    assert "Fri 11 Dec 2026" in words(to_do)
    assert verbs(to_do) == {"prevention.done"}
    assert verbs(done) == set()
    assert "✓ Done (Mara Klein, Sat 5 Dec, 09:12)" in words(done)


@pytest.mark.parametrize("name", ["open", "owed"])
def test_a_preventive_action_tells_nothing_of_a_confidential_ticket(name: str) -> None:
    shown = view("resolved", Role.PINGED)
    hidden = replace(shown, ticket=replace(shown.ticket, confidential=True))
    assert shown.ticket.title in words(prevention_card(shown, PREVENTIONS[name], EN, BERLIN))
    assert shown.ticket.title not in str(prevention_card(hidden, PREVENTIONS[name], EN, BERLIN))


def test_what_is_owed_is_asked_on_the_card_until_it_is_named() -> None:
    owed = prevention_card(view("withdrawn", Role.PINGED), PREVENTIONS["owed"], EN, BERLIN)
    named = prevention_card(view("withdrawn", Role.PINGED), PREVENTIONS["named"], EN, BERLIN)
    assert asked(owed) == dict.fromkeys(("prevention", "prevention_owner", "prevention_due"), True)
    assert verbs(owed) == {"prevention.name"}
    assert asked(named) == {}
    assert verbs(named) == set()


# --- forms


def asked(form: dict[str, Any]) -> dict[str, bool]:
    """The ids of a form's inputs, and whether something has to be given."""
    return {part["id"]: bool(part.get("isRequired")) for part in parts(form) if "id" in part}


@pytest.mark.parametrize("lines", [[NETWORK], [NETWORK, MANAGEMENT], [MANAGEMENT]])
def test_who_may_hand_over_to_management_is_asked_how_grave_it_is(lines: list[LineView]) -> None:
    form = forms.escalate_form(view("in_progress", Role.AGENT), EN, EMPTY_FORM, NONCE, lines, None)
    grave = {id: needed for id, needed in asked(form).items() if id in ("gravity", "business_impact")}
    only = lines == [MANAGEMENT]
    assert grave == ({} if lines == [NETWORK] else {"gravity": only, "business_impact": only})


@pytest.mark.parametrize(("state", "leaves"), [("at_management", True), ("accepted", False)])
def test_management_is_asked_what_prevents_it_when_a_ticket_leaves(state: str, leaves: bool) -> None:
    shown = view(state, Role.AGENT)
    resolve = forms.resolve_form(shown, EN, EMPTY_FORM, NONCE, False, [LEA])
    escalate = forms.escalate_form(shown, EN, EMPTY_FORM, NONCE, [FIRST], None, [LEA])
    for form in (resolve, escalate):
        prevented = {id: needed for id, needed in asked(form).items() if id.startswith("prevention")}
        all_needed = dict.fromkeys(("prevention", "prevention_owner", "prevention_due"), True)
        assert prevented == (all_needed if leaves else {})


def test_merging_asks_management_for_it_and_a_child_does_not() -> None:
    form = forms.link_form(view("at_management", Role.AGENT), EN, EMPTY_FORM, NONCE, [LEA])
    prevented = {id: needed for id, needed in asked(form).items() if id.startswith("prevention")}
    assert prevented == dict.fromkeys(("prevention", "prevention_owner", "prevention_due"), False)
    below = asked(forms.link_form(view("accepted", Role.AGENT), EN, EMPTY_FORM, NONCE, [LEA]))
    assert set(below) == {"other", "relation"}


@pytest.mark.parametrize("missed", [0, 1])
def test_that_a_promise_was_missed_is_a_reason_only_when_one_was(missed: int) -> None:
    shown = view("late", Role.REQUESTER)
    shown = replace(shown, ticket=replace(shown.ticket, promises_missed=missed))
    [reasons] = [part for part in parts(forms.nudge_form(shown, EN, EMPTY_FORM, NONCE)) if part.get("id") == "reason"]
    known = [choice["value"] for choice in reasons["choices"]]
    assert known == [*["promise_missed"][:missed], "getting_worse", "more_people", "deadline"]
    assert reasons.get("value") == ("promise_missed" if missed else None)


def test_no_field_of_a_category_can_be_mistaken_for_an_input_of_ours() -> None:
    own = {id for name, card in cards("en").items() if name.startswith("form/ticket") for id in asked(card)}
    assert own - {field.id for field in FIELDS} <= RESERVED_FIELD_IDS


def test_cancel_sends_no_input_and_is_never_blocked_by_an_empty_field() -> None:
    form = forms.reply_form(view("in_progress", Role.AGENT), EN, EMPTY_FORM, NONCE)
    send, cancel = form["actions"]
    assert (send["verb"], send["associatedInputs"]) == ("ticket.reply", "auto")
    assert (cancel["verb"], cancel["associatedInputs"]) == ("ticket.view", "none")


def test_everything_typed_is_still_there_after_a_mistake() -> None:
    typed = "first *line*\nsecond <at>line</at> {{DATE(2026-01-01T00:00:00Z)}}"
    state = FormState(typed={"tried": typed, "line": "network", "reason": "skill"}, problems={"needed": "!"})
    form = forms.escalate_form(view("in_progress", Role.AGENT), EN, state, NONCE, [FIRST, NETWORK], None)
    kept = {part["id"]: part.get("value") for part in parts(form) if "id" in part}
    assert kept == {"line": "network", "reason": "skill", "tried": typed, "needed": None}


def test_a_problem_stands_directly_above_its_field() -> None:
    form = forms.escalate_form(view("in_progress", Role.AGENT), EN, refused(("needed",), EN), NONCE, [NETWORK], None)
    at = next(i for i, element in enumerate(form["body"]) if element.get("id") == "needed")
    assert form["body"][at - 1]["inlines"][0]["text"] == "⚠ Please fill this in."


def test_the_companys_guideline_stands_above_the_inputs_of_an_escalation() -> None:
    form = forms.escalate_form(view("in_progress", Role.AGENT), EN, EMPTY_FORM, NONCE, [NETWORK], GUIDELINE)
    kinds = ["guideline" if GUIDELINE.en in str(element) else element["type"] for element in form["body"]]
    assert kinds.index("guideline") < kinds.index("Input.ChoiceSet")


@pytest.mark.parametrize(
    ("asks", "asked"), [(False, {"resolution"}), (True, {"resolution", "first_line_could", "guide"})]
)
def test_only_the_higher_lines_are_asked_what_the_first_line_could_do(asks: bool, asked: set[str]) -> None:
    form = forms.resolve_form(view("in_progress", Role.AGENT), EN, EMPTY_FORM, NONCE, asks)
    assert {part["id"] for part in parts(form) if "id" in part} == asked


def test_the_ticket_form_sends_its_nonce_so_that_the_same_form_makes_one_ticket() -> None:
    form = forms.ticket_form(EN, categories=[], fields=[], state=EMPTY_FORM, nonce="abc", more_fields=False)
    assert form["actions"][0]["data"] == {"desk": {"form": "abc"}}


def test_a_team_of_a_thousand_can_still_be_assigned_from() -> None:
    many = [Person(f"{i:036}", "😀" * 80) for i in range(1000)]
    form = forms.assign_form(view("in_progress", Role.AGENT), EN, EMPTY_FORM, NONCE, [MARA, *many])
    assert len(str(form).encode()) < 60_000
    [people] = [part for part in parts(form) if part.get("id") == "assignee"]
    assert people["value"] == "mara"
    assert people["style"] == "filtered"


# --- messages


def test_a_message_without_anything_to_read_or_press_is_one_plain_sentence() -> None:
    told = notice("taken", view("in_progress", Role.REQUESTER), EventView(MARA, RAISED), EN, BERLIN)
    assert told.card is None
    assert told.text == told.summary
    assert told.summary.startswith("Mara Klein has taken INC-1042 (VPN bricht nach wenigen Minuten ab). ")


def test_the_assignee_is_mentioned_when_the_requester_writes() -> None:
    said = EventView(ALEX, RAISED, Said("<at>Mara Klein</at> <at>Everyone</at>"))
    card = notice("thread_commented", view("in_progress", Role.AGENT), said, EN, BERLIN).card
    assert card is not None
    assert [entity["mentioned"]["id"] for entity in card["msteams"]["entities"]] == ["29:mara"]
    assert len(re.findall("<at>", words({"body": card["body"]}))) == 1


def test_somebody_teams_has_not_named_yet_is_mentioned_by_their_directory_id() -> None:
    shown = replace(view("in_progress", Role.AGENT), assignee=replace(MARA, teams_id=None))
    card = notice("thread_commented", shown, EventView(ALEX, RAISED, Said("Hello")), EN, BERLIN).card
    assert card is not None
    assert [entity["mentioned"] for entity in card["msteams"]["entities"]] == [{"id": "mara", "name": "Mara Klein"}]


def test_nobody_is_mentioned_whose_name_is_not_known() -> None:
    shown = replace(view("new", Role.AGENT), assignee=None)
    for mention in (None, Person("lea", "")):
        event = EventView(ALEX, RAISED, Said("Hello"), mention=mention)
        card = notice("thread_commented", shown, event, EN, BERLIN).card
        assert card is not None
        assert "msteams" not in card


def test_a_late_clock_is_told_to_whoever_it_concerns_and_not_to_the_team() -> None:
    event = event_of("thread_clock", EN)
    card = notice("thread_clock", view("new", Role.AGENT), replace(event, mention=LEA), EN, BERLIN).card
    assert card is not None
    assert [entity["mentioned"]["id"] for entity in card["msteams"]["entities"]] == ["29:lea"]
    assert "INC-1042: First response due Mon 23 Nov, 10:12, 50 % of the time is used up." in words(card)


@pytest.mark.parametrize("is_late", [True, False])
def test_news_of_a_missed_promise_offers_to_ask_again_while_that_is_possible(is_late: bool) -> None:
    shown = view("late" if is_late else "in_progress", Role.REQUESTER)
    card = notice("promise_missed", shown, event_of("promise_missed", EN), EN, BERLIN).card
    assert card is not None
    assert ("ticket.nudge.form" in verbs(card)) is is_late


def test_a_hand_over_is_told_rightly_even_after_the_ticket_moved_on() -> None:
    event = EventView(
        MARA, RAISED, Escalated(to="network", from_="first", reason=EscalationReason.SKILL, tried="", needed="")
    )
    told = notice("offered", view("resolved", Role.REQUESTER), event, EN, BERLIN)
    assert told.summary.startswith("Mara Klein has asked another team for help with INC-1042 ")
    assert told.summary.endswith("First line stays responsible until they accept.")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("blocked", "The person blocked the bot"),
        ("http_502", "Teams answered with error 502"),
        ("", "none yet"),
        ("[new](http://x)", "unknown reason ([new](http://x))"),
    ],
)
def test_an_admin_reads_why_a_message_did_not_arrive(code: str, said: str) -> None:
    stuck = Delivery(1, "INC-1042", "Alex", "thread_noted", "dead", code, 1, RAISED, RAISED)
    assert f"Reason: {said}" in words(admin.deliveries([stuck], EN, BERLIN))


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_in_every_language(reason: Reason) -> None:
    assert all(t.has(f"delivery.reason.{reason}") for t in (EN, DE))


def test_an_admin_with_many_stuck_messages_sees_the_first_ten_and_how_many_follow() -> None:
    card = cards("en")["admin/many"]
    assert [action["verb"] for action in actions(card)] == ["delivery.retry", "delivery.drop"] * 10
    assert "and 3 more" in words(card)
