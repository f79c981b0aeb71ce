"""Lists of tickets, as whoever typed for them sees them at the time they did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from app.cards import list_choices, lists
from app.domain.errors import NotAllowed
from app.domain.lists import ListName, ListQuery
from app.domain.views import ListView
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.onlooker import Onlooker, gathered
from app.messages.registry import register
from app.services import lists as pages

Query = Annotated[
    ListQuery,
    BeforeValidator(lambda value: value if isinstance(value, ListQuery) else ListQuery.from_json(value)),
    PlainSerializer(ListQuery.as_json),
]


@dataclass(frozen=True, slots=True)
class _List(Message[ListView]):
    onlooker: Onlooker
    version = 2

    @classmethod
    def upgrade(cls, payload: Mapping[str, Any], version: int) -> Mapping[str, Any]:
        return gathered(payload)

    def _page(self, at: Frame, query: ListQuery, here: str | None = None, *, in_public: bool = False) -> ListView:
        reader = pages.Reader(self.onlooker.actor_now(at.tx, at.desk, at.reader.text.language), here, in_public)
        return pages.listed(at.tx, at.desk, reader, query, at.queued.created_at)


@register
@dataclass(frozen=True, slots=True)
class MyTickets(_List):
    """Everything somebody raised."""

    code = "my_tickets"

    def look_up(self, at: Frame) -> ListView:
        return self._page(at, ListQuery(ListName.MINE))

    def show(self, view: ListView, reader: Reader) -> Shown:
        return Shown(lists.title(view, reader.text), card=lists.my_tickets(view, reader.text, reader.zone))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[ListView]:
        return Example("list/mine", cls(Onlooker("alex")), samples.page(ListName.MINE))


@register
@dataclass(frozen=True, slots=True)
class TicketList(_List):
    """A list of those who work on tickets; `here` is the line of the channel it was asked for in."""

    query: Query
    here: str | None = None
    in_public: bool = False
    code = "list"

    def look_up(self, at: Frame) -> ListView:
        if self.in_public and self.here != at.reader.line:
            raise NotAllowed(verb=self.code)  # others read there by now
        return self._page(at, self.query, self.here, in_public=self.in_public)

    def show(self, view: ListView, reader: Reader) -> Shown:
        return Shown(lists.title(view, reader.text), card=lists.list_card(view, reader.text, reader.zone))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[ListView]:
        asked = cls(Onlooker("mara", ("first",)), ListQuery(), "first", in_public=True)
        return Example("list/queue", asked, samples.page(ListName.QUEUE), in_public=True)


@register
@dataclass(frozen=True, slots=True)
class SavedViews(_List):
    """The lists that somebody named."""

    code = "views"

    def look_up(self, at: Frame) -> ListView:
        return self._page(at, ListQuery())

    def show(self, view: ListView, reader: Reader) -> Shown:
        return Shown(reader.text("list.views.title"), card=list_choices.saved_views(view, reader.text))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[ListView]:
        return Example("list/views", cls(Onlooker("mara", ("first",))), samples.page(ListName.WORK))
