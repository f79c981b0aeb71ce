"""What the examples of messages are made of (`app/messages/message.py: Samples`), and the messages themselves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from app.cards.notices import EventView
from app.domain.explanation import Explanation
from app.domain.lists import ListName
from app.domain.people import Person, Role
from app.domain.views import LineView, ListView, TicketView
from app.i18n import Text
from app.messages import registry
from app.messages.message import Reader, Shown
from app.messages.notice import Notice, Told
from tests.cards import listed
from tests.cards.explanations import ESCALATING, in_words_of
from tests.cards.people import (
    ALEX,
    BEN,
    BERLIN,
    DESK_ITSELF,
    JONAS,
    LEA,
    LINES,
    MARA,
    MAX,
    OTHER,
    RAISED,
    VPN,
    Name,
    told,
    view,
)

PEOPLE = {each.id: each for each in (ALEX, BEN, JONAS, LEA, MARA, MAX)} | {"desk": DESK_ITSELF}


class SampleDesk:
    """Everything in one language."""

    at = RAISED
    desk_name = Name("IT-Service", "IT Service")
    categories = (("vpn", VPN), ("other", OTHER))

    def __init__(self, text: Text) -> None:
        self._text = text
        self.words = self.said(
            "Mein VPN bricht seit heute früh ständig ab. Neustart hat nichts gebracht.",
            "My VPN has been dropping all morning. A restart did not help.",
        )

    def said(self, german: str, english: str) -> str:
        return german if self._text.language == "de" else english

    def ticket(self, state: str, role: Role) -> TicketView:
        return told(view(state, role), self._text.language)

    def person(self, id: str) -> Person:
        return PEOPLE[id]

    def line(self, id: str) -> LineView:
        return LINES[id]

    def page(self, name: ListName) -> ListView:
        shown = listed.sample_page(name)
        return replace(shown, rows=told(shown.rows, self._text.language))

    def explanation(self) -> Explanation:
        return in_words_of(ESCALATING, self._text)


def examples(t: Text) -> dict[str, dict[str, Any]]:
    """Every kind's example by the name of its golden file."""
    found = {}
    for kind in registry.kinds().values():
        example = kind.in_gallery(SampleDesk(t))
        assert example.name not in found, example.name
        reader = Reader(t, BERLIN, None if example.in_public else "alex")
        found[example.name] = drawn(example.message.show(example.view, reader))
    return found


def drawn(shown: Shown) -> dict[str, Any]:
    """The card or the plain text, with its summary."""
    return shown.card or {"text": shown.text, "summary": shown.summary}


def notice_kinds() -> Mapping[str, type[Notice]]:
    """The notices by their codes."""
    return {code: kind for code, kind in registry.kinds().items() if issubclass(kind, Notice)}


def event_of(code: str, t: Text) -> EventView:
    """What the notice's example tells of."""
    return notice_kinds()[code].in_gallery(SampleDesk(t)).view.event


def notice(
    code: str, view: TicketView, event: EventView, t: Text, zone: tzinfo = BERLIN, *, in_chat: bool = False
) -> Shown:
    """The notice of this kind; what belongs into a thread is shown there, unless it is told `in_chat`."""
    return notice_kinds()[code]().show(Told(view, event), Reader(t, zone, "alex" if in_chat else None))
