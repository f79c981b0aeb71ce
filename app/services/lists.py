"""Pages of tickets. Every list goes along an index and knows only where the last page ended.

Where no index fits a filter, a page looks at a few thousand tickets at most: it may then hold fewer than a page can,
or none, and the next one goes on from there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from app.desk.model import Desk
from app.domain import views as shown
from app.domain.clocks import Clock
from app.domain.errors import NotAllowed
from app.domain.lists import LATELY, OF_AGENTS, OF_LINES, SOON, Assigned, ListName, ListQuery, Wanted
from app.domain.people import Actor, Role
from app.domain.priority import Priority
from app.domain.ticket import OPEN
from app.services import saved_views
from app.services.access import roles_of
from app.services.confidential import may_oversee, overseen_lines
from app.services.views import line_view, promise_views, ticket_row
from app.store import lists, tickets
from app.store.lists import ListedTicket, Mark
from app.store.tickets import Found

PAGE = 8
MOST_LOOKED_AT = 3000
_AT_FIRST, _THEN = 100, 1000
_OFFER = "offer"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a list, and where: `here` is the line of the channel, `in_public` whether others look on."""

    actor: Actor
    here: str | None = None
    in_public: bool = False


def listed(tx: Connection, desk: Desk, reader: Reader, query: ListQuery, now: datetime) -> shown.ListView:
    """One page of a list. What a query wishes beyond what its reader may see, or what the desk has, is left out.

    Raises `NotAllowed` for the list of a line where the reader is an agent of none (or not of the channel's).
    """
    if query.list is ListName.WORK and reader.in_public:
        query = replace(query, list=ListName.QUEUE)
    may_see = lines_of(desk, reader)
    if query.list in OF_LINES and not may_see:
        raise NotAllowed(verb=query.list.value)
    query = _possible(desk, may_see, query)
    overseen = reader.actor.lines | overseen_lines(desk, reader.actor.ids)
    walk = _Walk(tx, desk, reader.actor, query, _places(desk, may_see, query), now, overseen)
    offers, further = walk.offers() if query.list is ListName.QUEUE else ([], None)
    ids, mark = ([], further) if further else walk.page()
    found = tickets.find_each(tx, [*offers, *ids])
    rows = [_row(tx, desk, reader, found[id], is_offer=id in offers) for id in (*offers, *ids) if id in found]
    is_personal = not reader.in_public
    return shown.ListView(
        query=query,
        rows=tuple(rows),
        following=query.following(mark) if mark else None,
        previous=query.previous(),
        first=query.first() if query.page > 2 else None,
        lists=() if not may_see else OF_AGENTS if is_personal else OF_LINES,
        lines=tuple(line_view(desk, line) for line in may_see),
        categories=tuple(shown.Choice(each.id, each.name) for each in desk.categories.values()),
        views=_views(tx, desk, reader.actor, may_see) if is_personal and may_see else (),
        is_personal=is_personal,
    )


def lines_of(desk: Desk, reader: Reader) -> tuple[str, ...]:
    """The lines whose tickets the reader may list, by level; in a channel it is the one that works there."""
    actor = reader.actor
    theirs = [line for line in desk.lines.values() if actor.is_admin or line.id in actor.lines]
    in_order = [line.id for line in sorted(theirs, key=lambda line: line.level)]
    return tuple(line for line in in_order if reader.here in (None, line))


def _views(tx: Connection, desk: Desk, actor: Actor, may_see: Sequence[str]) -> tuple[shown.SavedView, ...]:
    """Somebody's views, without what the desk or they themselves no longer have."""
    theirs = saved_views.of(tx, actor.id)
    return tuple(replace(view, query=_possible(desk, may_see, view.query)) for view in theirs)


def _possible(desk: Desk, may_see: Sequence[str], query: ListQuery) -> ListQuery:
    """The query without what the desk does not have or its reader may not see."""
    line = query.line if query.line in may_see else None
    level = query.level if query.level in {desk.lines[each].level for each in may_see} else None
    category = query.category if query.category in desk.categories else None
    possible = replace(query, line=line, level=level, category=category)
    return possible if not query.after or _mark(query) or _offers_after(query) else possible.first()


