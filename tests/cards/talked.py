"""The cards of a conversation: what is offered for words said freely, small talk, files and what belongs together."""

from dataclasses import replace

from app.cards.conversation import free_text_card, greeting_card, thanks_card, told_card, which_card, withdrawn_card
from app.cards.files import earlier_files_card, file_card
from app.cards.line import line_card
from app.cards.parts import Card
from app.cards.requester import living_card
from app.domain.article import Article
from app.domain.files import Attachment
from app.domain.people import Role
from app.domain.views import Files, FileView, FreeTextView, LinkView, OwnTicket, TicketView
from app.i18n import Text
from tests.cards.people import BERLIN, RAISED, told, view

WORDS = {
    "de": "Mein VPN bricht seit heute früh ständig ab. Neustart hat nichts gebracht.",
    "en": "My VPN has been dropping all morning. A restart did not help.",
}
TITLES = {"de": ("VPN bricht ab", "Drucker im 3. Stock klemmt"), "en": ("VPN drops", "Printer on 3rd floor jams")}
SCREENSHOT = {"de": "Bildschirmfoto", "en": "Screenshot"}
ADDRESS = "https://desk.example.com/files/abc.def"


def talked(t: Text, article: Article) -> dict[str, Card]:
    words, (first, second) = WORDS[t.language], TITLES[t.language]
    waiting = OwnTicket(1042, "INC-1042", first, 3, waits_for_requester=True)
    waiting_no_more = OwnTicket(1042, "INC-1042", first, 4)
    closed = OwnTicket(1017, "INC-1017", first, 6, is_closed=True)
    tickets = (waiting, OwnTicket(1031, "REQ-1031", second, 1))
    shown, worked = (told(view("in_progress", role), t.language) for role in (Role.AGENT, Role.REQUESTER))
    picture = _files(t)[0]
    kept = Attachment(picture.id, picture.name, "image/png", picture.size, "0" * 64, "alex", RAISED)
    with_all = _with_files(replace(shown, links=_links(t)), t)
    return {
        "talk/free_text": free_text_card(FreeTextView("k3y", words, False, (article,), tickets), t, BERLIN),
        "talk/free_text_ended": free_text_card(
            FreeTextView("k3y", words, tickets=tickets[1:], ended=(waiting_no_more, closed)), t, BERLIN
        ),
        "talk/free_text_alone": free_text_card(FreeTextView("k3y", f"{words} " * 60, True), t, BERLIN),
        "talk/free_text_lost": free_text_card(
            FreeTextView("k3y", f"{words} " * 60, False, (article,), tickets, is_lost=True), t, BERLIN
        ),
        "talk/greeting": greeting_card(t, "Alex Wilber"),
        "talk/thanks": thanks_card(t, []),
        "talk/thanks_resolved": thanks_card(t, [waiting]),
        "talk/which": which_card(shown, words, "k3y", t),
        "talk/told_reply": told_card(t, "ticket.reply"),
        "talk/told_note": told_card(t, "ticket.note"),
        "talk/withdrawn": withdrawn_card(t),
        "file/link": file_card(kept, ADDRESS, 1042, t),
        "line/with_files_and_links": line_card(with_all, t, BERLIN),
        "file/earlier": earlier_files_card(shown, Files(_many(t), 3), t),
        "line/with_many_files": line_card(replace(shown, files=Files(_many(t), 13)), t, BERLIN),
        "living/with_files": living_card(_with_files(worked, t), t, BERLIN),
        "living/with_earlier_files": living_card(_with_files(worked, t, earlier=1), t, BERLIN),
    }


def _with_files(shown: TicketView, t: Text, earlier: int = 0) -> TicketView:
    return replace(shown, files=Files(_files(t), earlier))


def _files(t: Text) -> tuple[FileView, ...]:
    picture = FileView("a" * 32, f"{SCREENSHOT[t.language]} 2026-11-23.png", 482_133)
    return picture, FileView("b" * 32, "vpn.log", 9_400_000)


def _many(t: Text) -> tuple[FileView, ...]:
    """As many files as a card lists."""
    pictures = [FileView(f"{n:032}", f"{SCREENSHOT[t.language]} {n}.png", 301_000 + n * 20_480) for n in range(4, 12)]
    return (*pictures, *_files(t))


def _links(t: Text) -> tuple[LinkView, ...]:
    first, second = TITLES[t.language]
    return (
        LinkView(1031, "REQ-1031", second, "in_progress", "child_of"),
        LinkView(1040, "INC-1040", first, "closed", "duplicate_of_this"),
        LinkView(998, "INC-998", "", "closed", "follows"),
    )
