"""Lists of tickets: which one somebody looks at, what of it, and how far they have leafed through it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from app.domain.priority import Priority
from app.domain.ticket import Status

E = TypeVar("E", bound=StrEnum)

SOON = timedelta(hours=2)
"""A promise that runs out within this time is at risk."""
LATELY = timedelta(days=14)
"""What was resolved within this time was resolved lately."""
VIEW_NAME = 40
MOST_VIEWS = 20
ALL = "all"
"""The choice that leaves a filter open; an empty value would look like nothing chosen."""

_LONGEST_WORD = 64
_FURTHEST_BACK = 20


class ListName(StrEnum):
    """Which tickets."""

    MINE = "mine"
    """Those somebody raised, newest first."""
    QUEUE = "queue"
    """A line's open ones, most urgent and oldest first, on top what is offered to it."""
    WORK = "work"
    """The open ones assigned to somebody, on any line."""
    UNASSIGNED = "unassigned"
    """A line's open ones that nobody has."""
    AT_RISK = "at_risk"
    """A line's open ones with a promise that is overdue or soon will be, the longest overdue first."""
    RESOLVED = "resolved"
    """What a line resolved lately, the latest first."""


OF_LINES = (ListName.QUEUE, ListName.UNASSIGNED, ListName.AT_RISK, ListName.RESOLVED)
"""Lists that everybody of a line may look at together, in its channel."""
OF_AGENTS = (ListName.QUEUE, ListName.WORK, ListName.UNASSIGNED, ListName.AT_RISK, ListName.RESOLVED)


class Assigned(StrEnum):
    """Who has the ticket."""

    ME = "me"
    NOBODY = "nobody"


class Filter(StrEnum):
    """By what a list can be narrowed."""

    PLACE = "place"
    PRIORITY = "priority"
    CATEGORY = "category"
    STATUS = "status"
    ASSIGNED = "assigned"


FILTERS: Mapping[ListName, tuple[Filter, ...]] = {
    ListName.MINE: (Filter.STATUS,),
    ListName.QUEUE: tuple(Filter),
    ListName.WORK: (Filter.PLACE, Filter.PRIORITY, Filter.CATEGORY, Filter.STATUS),
    ListName.UNASSIGNED: (Filter.PLACE, Filter.PRIORITY, Filter.CATEGORY, Filter.STATUS),
    ListName.AT_RISK: tuple(Filter),
    ListName.RESOLVED: (Filter.PLACE, Filter.PRIORITY, Filter.CATEGORY, Filter.ASSIGNED),
}


class Wanted(StrEnum):
    """Which statuses: all that are open, or one of them."""

    OPEN = "open"
    NEW = Status.NEW.value
    IN_PROGRESS = Status.IN_PROGRESS.value
    PENDING = Status.PENDING.value


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What somebody looks at. It travels in buttons, so that everything in it is a wish and nothing a right.

    `line` or `level` say where (neither: everywhere they may look). `after` is the mark the page before ended with,
    `back` are the marks of the pages before that one, the first page's (an empty one) included; of those `let_go` there
    are no marks any more. `view` is the saved view it was opened from.
    """

    list: ListName = ListName.QUEUE
    line: str | None = None
    level: int | None = None
    priority: Priority | None = None
    category: str | None = None
    status: Wanted | None = None
    assigned: Assigned | None = None
    after: str | None = None
    back: tuple[str, ...] = ()
    let_go: int | None = None
    view: int | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ListQuery":
        """Read what a button, a form or a saved view says; what cannot be understood is left out."""
        list_name = _one_of(ListName, data.get("list")) or ListName.QUEUE
        line, level = _place(data)
        read = cls(
            list=list_name,
            line=line,
            level=level,
            priority=_one_of(Priority, data.get("priority")),
            category=_word(data.get("category")),
            status=_one_of(Wanted, data.get("status")),
            assigned=_one_of(Assigned, data.get("assigned")),
            after=_word(data.get("after")),
            back=_marks(data.get("back")),
            let_go=_id(data.get("let_go")),
            view=_id(data.get("view")),
        )
        return read.only(FILTERS[list_name])

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values, without what is not set."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: _plain(value) for name, value in values.items() if value not in (None, ())}

    @property
    def place(self) -> str:
        """Where, as the choice of a form."""
        if self.line is not None:
            return f"line:{self.line}"
        return f"level:{self.level}" if self.level is not None else ALL

    @property
    def page(self) -> int:
        """The number of the page, from 1."""
        return (self.let_go or 0) + len(self.back) + 1

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the place is filtered by."""
        return any((self.priority, self.category, self.status, self.assigned))

    def only(self, filters: tuple[Filter, ...]) -> "ListQuery":
        """The query without the filters that its list does not have."""
        return replace(
            self,
            line=self.line if Filter.PLACE in filters else None,
            level=self.level if Filter.PLACE in filters else None,
            priority=self.priority if Filter.PRIORITY in filters else None,
            category=self.category if Filter.CATEGORY in filters else None,
            status=self.status if Filter.STATUS in filters else None,
            assigned=self.assigned if Filter.ASSIGNED in filters else None,
        )

    def narrowed(self, chosen: Mapping[str, Any]) -> "ListQuery":
        """The list from its beginning with what was chosen in its filters; a filter that was not asked stays."""
        known = {name: value for name, value in chosen.items() if name in set(Filter)}
        return self.from_json({**self.first().as_json(), **known})

    def first(self) -> "ListQuery":
        """The query from its beginning."""
        return replace(self, after=None, back=(), let_go=None)

    def following(self, mark: str) -> "ListQuery":
        """The next page, which begins after the mark."""
        back = (*self.back, self.after or "")
        gone = len(back[:-_FURTHEST_BACK])
        return replace(self, after=mark, back=back[gone:], let_go=(self.let_go or 0) + gone or None)

    def previous(self) -> "ListQuery | None":
        """The page before; None on the first one, and where its mark was let go."""
        return replace(self, after=self.back[-1] or None, back=self.back[:-1]) if self.back else None


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _one_of(kind: type[E], value: object) -> E | None:
    return kind(value) if isinstance(value, str) and value in set(kind) else None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_WORD and value != ALL else None


def _id(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**15 else None


def _level(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _place(data: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Line and level, from a form's one choice (`place`) where there is one."""
    place = data.get("place")
    if not isinstance(place, str):
        return _word(data.get("line")), _level(data.get("level"))
    kind, _, name = place.partition(":")
    if kind == "level" and len(name) == 1 and name.isdecimal():
        return None, int(name)
    return (_word(name), None) if kind == "line" else (None, None)


def _marks(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _FURTHEST_BACK:
        return ()
    marks = [each for each in value if isinstance(each, str) and len(each) <= _LONGEST_WORD]
    return tuple(marks) if len(marks) == len(value) else ()
