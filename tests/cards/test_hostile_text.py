"""Whatever people write, cards show it as text, fit, and do nothing else."""

import unicodedata
from dataclasses import replace
from functools import lru_cache

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.actions.nudge import Nudged
from app.actions.return_offer import Returned
from app.cards import text
from app.cards.files import earlier_files_card
from app.cards.line import line_card, moved_card, offer_card
from app.cards.list_choices import saved_views
from app.cards.lists import list_card, my_tickets
from app.cards.parts import LARGEST_CARD
from app.cards.ping import ping_card
from app.cards.ping import summary as ping_summary
from app.cards.prevention import prevention_card
from app.cards.requester import living_card
from app.domain.events import EventData, Said
from app.domain.lists import ListName, ListQuery
from app.domain.people import Person, Role
from app.domain.ticket import FieldValue, NudgeReason
from app.domain.views import (
    NO_FILES,
    Choice,
    Entry,
    FieldView,
    Files,
    FileView,
    FormState,
    LineView,
    LinkView,
    ReturnView,
    SavedView,
    TicketView,
)
from app.i18n import Texts
from app.messages.notice import SampleData
from tests.cards import verb_forms as forms
from tests.cards.checking import problems
from tests.cards.gallery import ALSO_HAPPENED
from tests.cards.listed import OFFERED, page
from tests.cards.people import BERLIN, RAISED, TICKETS, Name, view_of
from tests.cards.pings import PINGS, PREVENTIONS
from tests.cards.samples import event_of, notice, notice_kinds

T = Texts.load().language("de")
HOSTILE = (
    "[Login](https://evil.example)",
    "![](http://x/y.png)",
    "**bold** _i_ ~~s~~ `code`",
    "# heading\n- list\n1. list\n> quote",
    "<at>Everyone</at>",
    "< / AT >",
    "<b>html</b><script>alert(1)</script>",
    "{{DATE(2026-01-01T00:00:00Z, SHORT)}}",
    "{{ time(2026-01-01T00:00:00Z)}}",
    "${ticket.title} {0} %s",
    '","type":"Action.OpenUrl"',
    "\u202etxt.exe\u202c\u200b\u2066",
    "javascript:alert(1)",
    "😀🏳️‍🌈" * 20,
    "a\u0301" + "\u0301" * 60,
    "\x00\x1b[31m\r\n\x85\u2028",
    "\ud800 lone",
    "\n" * 200,
    "\\" * 100 + '"' * 100,
)
WRITTEN = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60)), min_size=1, max_size=8).map(" ".join)
INVISIBLE = {"\u202e", "\u202c", "\u200b", "\u2066", "\x00", "\x1b", "\x85", "\u2028", "\ud800"}


@lru_cache(maxsize=100)
def full_of(words: str, state: str, role: Role) -> TicketView:
    """A ticket in which every text anybody can choose holds the words."""
    who = Person("p", words, teams_id="29:p", email="p@contoso.example")
    ticket = TICKETS[state]
    offer = ticket.offer
    if offer:
        offer = replace(offer, tried=words[:2000], needed=words[:2000], business_impact=words[:1000])
    filled = replace(
        ticket,
        title=words[:100] or "?",
        description=words[:4000],
        resolution=words[:4000] if ticket.resolution else None,
        fields=tuple(FieldValue(f"f{i}", {"de": words[:80]}, words[:200]) for i in range(6)),
        offer=offer,
    )
    said = tuple(Entry(RAISED, who, words[:4000], internal) for internal in (False, True, False))
    named = Name(words[:80], words[:80])
    shown = view_of(filled, role, returned=state == "returned")
    return replace(
        shown,
        requester=who,
        assignee=who if shown.assignee else None,
        offered_by=who if offer else None,
        entries=said,
        category=named,
        files=Files(tuple(FileView(f"{i:032}", words[:120], 10**7) for i in range(10)), 990),
        links=tuple(LinkView(10**14 + i, f"INC-{10**14 + i}", words[:100], "new", "child_of_this") for i in range(200)),
        line=LineView("first", named, 1),
        returned=ReturnView(who, LineView("network", named, 2), "wrong_line", words[:1000]) if shown.returned else None,
    )