def _places(desk: Desk, may_see: Sequence[str], query: ListQuery) -> tuple[str, ...]:
    if query.line is not None:
        return (query.line,)
    return tuple(line for line in may_see if query.level in (None, desk.lines[line].level))


@dataclass(frozen=True, slots=True)
class _Walk:
    """The way along the indexes that one page takes."""

    tx: Connection
    desk: Desk
    actor: Actor
    query: ListQuery
    places: tuple[str, ...]
    now: datetime
    overseen: frozenset[str]
    """The lines whose confidential tickets are listed, too; an admin lists others' without them."""

    def offers(self) -> tuple[list[int], str | None]:
        """A page of what is offered to the lines, oldest first, and the mark of the next where there are more."""
        after = _offers_after(self.query)
        if self.query.after and after is None:
            return [], None
        most = MOST_LOOKED_AT if self._is_picky else PAGE + 1
        rows = [row for line in self.places for row in lists.offered_to(self.tx, line, after=after or 0, limit=most)]
        ids = sorted(row.id for row in rows if self._is_wanted(row))
        return ids[:PAGE], f"{_OFFER}.{ids[PAGE - 1]}" if len(ids) > PAGE else None

    def page(self) -> tuple[list[int], str | None]:
        """The ids of a page in order, and the mark of the next one."""
        found: list[Mark] = []
        ends: list[Mark] = []
        for read in self._streams():
            marks, end = self._some(read)
            found += marks
            ends += [end] if end else []
        # where a stream was left before its end, the others may not go further than it did
        until = min(ends, key=self._place_of, default=None)
        found.sort(key=self._place_of)
        if until is not None:
            found = [mark for mark in found if self._place_of(mark) <= self._place_of(until)]
        last = found[PAGE - 1] if len(found) > PAGE else until
        return [id for _, id in found[:PAGE]], f"{last[0]}.{last[1]}" if last else None

    def _streams(self) -> "Iterator[_Read]":
        """One per index that has to be gone along."""
        tx, query = self.tx, self.query
        match query.list:
            case ListName.MINE:
                yield lambda after, limit: lists.of_requester(
                    tx, self.actor.id, before=after[1] if after else None, limit=limit
                )
            case ListName.WORK:
                yield lambda after, limit: lists.of_assignee(
                    tx, self.actor.id, after=after, limit=limit, priority=query.priority
                )
            case _:
                for line in self.places:
                    yield self._of_line(line)

    def _of_line(self, line: str) -> "_Read":
        tx, priority = self.tx, self.query.priority
        match self.query.list:
            case ListName.UNASSIGNED:
                return lambda after, limit: lists.unassigned(tx, line, after=after, limit=limit, priority=priority)
            case ListName.AT_RISK:
                until = self.now + SOON
                return lambda after, limit: lists.due(tx, line, until=until, after=_timed(after), limit=limit)
            case ListName.RESOLVED:
                since = self.now - LATELY
                return lambda after, limit: lists.resolved(tx, line, since=since, after=_timed(after), limit=limit)
            case _:
                return lambda after, limit: lists.of_line(tx, line, after=after, limit=limit, priority=priority)

    def _some(self, read: "_Read") -> tuple[list[Mark], Mark | None]:
        """Enough for a page and one more, and where it was given up before the end."""
        after = _mark(self.query)
        found: list[Mark] = []
        looked_at, some = 0, _AT_FIRST if self._is_picky else PAGE + 1
        while True:
            rows = read(after, some)
            found += [self._mark_of(row) for row in rows if self._is_wanted(row)]
            if len(found) > PAGE or len(rows) < some:
                return found[: PAGE + 1], None
            looked_at, some, after = looked_at + len(rows), _THEN, self._mark_of(rows[-1])
            if looked_at >= MOST_LOOKED_AT:
                return found, after

    @property
    def _is_picky(self) -> bool:
        leaves_out = not self.overseen.issuperset(self.places)
        return self.query.is_narrowed or self.query.list is ListName.WORK or leaves_out

    def _is_wanted(self, row: ListedTicket) -> bool:
        query = self.query
        if (
            row.confidential
            and query.list not in (ListName.MINE, ListName.WORK)
            and self.overseen.isdisjoint((row.line, row.offer_line))
        ):
            return False
        if query.list is ListName.WORK:
            is_theirs = row.line in self.actor.lines or (row.is_pinged and self._took_over(row.id))
            at_place = (query.line is None and query.level is None) or row.line in self.places
            if not (is_theirs and at_place):
                return False
        return (
            query.priority in (None, row.priority)
            and query.category in (None, row.category)
            and (query.status in (None, row.status) or (query.status is Wanted.OPEN and row.status in OPEN))
            and self._is_with_whom_it_should_be(row)
        )

    def _took_over(self, ticket: int) -> bool:
        """Whether the ticket is theirs although they work for another line: they took it over when they were pinged."""
        found = tickets.find(self.tx, ticket)
        return found is not None and Role.AGENT in roles_of(self.tx, self.desk, self.actor, found.ticket)

    def _is_with_whom_it_should_be(self, row: ListedTicket) -> bool:
        match self.query.assigned:
            case Assigned.ME:
                return bool(row.assignee == self.actor.id)
            case Assigned.NOBODY:
                return row.assignee is None
            case None:
                return True

    def _mark_of(self, row: ListedTicket) -> Mark:
        match self.query.list:
            case ListName.MINE:
                return 0, row.id
            case ListName.AT_RISK:
                return _microseconds(row.due_at), row.id
            case ListName.RESOLVED:
                return _microseconds(row.resolved_at), row.id
            case _:
                return row.priority, row.id

    def _place_of(self, mark: Mark) -> Mark:
        """What marks are sorted by: the lists that begin with the latest count downwards."""
        value, id = mark
        return (-value, -id) if self.query.list in (ListName.MINE, ListName.RESOLVED) else mark


