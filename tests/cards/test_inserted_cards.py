"""What everybody in a chat sees of a ticket that somebody put there."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.cards.extension import inserted_card, preview
from app.cards.line import line_card
from app.domain.people import Role
from app.domain.ticket import MESSAGE_AUTHOR, MESSAGE_LINK, FieldValue
from app.domain.views import FormState, Row
from app.i18n import Text, Texts
from tests.cards.checking import actions, problems, words
from tests.cards.gallery import CATEGORIES, FIELDS
from tests.cards.listed import ROWS
from tests.cards.people import BERLIN, RAISED, TICKETS, view_of
from tests.cards.test_hostile_text import HOSTILE
from tests.cards.verb_forms import ticket_dialog

T, ENGLISH = Texts.load().language("de"), Texts.load().language("en")
OPEN, CONFIDENTIAL = ROWS[0], ROWS[3]


def inserted(row: Row) -> dict[str, Any]:
    return inserted_card(row, T, BERLIN, at=RAISED + timedelta(hours=2))


def test_a_confidential_ticket_is_its_number_and_a_button() -> None:
    assert words(inserted(CONFIDENTIAL)).split("\n") == [
        "INC-1024",
        "⊘ Vertraulich",
        "Öffnen lässt es sich nur mit Berechtigung.",
        "Öffnen",
    ]
    assert inserted(CONFIDENTIAL)["fallbackText"] == "INC-1024"
    assert preview(CONFIDENTIAL, T) == {"title": "INC-1024", "text": "Vertraulich"}
    everything_else = replace(CONFIDENTIAL, title="x", status="closed", requester="y", assignee="z", priority="P1")
    assert inserted(everything_else) == inserted(CONFIDENTIAL)


def test_a_card_says_when_it_was_true() -> None:
    assert "Stand Mo 23.11. 11:12" in words(inserted(OPEN))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_title_holds_is_shown_as_text(hostile: str) -> None:
    row = replace(OPEN, title=hostile, assignee=hostile)
    assert problems(inserted(row)) == []
    shown = preview(row, T)
    assert not [mark for mark in ("<", "](", "**", "://") for text in shown.values() if mark in text]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_message_said_its_dialog_is_a_proper_form(hostile: str) -> None:
    state = FormState({"title": hostile, "description": hostile * 20, "category": hostile}, {})
    made = ticket_dialog(T, categories=CATEGORIES, fields=FIELDS, state=state, data={"form": "f"}, more_fields=True)
    assert problems(made, dialog=True) == []


@pytest.mark.parametrize(
    ("t", "stated"), [(T, "Olo (laut Alex Wilber)"), (ENGLISH, "Olo (as Alex Wilber states)")], ids=["de", "en"]
)
def test_the_line_reads_who_wrote_the_message_as_what_the_requester_states(t: Text, stated: str) -> None:
    origin = (FieldValue(MESSAGE_AUTHOR, {}, "Olo"),)
    made = line_card(view_of(replace(TICKETS["new"], fields=origin), Role.AGENT), t, BERLIN)
    assert stated in words(made)


def test_the_line_reads_who_wrote_the_message_and_can_go_there() -> None:
    link = "https://teams.microsoft.com/l/message/19:c@thread.v2/1616990032035"
    origin = (
        FieldValue(MESSAGE_AUTHOR, {"de": "Nachricht von"}, "Olo"),
        FieldValue(MESSAGE_LINK, {"de": "Nachricht"}, link),
    )
    made = line_card(view_of(replace(TICKETS["new"], fields=origin), Role.AGENT), T, BERLIN)
    assert problems(made) == []
    assert "Olo" in words(made)
    assert link not in words(made)
    assert [action["url"] for action in actions(made) if action.get("url") == link] == [link]
