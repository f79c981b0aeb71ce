"""Every card there is, by name, in one language: what the golden files hold and the pictures show."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.cards import admin, articles, extension, talk
from app.cards.line import confidential_card, line_card, moved_card, offer_card, read_card
from app.cards.notices import EventView, in_place
from app.cards.parts import card
from app.cards.ping import ping_card
from app.cards.prevention import prevention_card
from app.cards.requester import living_card
from app.domain.article import Article, Audience, Source
from app.domain.clocks import Clock
from app.domain.desk_events import ClockFired, PromiseMissed
from app.domain.people import Availability, Person, Role
from app.domain.views import (
    EMPTY_FORM,
    Choice,
    Delivery,
    FieldView,
    FormState,
    LinkView,
    PassedOver,
    TicketView,
)
from app.i18n import Text
from app.screens.living import inputs_on_card
from tests.cards import listed
from tests.cards import verb_forms as forms
from tests.cards.bound import bindings
from tests.cards.explanations import explanations
from tests.cards.people import (
    BEN,
    BERLIN,
    CLOCKS,
    DESK_ITSELF,
    FIRST,
    GUIDELINE,
    JONAS,
    LEA,
    MANAGEMENT,
    MARA,
    MAX,
    NETWORK,
    OTHER,
    RAISED,
    TICKETS,
    VPN,
    Name,
    told,
    view,
    view_of,
)
from tests.cards.pings import PINGS, PREVENTIONS
from tests.cards.samples import drawn, event_of, examples, notice
from tests.cards.talked import talked

Card = dict[str, Any]

DESK = Name("IT-Service", "IT Service")
CATEGORIES = [("vpn", VPN), ("other", OTHER)]
FIELDS = [
    FieldView("device", Name("Gerät", "Device"), "text", required=True),
    FieldView("since", Name("Seit wann?", "Since when?"), "date"),
    FieldView("office", Name("Auch im Büro?", "In the office too?"), "yes_no"),
    FieldView(
        "client",
        Name("Client", "Client"),
        "choice",
        (Choice("v5", Name("Version 5", "Version 5")), Choice("v4", Name("Version 4", "Version 4"))),
    ),
]
NONCE = "n0nce"
THERE = {MARA.id: Availability.AVAILABLE, BEN.id: date(2026, 12, 24), JONAS.id: Availability.IN_CALL}
ELSEWHERE = dict(
    zip(
        (MARA.id, BEN.id, JONAS.id, LEA.id, MAX.id),
        (
            *(Availability.BUSY, Availability.DO_NOT_DISTURB, Availability.AWAY),
            *(Availability.OFFLINE, Availability.OUT_OF_OFFICE),
        ),
        strict=True,
    )
)


def gallery(t: Text) -> Mapping[str, Card]:
    """All cards, the examples of messages among them; the names are the golden files' names.

    Raise `ValueError` if two different ones have the same.
    """
    parts = (living, channel, pings, all_forms, all_lists, inserted, conversation, notices, all_articles, explanations)
    shown = examples(t)
    for part in parts:
        made = part(t)
        if twice := [name for name in shown.keys() & made.keys() if shown[name] != made[name]]:
            raise ValueError(f"two cards are named {sorted(twice)}")
        shown.update(made)
    return shown


def seen(state: str, role: Role, t: Text) -> TicketView:
    """The ticket in this state for a reader in the role, told in their language."""
    return told(view(state, role), t.language)


def living(t: Text) -> dict[str, Card]:
    shown = {f"living/{state}": living_card(seen(state, Role.REQUESTER, t), t, BERLIN) for state in TICKETS}
    just_rated = living_card(seen("rated", Role.REQUESTER, t), t, BERLIN, may_rate_again=True)
    return {**shown, "living/just_rated": just_rated}


def channel(t: Text) -> dict[str, Card]:
    cards = {f"line/{state}": line_card(seen(state, Role.AGENT, t), t, BERLIN) for state in TICKETS}
    confidential = replace(TICKETS["in_progress"], confidential=True)
    returned, by_policy = seen("returned", Role.RECEIVER, t), seen("offered_by_policy", Role.RECEIVER, t)
    return {
        **cards,
        **{f"line/clocks_{name}": line_card(told(each, t.language), t, BERLIN) for name, each in CLOCKS.items()},
        "line/with_children": line_card(replace(seen("in_progress", Role.AGENT, t), links=CHILDREN), t, BERLIN),
        "offer/management": offer_card(seen("offered_to_management", Role.RECEIVER, t), t, BERLIN),
        "offer/by_policy": offer_card(by_policy, t, BERLIN, inputs_on_card(by_policy, t)),
        "offer/receiver": offer_card(seen("offered", Role.RECEIVER, t), t, BERLIN),
        "line/asked": read_card(seen("offered", Role.AGENT, t), t, BERLIN),
        "moved/accepted": moved_card(seen("accepted", Role.AGENT, t), t, BERLIN, FIRST),
        "moved/returned": moved_card(returned, t, BERLIN, NETWORK),
        "moved/resolved": moved_card(seen("resolved", Role.AGENT, t), t, BERLIN, NETWORK),
        "moved/withdrawn": moved_card(seen("withdrawn", Role.AGENT, t), t, BERLIN, NETWORK),
        "moved/confidential": moved_card(
            told(view_of(replace(TICKETS["accepted"], confidential=True), Role.AGENT), t.language), t, BERLIN, FIRST
        ),
        "line/confidential": confidential_card(told(view_of(confidential, Role.AGENT), t.language), t, BERLIN),
    }


CHILDREN = tuple(
    LinkView(1043 + each, f"INC-{1043 + each}", "", "new" if each % 2 else "resolved", "child_of_this")
    for each in range(25)
)


def pings(t: Text) -> dict[str, Card]:
    cards = {
        f"ping/{name}": ping_card(seen(state, Role.PINGED, t), told(ping, t.language), t, BERLIN)
        for name, (state, ping) in PINGS.items()
    } | {
        f"ping/hidden_{name}": ping_card(seen(state, Role.PINGED, t), told(ping, t.language), t, BERLIN, is_hidden=True)
        for name, (state, ping) in PINGS.items()
        if name in ("reminded", "acknowledged", "exhausted")
    }
    shown = seen("resolved", Role.PINGED, t)
    done = {name: prevention_card(shown, told(each, t.language), t, BERLIN) for name, each in PREVENTIONS.items()}
    owed = told(PREVENTIONS["owed"], t.language)
    wrong = prevention_card(shown, owed, t, BERLIN, refused(("prevention", "prevention_owner", "prevention_due"), t))
    return {**cards, **{f"prevention/{name}": card for name, card in {**done, "owed_problems": wrong}.items()}}


def all_forms(t: Text) -> dict[str, Card]:
    agent, requester = seen("in_progress", Role.AGENT, t), seen("in_progress", Role.REQUESTER, t)
    ticket_form = lambda state, fields: forms.ticket_form(  # noqa: E731
        t, categories=CATEGORIES, fields=fields, state=state, nonce=NONCE, more_fields=not fields
    )
    colleagues: list[Person] = [MARA, BEN, JONAS]
    owners, late = [MAX, LEA], seen("late", Role.REQUESTER, t)
    changed = replace(requester, ticket=replace(requester.ticket, impact_changed=True))
    decided = seen("at_management", Role.AGENT, t)
    to_management, out_of_it = ("gravity", "business_impact"), ("prevention", "prevention_owner", "prevention_due")
    made: dict[str, tuple[Callable[[FormState], Card], tuple[str, ...]]] = {
        "ticket": (lambda s: ticket_form(s, []), ("title", "description", "category")),
        "ticket_fields": (lambda s: ticket_form(s, FIELDS), ("title", "device", "since")),
        "reply": (lambda s: forms.reply_form(agent, t, s, NONCE), ("text",)),
        "note": (lambda s: forms.note_form(agent, t, s, NONCE), ("text",)),
        "pend": (lambda s: forms.pend_form(agent, t, s, NONCE), ("text", "until")),
        "assign": (lambda s: forms.assign_form(agent, t, s, NONCE, colleagues), ("assignee",)),
        "assign_absent": (lambda s: forms.assign_form(agent, t, s, NONCE, colleagues, THERE), ()),
        "assign_elsewhere": (lambda s: forms.assign_form(agent, t, s, NONCE, [*colleagues, *owners], ELSEWHERE), ()),
        "classify": (lambda s: forms.classify_form(agent, t, s, NONCE, CATEGORIES), ("category",)),
        "escalate": (lambda s: forms.escalate_form(agent, t, s, NONCE, [NETWORK], GUIDELINE), ("tried", "needed")),
        "escalate_to_management": (
            lambda s: forms.escalate_form(agent, t, s, NONCE, [NETWORK, MANAGEMENT], GUIDELINE),
            to_management,
        ),
        "escalate_only_to_management": (
            lambda s: forms.escalate_form(agent, t, s, NONCE, [MANAGEMENT], None),
            to_management,
        ),
        "escalate_from_management": (
            lambda s: forms.escalate_form(decided, t, s, NONCE, [FIRST, NETWORK], None, owners),
            out_of_it,
        ),
        "resolve_management": (lambda s: forms.resolve_form(decided, t, s, NONCE, True, owners), out_of_it),
        "nudge": (lambda s: forms.nudge_form(changed, t, s, NONCE), ("reason",)),
        "nudge_promise_missed": (lambda s: forms.nudge_form(late, t, s, NONCE), ("reason",)),
        "notify_manager": (lambda s: forms.notify_manager_form(agent, t, s, NONCE), ("reason",)),
        "resolve": (lambda s: forms.resolve_form(agent, t, s, NONCE, False), ("resolution",)),
        "resolve_second_line": (lambda s: forms.resolve_form(agent, t, s, NONCE, True), ("first_line_could",)),
        "link": (lambda s: forms.link_form(agent, t, s, NONCE), ("other", "relation")),
        "link_management": (lambda s: forms.link_form(decided, t, s, NONCE, owners), out_of_it),
        "accept": (
            lambda s: forms.accept_form(seen("offered_by_policy", Role.RECEIVER, t), t, s, NONCE),
            ("business_impact",),
        ),
        "return": (lambda s: forms.return_form(seen("offered", Role.RECEIVER, t), t, s, NONCE), ("reason",)),
        "reopen": (lambda s: forms.reopen_form(seen("resolved", Role.REQUESTER, t), t, s, NONCE), ("reason",)),
        "comment": (lambda s: forms.comment_form(requester, t, s, NONCE), ("text",)),
        "edit": (lambda s: forms.edit_form(requester, t, s, NONCE), ("title",)),
        "rate": (lambda s: forms.rate_form(seen("closed", Role.REQUESTER, t), t, s, NONCE), ("rating",)),
        "withdraw": (lambda s: forms.withdraw_form(requester, t, s, NONCE), ()),
    }
    cards = {}
    for name, (form, ids) in made.items():
        cards[f"form/{name}"] = form(EMPTY_FORM)
        if ids:
            cards[f"form/{name}_problems"] = form(refused(ids, t))
    return cards


def refused(ids: tuple[str, ...], t: Text) -> FormState:
    """What a form shows again when these inputs were wrong."""
    typed = {"title": "VPN", "text": "Angefangen …", "tried": "Neustart", "category": "vpn", "until": "2026-11-20"}
    return FormState(
        typed={id: told(value, t.language) for id, value in typed.items()},
        problems={id: t("form.required") for id in ids},
    )


def all_lists(t: Text) -> dict[str, Card]:
    stuck = (
        Delivery(7, "INC-1042", "Alex Wilber", "living", "dead", "blocked", 1, RAISED, RAISED),
        Delivery(9, None, "#network", "something", "pending", "http_502", 4, RAISED, RAISED),
    )
    return {
        **listed.all_lists(t),
        "admin/deliveries": admin.deliveries(stuck, t, BERLIN),
        "admin/many": admin.deliveries([replace(stuck[0], id=id) for id in range(1, 14)], t, BERLIN),
        **bindings(t),
        "admin/empty": admin.deliveries((), t, BERLIN),
        "admin/absent": admin.deliveries(stuck[:1], t, BERLIN, absent=[PassedOver("INC-1042", (LEA, MAX), RAISED)]),
        "admin/confidential": admin.deliveries(
            [replace(stuck[0], number=None, recipient="", is_confidential=True), stuck[0]], t, BERLIN
        ),
        "admin/only_absent": admin.deliveries((), t, BERLIN, absent=[PassedOver("INC-1042", (LEA,), RAISED)]),
    }


CHAT_WITH_BOT = "https://teams.microsoft.com/l/chat/0/0?users=28:00000000-0000-0000-0000-000000000001&message=INC-1021"


def inserted(t: Text) -> dict[str, Card]:
    """What the message extension puts into any chat, and its dialog."""
    rows = told(listed.ROWS, t.language)
    at = RAISED + timedelta(hours=2)
    from_message = FormState({"title": told("VPN", t.language), "description": told("Neustart", t.language)}, {})
    origin = {"form": NONCE, "origin": {"author": "Alex Wilber", "link": "https://teams.microsoft.com/l/message/1/2"}}
    dialog = lambda state, fields: forms.ticket_dialog(  # noqa: E731
        t, categories=CATEGORIES, fields=fields, state=state, data=origin, more_fields=not fields
    )
    return {
        "extension/ticket": extension.inserted_card(rows[0], t, BERLIN, at=at),
        "extension/nobody": extension.inserted_card(rows[1], t, BERLIN, at=at),
        "extension/confidential": extension.inserted_card(rows[3], t, BERLIN, at=at),
        "extension/unfolded": extension.unfolded_card(rows[0], t, BERLIN, at=at, link=CHAT_WITH_BOT),
        "extension/dialog": dialog(from_message, []),
        "extension/dialog_problems": dialog(refused(("title", "device"), t), FIELDS),
    }


GUIDE_TITLE = Name("VPN verbinden und Abbrüche beheben", "Connect the VPN and fix dropped connections")
GUIDE_BODY = Name(
    "Mit dem VPN sind *Laufwerke* auch zu Hause erreichbar. Im Büro bleibt es aus.\n\n"
    "1. Auf **Verbinden** klicken.\n2. Die Anfrage auf dem [Telefon](https://aka.ms/mfasetup) bestätigen.\n\n"
    "## Die Verbindung bricht ab\n\n- `vpn --reset` ausführen\n  - als [Admin](http://intern)\n- neu starten\n",
    "The VPN makes *drives* available at home. In the office it stays off.\n\n"
    "1. Click **Connect**.\n2. Approve the request on your [phone](https://aka.ms/mfasetup).\n\n"
    "## The connection drops\n\n- run `vpn --reset`\n  - as [admin](http://internal)\n- restart\n",
)


def guide(language: str) -> Article:
    return Article(
        id=7,
        name="vpn",
        language=language,
        title=GUIDE_TITLE.text(language),
        audience=Audience.EVERYONE,
        body=GUIDE_BODY.text(language),
        tags=(),
        source=Source.FOLDER,
        draft=False,
        ticket=None,
        author=None,
        created_at=RAISED,
        updated_at=RAISED,
    )


def all_articles(t: Text) -> dict[str, Card]:
    vpn = guide(t.language)
    draft = replace(vpn, name="inc-1042", ticket=1042, source=Source.TEAMS, draft=True, audience=Audience.AGENTS)
    several = [vpn, replace(vpn, id=8, body=""), replace(vpn, id=9), replace(vpn, id=10)]
    return {
        "article/whole": articles.article_card(vpn, t, BERLIN),
        "article/draft": articles.article_card(draft, t, may_edit=True),
        "article/form": articles.article_form(draft, t, EMPTY_FORM),
        "article/form_wrong": articles.article_form(
            draft, t, FormState({"title": "", "body": "x"}, {"title": t("error.input.required")})
        ),
        "article/helped": articles.answered_card(vpn, t, helped=True),
        "article/not_helped": articles.answered_card(vpn, t, helped=False),
        "article/offered": card(articles.offered(several, t), fallback=vpn.title),
    }


def conversation(t: Text) -> dict[str, Card]:
    return {
        "talk/welcome": talk.welcome(t, DESK),
        "talk/team_welcome": talk.team_welcome(t, DESK, [FIRST, NETWORK]),
        "talk/help": talk.help_card(t, in_channel=False, is_agent=False),
        "talk/help_agent": talk.help_card(t, in_channel=False, is_agent=True),
        "talk/help_channel": talk.help_card(t, in_channel=True, is_agent=True),
        "talk/raised": talk.raised(seen("new", Role.REQUESTER, t), t, BERLIN),
        "talk/language": talk.language_card(t, [("de", "Deutsch"), ("en", "English")]),
        **talked(t, guide(t.language)),
    }


_MISSED_END = PromiseMissed(Clock.RESOLUTION, RAISED + timedelta(hours=8), 1)
_OVERDUE = ClockFired(clock=Clock.FIRST_RESPONSE, percent=100, due=RAISED + timedelta(hours=1), line="first")
ALSO_HAPPENED: Mapping[str, tuple[str, str, EventView]] = {
    "promise_missed_resolution": ("promise_missed", "late", EventView(DESK_ITSELF, RAISED, _MISSED_END)),
    "thread_clock_overdue": ("thread_clock", "new", EventView(DESK_ITSELF, RAISED, _OVERDUE, mention=LEA)),
}
"""Further wordings of a message, by the golden file's name: what it is, the ticket's state, the event."""


def notices(t: Text) -> dict[str, Card]:
    """Messages: the card or the plain text, with its summary."""
    further = {
        f"notice/{name}": drawn(notice(code, notice_view(code, state, t), told(event, t.language), t))
        for name, (code, state, event) in ALSO_HAPPENED.items()
    }
    view = notice_view("thread_clock", "in_progress", t)
    in_chat = drawn(notice("thread_clock", view, event_of("thread_clock", t), t, in_chat=True))
    taken_back = in_place(t("notice.taken_back", name=MARA.name))
    return {**further, "notice/thread_clock_in_chat": in_chat, "notice/taken_back": taken_back}


def notice_view(code: str, state: str, t: Text) -> TicketView:
    return seen(state, Role.AGENT if code.startswith("thread") else Role.REQUESTER, t)