def cards_full_of(words: str) -> list[dict]:  # type: ignore[type-arg]
    typed = {"text": 4000, "resolution": 4000, "tried": 2000, "needed": 2000}
    typed |= dict.fromkeys(("guide", "prevention", "business_impact", "reason"), 1000)
    state = FormState({name: words[:length] for name, length in typed.items()}, problems={"text": words[:200]})
    agent, requester = full_of(words, "returned", Role.AGENT), full_of(words, "resolved", Role.REQUESTER)
    fields = [
        FieldView("f", Name(words[:80], words[:80]), "text"),
        FieldView("g", Name(words[:80], words[:80]), "date"),
    ]
    named = [("c", Name(words[:80], words[:80]))]
    return [
        living_card(requester, T, BERLIN),
        living_card(full_of(words, "offered", Role.REQUESTER), T, BERLIN),
        line_card(agent, T, BERLIN),
        line_card(full_of(words, "offered", Role.AGENT), T, BERLIN),
        offer_card(full_of(words, "offered", Role.RECEIVER), T, BERLIN),
        moved_card(agent, T, BERLIN, agent.line),
        earlier_files_card(agent, agent.files, T),
        forms.reply_form(agent, T, state, "n"),
        forms.resolve_form(agent, T, state, "n", True),
        forms.edit_form(requester, T, state, "n"),
        forms.assign_form(agent, T, state, "n", [agent.requester] * 3),
        forms.escalate_form(agent, T, state, "n", [agent.line], named[0][1]),
        forms.ticket_form(T, categories=named, fields=fields, state=state, nonce="n", more_fields=True),
        *lists_full_of(words),
        *cards_of_escalation(words, state),
        *messages_full_of(words),
    ]


def lists_full_of(words: str) -> list[dict]:  # type: ignore[type-arg]
    """As many tickets, lines, categories and views as there can be, all named with the words."""
    named = Name(words[:80], words[:80])
    rows = [replace(OFFERED, title=words[:100], requester=words, assignee=words, line=LineView("f", named, 1))] * 16
    views = tuple(SavedView(n, words[:40] or "?", ListQuery(category="c1", view=n)) for n in range(1, 21))
    deep = ListQuery(after="P1.999999999999999", back=("P1.999999999999999",) * 20, let_go=10**14)
    shown = replace(
        page(deep, *rows, more=True),
        lines=tuple(LineView(f"l{n}", named, n % 5) for n in range(40)),
        categories=tuple(Choice(f"c{n}", named) for n in range(100)),
        views=views,
    )
    mine = replace(shown, query=ListQuery(ListName.MINE))
    return [
        list_card(shown, T, BERLIN),
        list_card(shown, T, BERLIN, FormState({"view_name": words[:4000]}, {"view_name": words[:200]})),
        my_tickets(mine, T, BERLIN),
        saved_views(shown, T),
    ]


def full_of_words(data: EventData, words: str) -> EventData:
    """The same with hostile words where people write."""
    match data:
        case Said():
            return replace(data, text=words)
        case SampleData():
            return replace(data, said=words)
        case Returned():
            return replace(data, advice=words)
        case Nudged():
            return replace(data, reason=NudgeReason.DEADLINE)
        case _:
            return data


def cards_of_escalation(words: str, state: FormState) -> list[dict]:  # type: ignore[type-arg]
    decided, many = full_of(words, "at_management", Role.AGENT), [Person(f"{i:036}", words) for i in range(300)]
    first, guideline = decided.line, Name(words[:1500], words[:1500])
    decided = replace(decided, line=replace(first, level=4))
    cards = [
        offer_card(full_of(words, "offered_to_management", Role.RECEIVER), T, BERLIN),
        forms.resolve_form(decided, T, state, "n", True, many),
        forms.escalate_form(decided, T, state, "n", [first], guideline, many),
        forms.escalate_form(full_of(words, "late", Role.AGENT), T, state, "n", [first, decided.line], guideline),
        forms.nudge_form(full_of(words, "late", Role.REQUESTER), T, state, "n"),
        forms.notify_manager_form(decided, T, state, "n"),
    ]
    for ticket, ping in PINGS.values():
        people = tuple(replace(each, name=words) for each in ping.then) * 20
        ended_by = ping.ended_by and replace(ping.ended_by, name=words)
        shown = replace(
            ping,
            event=full_of_words(ping.event, words[:1000]),
            asked_by=replace(ping.asked_by, name=words),
            then=people,
            ended_by=ended_by,
        )
        view = full_of(words, ticket, Role.PINGED)
        cards.append(ping_card(view, shown, T, BERLIN))
        assert not INVISIBLE & set(ping_summary(view, shown, T))
        assert "\n" not in ping_summary(view, shown, T)
    for action in PREVENTIONS.values():
        who = Person("p", words)
        shown_action = replace(
            action, text=action.text and words[:1000], owner=who, decided_by=who, done_by=action.done_by and who
        )
        shown_action = replace(shown_action, owners=(who,) * 300 if action.owners else ())
        cards.append(prevention_card(full_of(words, "resolved", Role.PINGED), shown_action, T, BERLIN))
    return cards


