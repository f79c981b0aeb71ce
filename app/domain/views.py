"""What cards show: everything a card needs, already read and allowed, nothing else.

Longer than other modules: it is all that cards may know, in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from app.domain.article import Article
from app.domain.clocks import Clock, State
from app.domain.events import EventData
from app.domain.lists import ListName, ListQuery
from app.domain.people import Person
from app.domain.ticket import Offer, Ticket


class Label(Protocol):
    """A name the company wrote, in one or several languages."""

    def text(self, language: str) -> str:
        """The name in the language, or in the nearest one there is."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a choice set."""

    id: str
    label: Label


@dataclass(frozen=True, slots=True)
class FieldView:
    """One of a category's own fields; `type` is text, choice, date or yes_no."""

    id: str
    label: Label
    type: str
    choices: tuple[Choice, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment or a work note."""

    at: datetime
    author: Person
    text: str
    internal: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as cards name it."""

    id: str
    label: Label
    level: int


@dataclass(frozen=True, slots=True)
class ReturnView:
    """The last time an offer came back."""

    by: Person
    line: LineView
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class HandOverView:
    """How the ticket came to the line that has it: what that line was told, by whom and from which line."""

    by: Person
    line: LineView
    offer: Offer


@dataclass(frozen=True, slots=True)
class PromiseView:
    """One clock as cards show it; `due_at` is None while it stands still."""

    clock: Clock
    state: State
    due_at: datetime | None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PingView:
    """A ping as the card of one person shows it.

    `event` is what caused it, `asked_by` who did that. `then` are those who are asked at `next_at`, after
    `reminders_left` reminders; nobody where it is the last round. `ended_by` is who acknowledged or took over.
    """

    id: int
    cause: str
    state: str
    event: EventData
    asked_by: Person
    at: datetime
    next_at: datetime | None = None
    reminders_left: int = 0
    asked_next_at: datetime | None = None
    then: tuple[Person, ...] = ()
    ended_by: Person | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PreventionView:
    """What keeps it from happening again, for its owner.

    Where management still owes it (`is_owed`), the owner is whoever is asked for it, and `owners` are those to choose
    from.
    """

    id: int
    text: str
    owner: Person
    due: date
    decided_by: Person
    done_by: Person | None = None
    done_at: datetime | None = None
    owners: tuple[Person, ...] = ()

    @property
    def is_owed(self) -> bool:
        """Whether it still has to be said what is done."""
        return not self.text


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a ticket; `size` in bytes."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Files:
    """The latest files of a ticket, oldest first, and how many there are before them."""

    latest: tuple[FileView, ...] = ()
    earlier: int = 0


NO_FILES = Files()


@dataclass(frozen=True, slots=True)
class LinkView:
    """Another ticket this one belongs together with; `relation` is what this one is to it, or, with `_this` behind it,
    what that one is to this one.
    """

    id: int
    number: str
    title: str
    status: str
    relation: str


@dataclass(frozen=True, slots=True)
class Button:
    """A verb as a card offers it: the lower `rank` stands first, `more` puts it behind the card's other buttons.

    `has_form`: it asks something first; `carries_inputs`: what is asked stands on the card itself.
    """

    code: str
    title_key: str
    rank: int
    more: bool = False
    has_form: bool = False
    carries_inputs: bool = False


@dataclass(frozen=True, slots=True)
class TicketView:
    """One ticket for one kind of reader.

    `buttons` are the verbs the reader's role has now, in their order. `entries` are the latest three, oldest
    first, work notes among them only for agents. `levels` are all levels the desk has. `may_teach` tells that the
    reader may make an article of what solved it. `ends_at` is when it ends by itself because no answer came.
    """

    ticket: Ticket
    line: LineView
    category: Label
    requester: Person
    levels: tuple[int, ...]
    buttons: tuple[Button, ...] = ()
    assignee: Person | None = None
    entries: tuple[Entry, ...] = ()
    offered_to: LineView | None = None
    offered_by: Person | None = None
    returned: ReturnView | None = None
    handed_over: HandOverView | None = None
    promises: tuple[PromiseView, ...] = ()
    files: Files = NO_FILES
    links: tuple[LinkView, ...] = ()
    may_teach: bool = False
    ends_at: datetime | None = None

    @property
    def verbs(self) -> frozenset[str]:
        """The codes of the verbs the reader's role has now."""
        return frozenset(button.code for button in self.buttons)

    def promise(self, clock: Clock) -> PromiseView | None:
        """The clock of this kind, where the ticket has one."""
        return next((each for each in self.promises if each.clock is clock), None)


@dataclass(frozen=True, slots=True)
class Similar:
    """A solved ticket that is like another one, and what solved it."""

    number: str
    title: str
    resolution: str


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """A ticket of somebody's own that something they said may be about."""

    id: int
    number: str
    title: str
    version: int
    waits_for_requester: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class FreeTextView:
    """What can become of something said freely; `key` names the words, so that buttons need not carry them.

    `ended` are resolved or closed. `is_cut`: a ticket holds its beginning, and the whole goes with it as a file;
    `is_lost`: the rest cannot be kept.
    """

    key: str
    text: str
    is_cut: bool = False
    articles: tuple[Article, ...] = ()
    tickets: tuple[OwnTicket, ...] = ()
    ended: tuple[OwnTicket, ...] = ()
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket in a list.

    `promise` is the one that is used up first. `is_stub`: the reader, or somebody who reads along, may not know whose
    ticket it is and what it is about. `may_open`: the reader gets the ticket when they ask for it. `is_offer`: its line
    offers it to the one whose list this is.
    """

    id: int
    number: str
    title: str
    status: str
    priority: str
    line: LineView
    requester: str
    assignee: str | None
    raised_at: datetime
    resolved_at: datetime | None = None
    promise: PromiseView | None = None
    is_stub: bool = False
    may_open: bool = True
    is_offer: bool = False


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list with its filters that somebody gave a name."""

    id: int
    name: str
    query: ListQuery


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of a list, and what its reader may choose from.

    `following` and `previous` are the pages next to it, `first` is the first one where that is yet another. `lists`,
    `lines` and `categories` are those to choose from; `is_personal` says that only the reader sees it, so that their
    saved `views` may be shown.
    """

    query: ListQuery
    rows: tuple[Row, ...]
    following: ListQuery | None = None
    previous: ListQuery | None = None
    first: ListQuery | None = None
    lists: tuple[ListName, ...] = ()
    lines: tuple[LineView, ...] = ()
    categories: tuple[Choice, ...] = ()
    views: tuple[SavedView, ...] = ()
    is_personal: bool = True

    @property
    def view(self) -> SavedView | None:
        """The saved view that is open, as it was saved."""
        return next((view for view in self.views if view.query == self.query.first()), None)


@dataclass(frozen=True, slots=True)
class FormState:
    """What a form shows again after wrong input: everything typed, and the message of each field by input id."""

    typed: Mapping[str, str]
    problems: Mapping[str, str]


EMPTY_FORM = FormState(typed={}, problems={})


@dataclass(frozen=True, slots=True)
class PassedOver:
    """People whom an open ping passed over at once because they are absent."""

    number: str
    people: tuple[Person, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outgoing message that could not be delivered, or waits; `reason` is a code of the catalogue."""

    id: int
    number: str | None
    recipient: str
    what: str
    state: str
    reason: str
    attempts: int
    created_at: datetime
    due_at: datetime
    is_confidential: bool = False
    """Of a ticket its reader knows nothing of: without a number, and without a name where it is a person's."""


@dataclass(frozen=True, slots=True)
class BindingView:
    """A channel that a line was bound to: by whom, in whose place, and what became of it.

    Channels and teams are their names where Teams said them, else their ids. `now_in` is where the line works now by a
    binding; `in_desk_file`: the desk file says it instead.
    """

    id: int
    line: LineView
    channel: str
    team: str
    by: Person
    at: datetime
    former: str | None = None
    ended_by: Person | None = None
    ended_at: datetime | None = None
    undone: bool = False
    now_in: str | None = None
    in_desk_file: bool = False

    @property
    def may_be_undone(self) -> bool:
        """Whether it holds and counts."""
        return self.ended_at is None and not self.in_desk_file
