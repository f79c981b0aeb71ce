"""A click on a card, and the two ways to answer one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from app.bot.directory.rosters import Instead
from app.bot.edge.turns import Spoken
from app.cards.parts import Card
from app.desk.model import Desk
from app.domain.errors import InvalidInput, NotFound
from app.domain.people import Actor
from app.domain.views import FormState
from app.i18n import Text
from app.screens.living import card_at
from app.services import views
from app.services.access import line_shown
from app.services.tickets import Shown, Turn

CARD = "application/vnd.microsoft.card.adaptive"
SENTENCE = "application/vnd.microsoft.activity.message"
_MAX_ID = 10**15
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Click:
    """One click: who, where, what the card said (`of_desk`) and what was typed (`inputs`).

    `instead` says why the clicker may be an agent of fewer lines than they think: a refusal may be owed to that alone.
    """

    verb: str
    said: Spoken
    turn: Turn
    t: Text
    zone: tzinfo
    of_desk: Mapping[str, Any]
    inputs: Mapping[str, Any]
    instead: Instead | None = None

    @property
    def actor(self) -> Actor:
        """Who clicked."""
        return self.turn.actor

    @property
    def ticket(self) -> int:
        """The ticket the card named; raise `NotFound` for anything that is not a ticket's id."""
        named = self.of_desk.get("ticket")
        if isinstance(named, str):
            named = named.rpartition("-")[2]
            named = int(named) if named.isdecimal() and len(named) < 16 else None
        if not isinstance(named, int) or isinstance(named, bool) or not 0 < named < _MAX_ID:
            raise NotFound
        return named

    @property
    def version(self) -> int | None:
        """The version the card showed, where it says one."""
        version = self.of_desk.get("version")
        return version if isinstance(version, int) and not isinstance(version, bool) else None

    @property
    def draft(self) -> str:
        """What names the words that were said before the click, which it is about; empty where there are none."""
        named = self.of_desk.get("draft")
        return named if isinstance(named, str) and len(named) <= _LONGEST_NAME else ""

    @property
    def typed(self) -> dict[str, str]:
        """The inputs as text, to be shown again."""
        return {name: str(value) for name, value in self.inputs.items() if isinstance(value, str | int | float)}


Answer = dict[str, Any]
Answering = Callable[[Click], Awaitable[Answer]]


def card_answer(card: Card) -> Answer:
    """The clicker sees this card in the place of the one they clicked."""
    return {"statusCode": 200, "type": CARD, "value": card}


def sentence_answer(words: str) -> Answer:
    """The clicker reads this sentence."""
    return {"statusCode": 200, "type": SENTENCE, "value": words}


def ticket_answer(desk: Desk, click: Click, shown: Shown) -> Answer:
    """The clicker sees the ticket as its card shows it in this place."""
    here = line_shown(shown.slot, shown.view.ticket)
    named = views.line_view(desk, here) if here else None
    return card_answer(card_at(shown.view, click.t, click.zone, named, in_public=False, now=click.turn.now))


def wrong_inputs(click: Click, wrong: InvalidInput) -> FormState:
    """What a form shows again: everything that was typed, and what was wrong with it."""
    problems = {name: click.t(key, **values) for name, (key, values) in wrong.problems.items()}
    return FormState(click.typed, problems)


def id_in(of_desk: Mapping[str, Any], name: str) -> int:
    """What a button says it is about; raise `NotFound` for anything that is no id."""
    named = of_desk.get(name)
    if not isinstance(named, int) or isinstance(named, bool) or not 0 < named < _MAX_ID:
        raise NotFound
    return named