_Read = Callable[[Mark | None, int], Sequence[ListedTicket]]


def _mark(query: ListQuery) -> Mark | None:
    """Where the page begins. A mark that is not one of ours begins from the beginning."""
    value, _, number = (query.after or "").rpartition(".")
    if not _is_number(number):
        return None
    match query.list:
        case ListName.MINE:
            return 0, int(number)
        case ListName.AT_RISK | ListName.RESOLVED:
            return (int(value), int(number)) if _is_number(value, 17) else None
        case _:
            return (value, int(number)) if value in set(Priority) else None


def _offers_after(query: ListQuery) -> int | None:
    """The offer that the page before ended with, where it ended among the offers."""
    kind, _, number = (query.after or "").rpartition(".")
    return int(number) if query.list is ListName.QUEUE and kind == _OFFER and _is_number(number) else None


def _is_number(text: str, longest: int = 15) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= longest


def _microseconds(at: datetime | None) -> int:
    """The mark of lists by a time, in which every ticket has one."""
    return ((at or _EPOCH) - _EPOCH) // _MICROSECOND


def _timed(mark: Mark | None) -> Mark | None:
    return (_EPOCH + timedelta(microseconds=mark[0]), mark[1]) if mark else None


def _row(tx: Connection, desk: Desk, reader: Reader, found: Found, *, is_offer: bool) -> shown.Row:
    ticket = found.ticket
    theirs = roles_of(tx, desk, reader.actor, ticket)
    is_seen = theirs or may_oversee(desk, reader.actor.ids, ticket)
    is_stub = ticket.confidential and (reader.in_public or not is_seen)
    row = ticket_row(desk, ticket, found.requester, found.assignee, is_stub=is_stub)
    promise = _promise(desk, found, theirs)
    return replace(row, resolved_at=ticket.resolved_at, promise=promise, may_open=bool(theirs), is_offer=is_offer)


def _promise(desk: Desk, found: Found, theirs: frozenset[Role]) -> shown.PromiseView | None:
    """The promise that is used up first, or one that stands still; a requester is only promised to be told."""
    if found.ticket.status not in OPEN:
        return None
    told = theirs == {Role.REQUESTER}
    running = [each for each in promise_views(desk, found.ticket) if each.ended_at is None]
    running = [each for each in running if not told or each.clock is Clock.NEXT_UPDATE]
    due = [each for each in running if each.due_at]
    return min(due, key=lambda each: each.due_at or _EPOCH) if due else next(iter(running), None)
