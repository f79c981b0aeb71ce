"""The card that tells what happens to a ticket: it fits, whatever there is to tell."""

from dataclasses import replace

import orjson
import pytest

from app.actions.note import Noted
from app.cards.explain import explain_card
from app.cards.parts import LARGEST_CARD
from app.domain.clocks import Clock
from app.domain.explanation import Happened, Rule, StepAhead, Told
from app.domain.people import Person
from app.i18n import Texts
from tests.cards.checking import problems, words
from tests.cards.explanations import AHEAD, ESCALATING, HOUR, explanations
from tests.cards.people import BERLIN, MARA, RAISED

TEXTS = Texts.load()
HOSTILE = "<at>Everyone</at> [x](http://evil) **b** \x1b[2J \u202e{{DATE(2026-01-01T00:00:00Z)}}\n" + "😀" * 4000


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_keeps_every_rule_of_teams_and_of_the_desk(language: str) -> None:
    for name, card in explanations(TEXTS.language(language)).items():
        assert problems(card) == [], name


def test_it_tells_everything_that_comes_and_as_much_of_the_past_as_fits() -> None:
    steps = tuple(StepAhead(RAISED + n * HOUR, Clock.RESOLUTION, n, Told((MARA,)), Rule(n)) for n in range(1, 61))
    noted = tuple(Happened(RAISED + n * HOUR, "ticket.note", MARA, Noted(f"n{n} {HOSTILE}")) for n in range(500))
    card = explain_card(replace(ESCALATING, past=noted, ahead=steps), TEXTS.language("en"), BERLIN)
    read = words(card)
    assert len(orjson.dumps(card)) <= LARGEST_CARD
    assert all(f"(rule {n} of the escalation in the desk file)" in read for n in range(1, 61))
    assert "n499 " in read
    assert "earlier entries" in read
    assert problems(card) == []


def test_names_of_hostile_people_do_not_make_it_too_large() -> None:
    crowd = tuple(Person(str(n), HOSTILE) for n in range(5))
    steps = tuple(replace(each, told=Told(crowd)) for each in AHEAD if isinstance(each, StepAhead)) * 20
    card = explain_card(replace(ESCALATING, ahead=steps), TEXTS.language("de"), BERLIN)
    assert len(orjson.dumps(card)) <= LARGEST_CARD
