"""What a kind of message is. A module below this folder defines one by a subclass of `Message` and registers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, Self, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection

from app.cards.notices import EventView
from app.cards.parts import Card
from app.desk.model import Desk
from app.domain.explanation import Explanation
from app.domain.lists import ListName
from app.domain.people import Person, Role
from app.domain.views import Label, LineView, ListView, TicketView
from app.i18n import Text, Texts
from app.store.messages import QueuedMessage

VERSION = "v"
"""Under this name the version of a kind's data lies in what is stored of it; without it, it is the first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as Teams gets it: either plain text or a card; `summary` is what the notification shows."""

    summary: str
    text: str | None = None
    card: Card | None = None

    @classmethod
    def sentence(cls, words: str) -> "Shown":
        """A message that is one sentence."""
        return cls(words, text=words)


@dataclass(frozen=True, slots=True)
class Reader:
    """In whose language and time zone a message is told; `person` is None where everybody in a channel reads it, and
    `line` is the one that works there now, if any.
    """

    text: Text
    zone: tzinfo
    person: str | None = None
    line: str | None = None


class Frame(Protocol):
    """What a message is rendered with: when, for whom, and what it is about as it lies in the outbox (`frame.py`)."""

    @property
    def tx(self) -> Connection: ...

    @property
    def desk(self) -> Desk: ...

    @property
    def texts(self) -> Texts: ...

    @property
    def now(self) -> datetime: ...

    @property
    def reader(self) -> Reader: ...

    @property
    def queued(self) -> QueuedMessage: ...

    @property
    def is_new(self) -> bool:
        """Whether nothing of it lies in Teams yet."""

    @property
    def ticket(self) -> int:
        """The ticket it is about; 0 for none."""

    @property
    def slot(self) -> str:
        """The slot of the ticket's card that it is or stands below; empty for none."""

    def ticket_view(self, slot: str) -> TicketView | None:
        """The ticket as it is now, as the card in this slot shows it; None where there is none."""

    def line_view(self, line: str) -> LineView:
        """A line as cards name it."""

    def event_view(self) -> EventView | None:
        """What happened, with the words as they hold now; None where they were taken back, or there is no event."""

    def author(self) -> str:
        """The name of whoever did what it tells."""


class Samples(Protocol):
    """What examples are made of: tickets, people and lines that exist nowhere, in the words of one language."""

    at: datetime
    """When the sample ticket was raised."""
    desk_name: Label
    categories: tuple[tuple[str, Label], ...]
    words: str
    """What its requester wrote to the bot."""

    def said(self, german: str, english: str) -> str:
        """Words in the language of the gallery."""

    def ticket(self, state: str, role: Role) -> TicketView:
        """The sample ticket in one of its states, for a reader in the role."""

    def person(self, id: str) -> Person:
        """`alex` raised it, `mara` of the first line has it; `ben`, `jonas`, `lea`, `max` and `desk` exist, too."""

    def line(self, id: str) -> LineView:
        """`first`, `network` or `management`."""

    def page(self, name: ListName) -> ListView:
        """A page of a list."""

    def explanation(self) -> Explanation:
        """What happens to the sample ticket."""


V = TypeVar("V")


class Example(NamedTuple, Generic[V]):
    """A message of the kind and what it shows; `name` is that of its golden card.

    `in_public`: as everybody in a channel reads it.
    """

    name: str
    message: "Message[V]"
    view: V
    in_public: bool = False


@dataclass(frozen=True, slots=True)
class Message(Generic[V]):
    """One kind of message, and by its fields what is stored of it besides the ticket, the slot and the event.

    `V` is what it shows: read when it is sent (`look_up`), then put into words or a card (`show`).
    """

    code: ClassVar[str]
    version: ClassVar[int] = 1
    """Of the data; with a higher one goes `upgrade`."""
    is_noticed: ClassVar[bool] = False
    """Whether somebody shall notice at once that it is there."""

    @classmethod
    def undeclared(cls) -> tuple[str, ...]:
        """What a kind has to say about itself and does not."""
        return ()

    @classmethod
    def text_keys(cls) -> tuple[str, ...]:
        """The catalogue's keys without which it cannot be told."""
        return (f"delivery.what.{cls.code}",)

    def look_up(self, at: Frame) -> V | None:
        """What it shows, as it is now; None where there is nothing to say any more."""
        raise NotImplementedError

    def show(self, view: V, reader: Reader) -> Shown:
        """The message in words or as a card; a pure function."""
        raise NotImplementedError

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[V]:
        """One of its kind, for the gallery of cards."""
        raise NotImplementedError

    # --- how it is edited

    def words_repeated(self, at: Frame) -> str | None:
        """The name of the words it repeats (`services/outgoing.py`), so that it follows what becomes of them."""
        return None

    def taken_back(self, at: Frame) -> Shown | None:
        """What takes its place when there is nothing to say any more; None: it stays as it is."""
        return None

    def render(self, at: Frame) -> Shown | None:
        """The message as it is now."""
        view = self.look_up(at)
        return None if view is None else self.show(view, at.reader)

    # --- how it is stored

    def payload(self) -> dict[str, Any]:
        """Its data as JSON values."""
        if not type(self).__dataclass_fields__:
            return {}
        data: dict[str, Any] = _adapter(type(self)).dump_python(self, mode="json", exclude_none=True)
        return data if self.version == 1 else {**data, VERSION: self.version}

    @classmethod
    def upgrade(cls, payload: Mapping[str, Any], version: int) -> Mapping[str, Any]:
        """The data of an earlier version in the present shape."""
        return payload

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """The message from its data. What it does not know is left out, what is missing has its default.

        Raises `ValueError` where that is not possible.
        """
        version = payload.get(VERSION, 1)
        data = payload if version >= cls.version else cls.upgrade(payload, version)
        return cls() if not cls.__dataclass_fields__ else _adapter(cls).validate_python(data)


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
