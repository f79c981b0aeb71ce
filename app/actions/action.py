"""What a verb is. A module of this folder defines one by a subclass of `Action` and registers it (`registry.py`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from microsoft_teams.cards.core import CardElement

from app.actions.fields import FormPart, Problems
from app.cards import text
from app.desk.model import Desk
from app.domain.events import NO_DATA, EventData
from app.domain.people import Actor, Availability, Person, Role
from app.domain.ticket import Status, Ticket
from app.domain.views import Similar, TicketView
from app.i18n import Text
from app.services.unit_of_work import Happened, UnitOfWork
from app.store.outbox import Draft


class Inputs(Protocol):
    """What somebody asks for by a verb: a frozen value, checked and typed."""

    @property
    def verb(self) -> str:
        """The code of the verb."""


I = TypeVar("I", bound=Inputs)  # noqa: E741 - one letter, as type variables have


class Choosable(StrEnum):
    """Whom a form lets choose from; only Teams' rosters know who they are."""

    LINE_AGENTS = "line_agents"
    ANSWERABLE = "answerable"
    """Who may take care of what management decided."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a form is drawn and read by: the ticket as it is, the reader's `today`, and what was looked up for it."""

    desk: Desk
    view: TicketView
    today: date
    people: Sequence[Person] = ()
    availability: Mapping[str, Availability | date] = field(default_factory=dict)
    similar: Sequence[Similar] = ()

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is."""
        return self.view.ticket


@dataclass(frozen=True, slots=True)
class Act:
    """By whom and when something is done, and how long what ended can be reopened."""

    by: str
    at: datetime
    reopen_for: timedelta


class Outcome(NamedTuple):
    """The ticket afterwards, and what a reader of its history needs to know besides what changed on it."""

    ticket: Ticket
    data: EventData = NO_DATA


@dataclass(frozen=True, slots=True)
class PingRequest:
    """Whom a change has pinged (roles or ids, as the desk file's `tell`), and for which cause."""

    cause: str
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a verb's button stands on the card of its role: the lower `rank` first, `more` behind the other buttons.

    Its title is the catalogue's `action.<name>` unless `title_key` names another.
    """

    rank: int
    more: bool = False
    title_key: str | None = None


class Action(Generic[I]):
    """One verb: who may do it and when, what is asked, what it changes, who hears of it, where its button stands."""

    code: ClassVar[str]
    roles: ClassVar[frozenset[Role]]
    statuses: ClassVar[frozenset[Status]]
    during_offer: ClassVar[bool] = True
    """Whether it stays possible while a hand-over is open."""
    inputs: ClassVar[type[Any]]
    event: ClassVar[type[EventData]] = EventData
    """The class of its events' data: what its history is read back to."""
    button: ClassVar[Placement]
    adds_text: ClassVar[bool] = False
    """Whether it only adds to the conversation: a card of an older version is no obstacle, the version stays."""
    keeps_version: ClassVar[bool] = False
    words_field: ClassVar[str | None] = None
    """The input that holds what somebody wants to say, so that a button can stand for words said before."""
    asks_first: ClassVar[bool] = False
    """Whether it has a form although nothing is asked: one tap to be sure."""
    static_fields: ClassVar[Sequence[FormPart] | None] = None
    """The fields where they are the same for every ticket: what was sent is read without looking at one."""
    acts_at_once: ClassVar[bool] = False
    """Whether its button needs no form; its form asks only for what was wrong or is missing."""
    chooses: ClassVar[Choosable | None] = None
    shows_availability: ClassVar[bool] = False
    shows_similar: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The code without what stands before the dot, as the catalogue's keys have it."""
        return self.code.partition(".")[2]

    @property
    def title_key(self) -> str:
        """The catalogue's key of the button's title."""
        return self.button.title_key or f"action.{self.name}"

    @property
    def has_form(self) -> bool:
        """Whether cards may ask for its form."""
        return self.asks_first or bool(self.static_fields) or type(self).fields is not Action.fields

    def text_keys(self) -> list[str]:
        """The catalogue's keys it needs, as far as they are the same for every ticket."""
        keys = [self.title_key, f"explain.event.{self.code}"]
        if type(self).form_title is Action.form_title and self.has_form and not self.acts_at_once:
            keys.append(f"form.{self.name}.title")
        return keys + [key for part in self.static_fields or () for key in part.text_keys(self.name)]

    def placement(self, role: Role) -> Placement:
        """Where its button stands on the card of this role."""
        return self.button

    # --- when

    def is_possible(self, ticket: Ticket) -> bool:
        """Whether the ticket's state allows it, beyond status and offer."""
        return True

    def may_repeat(self, ticket: Ticket) -> bool:
        """Whether it may be asked for although it is not offered (any more); `apply` judges it then."""
        return False

    def button_title_key(self, ticket: Ticket) -> str:
        """The title of its button on this ticket's card."""
        return self.title_key

    def carries_inputs(self, ticket: Ticket) -> bool:
        """Whether what is asked stands on the card itself, so that its button needs no form."""
        return False

    def fields_on_card(self, ticket: Ticket) -> Sequence[FormPart]:
        """The fields that stand on the card then."""
        return ()

    # --- what is asked

    def fields(self, at: Circumstances) -> Sequence[FormPart]:
        """The fields of the form, in their order."""
        return self.static_fields or ()

    def chooses_for(self, at: Circumstances) -> Choosable | None:
        """Whom the form lets choose from with this ticket."""
        return self.chooses

    def make(self, values: Mapping[str, Any], at: Circumstances | None) -> I:
        """The typed request from the values of the fields that were filled in; `at` is None for static fields."""
        made: I = self.inputs(**values)
        return made

    def check(self, inputs: I, at: Circumstances) -> Problems:
        """What is wrong with the inputs together."""
        return {}

    # --- how the form looks

    def form_title(self, view: TicketView, t: Text) -> str:
        """The form's heading."""
        return t(f"form.{self.name}.title")

    def above_form(self, view: TicketView, t: Text, room: int, at: Circumstances) -> Iterable[CardElement]:
        """What stands between heading and inputs."""
        return ()

    def submit_title(self, t: Text) -> str:
        """The button that sends the form."""
        return t(self.title_key)

    def cancel_title(self, t: Text) -> str:
        """The button that leads back."""
        return t("action.cancel")

    # --- what it does

    def complete(self, work: UnitOfWork, actor: Actor, ticket: Ticket, inputs: I) -> I:
        """The inputs with what the desk knows and nobody typed; raise a `DomainError` for what cannot be."""
        return inputs

    def apply(self, ticket: Ticket, inputs: I, act: Act) -> Outcome:
        """The ticket afterwards; a pure function. Whether it is legal was checked before."""
        raise NotImplementedError

    # --- who hears

    def messages(self, change: Happened) -> Iterable[Draft]:
        """The messages it causes, in the order they leave. Nobody is told about their own action."""
        raise NotImplementedError

    def ping(self, change: Happened) -> PingRequest | None:
        """Whom it has pinged."""
        return None


def requester_name(view: TicketView) -> str:
    """The requester's name as cards may show it."""
    return text.name(view.requester.name)