def messages_full_of(words: str) -> list[dict]:  # type: ignore[type-arg]
    told = []
    happened = [(code, kind.sample.state, event_of(code, T)) for code, kind in notice_kinds().items()]
    for what, state, event in (*happened, *ALSO_HAPPENED.values()):
        shown = full_of(words, state, Role.AGENT)
        mention = event.mention and replace(event.mention, name=words)
        told_event = replace(
            event,
            actor=shown.requester,
            data=full_of_words(event.data, words[:4000]),
            line=None,
            own_line=None,
            mention=mention,
            files=(),
        )
        message = notice(what, shown, told_event, T, BERLIN)
        if message.card:
            told.append(message.card)
        assert not INVISIBLE & set(message.summary)
        assert "\n" not in message.summary
    return told


@settings(max_examples=25, deadline=None)
@given(WRITTEN)
@example(" ".join(HOSTILE))
def test_what_people_write_stays_text_on_every_card(words: str) -> None:
    for card in cards_full_of(words):
        assert problems(card) == []
        assert not INVISIBLE & set(orjson.loads(orjson.dumps(card).decode()).__str__())


@pytest.mark.parametrize("letter", ["😀", '"', "\\", "\n", "x\n", "Ω", "\u0301", "\U000e0041", "a"])
def test_the_longest_legal_ticket_fits_on_every_card(letter: str) -> None:
    for card in cards_full_of((letter * 4000)[:4000]):
        assert len(orjson.dumps(card)) <= LARGEST_CARD
        assert problems(card) == []


def test_a_text_that_had_to_be_cut_says_so() -> None:
    shown = str(line_card(full_of("😀" * 4000, "returned", Role.AGENT), T, BERLIN))
    assert "…" in shown
    assert T("card.cut") in shown


def test_an_ordinary_long_description_is_shown_whole() -> None:
    words = "Das Programm bricht ab. " * 160
    shown = replace(full_of(words, "new", Role.AGENT), files=NO_FILES, links=())
    assert words.strip() in str(line_card(shown, T, BERLIN))


@pytest.mark.parametrize("written", ["Priya O'Neil-Müller", "नरेन्द्र", "محمد علي", "王小明", "Zoë & Søren (IT)"])
def test_an_honest_name_is_shown_as_it_is(written: str) -> None:
    assert text.name(written) == written


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\u202eecila\u202c", "ecila"),
        ("IT\u200b Admin", "IT Admin"),
        ("A\u200dnna", "Anna"),
        ("  Mara \n\t Klein ", "Mara Klein"),
        ("\u200b\u2060", "?"),
        ("e" + "\u0301" * 9, "e" + "\u0301" * 2),
    ],
)
def test_a_name_that_imitates_another_is_cleaned(written: str, shown: str) -> None:
    assert text.name(written) == shown


@given(st.text(max_size=200))
def test_a_text_without_tricks_is_shown_unchanged(words: str) -> None:
    honest = "".join(
        c for c in words if unicodedata.category(c)[0] in "LNPSZ" and c not in "\u2028\u2029\u1160\u115f\u3164\uffa0<{"
    )
    assert text.plain(honest) == honest


@given(WRITTEN)
def test_cleaning_twice_changes_nothing_more(words: str) -> None:
    assert text.plain(text.plain(words)) == text.plain(words)
    assert text.inert(text.inert(words)) == text.inert(words)
    assert text.name(text.name(words)) == text.name(words)
