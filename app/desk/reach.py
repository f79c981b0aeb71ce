"""Which routing rules can never match, because of themselves or of the rules before them."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from app.desk.model import Desk, When
from app.desk.routing import contains, fold
from app.domain.calendar import MINUTES_A_DAY, Week
from app.domain.priority import Priority
from app.domain.ticket import Kind

Case = tuple[str, Kind, Priority]


class NeverMatches(NamedTuple):
    """A rule without any ticket, and the earlier rule that takes them, if it is one."""

    rule: int
    why: str
    because_of: int | None = None


def rules_that_never_match(desk: Desk) -> Iterator[NeverMatches]:
    """Yield the rules no ticket can reach. The default route at the end may be a mere safety net."""
    for index, rule in enumerate(desk.routing):
        default = next((i for i in range(index) if desk.routing[i].when.is_empty), None)
        if default is not None:
            yield NeverMatches(index, "the default route stands before it", default)
        elif not rule.when.is_empty:
            yield from _contradiction(desk, index) or _shadow(desk, index)


def _contradiction(desk: Desk, index: int) -> list[NeverMatches]:
    when = desk.routing[index].when
    if any(category not in desk.categories for category in when.category or ()):
        return []  # told by itself
    if when.category and not any(desk.categories[category].active for category in when.category):
        return [NeverMatches(index, "its category is not active")]
    if not _cases(desk, when):
        return [NeverMatches(index, "its category has no tickets of that kind")]
    if when.hours is not None and not any(when.hours):
        return [NeverMatches(index, "it names no hour")]
    if when.words and not any(map(fold, when.words)):
        return [NeverMatches(index, "its words have no letter or digit")]
    return []


def _shadow(desk: Desk, index: int) -> list[NeverMatches]:
    when = desk.routing[index].when
    broader = [i for i in range(index) if _at_least_as_broad(desk.routing[i].when, when)]
    cases = _cases(desk, when)
    taken_by = {next((i for i in broader if _takes(desk.routing[i].when, case)), None) for case in cases}
    if not cases or None in taken_by:
        return []
    rules = "an earlier rule takes all its tickets" if len(taken_by) == 1 else "earlier rules take all its tickets"
    return [NeverMatches(index, rules, max(i for i in taken_by if i is not None))]


def _cases(desk: Desk, when: When) -> list[Case]:
    """Every category, kind and priority the conditions leave open."""
    categories = [
        category
        for category in desk.categories.values()
        if (category.id in when.category if when.category else True) and category.active
    ]
    return [
        (category.id, kind, priority)
        for category in categories
        for kind, priority in product(when.kind or Kind, when.priority or Priority)
        if kind in category.kinds
    ]


def _takes(when: When, case: Case) -> bool:
    category, kind, priority = case
    return (
        category in (when.category or (category,))
        and kind in (when.kind or (kind,))
        and priority in (when.priority or (priority,))
    )


def _at_least_as_broad(broad: When, narrow: When) -> bool:
    """Return whether all that `narrow` says of words, people and hours satisfies `broad`."""
    return (
        _values_within(narrow.department, broad.department)
        and _values_within(narrow.site, broad.site)
        and _values_within(narrow.language, broad.language)
        and _words_within(narrow.words, broad.words)
        and _hours_within(narrow.hours, broad.hours)
    )


def _values_within(narrow: tuple[str, ...] | None, broad: tuple[str, ...] | None) -> bool:
    return broad is None or (narrow is not None and set(map(fold, narrow)) <= set(map(fold, broad)))


def _words_within(narrow: tuple[str, ...] | None, broad: tuple[str, ...] | None) -> bool:
    """A text with the phrase «vpn is offline» always has the word «offline» too."""
    if broad is None or narrow is None:
        return broad is None
    return all(any(contains(fold(phrase), fold(word)) for word in broad) for phrase in narrow if fold(phrase))


def _hours_within(narrow: Week | None, broad: Week | None) -> bool:
    if broad is None or narrow is None:
        return broad is None
    return _minutes(narrow) <= _minutes(broad)


def _minutes(week: Week) -> set[int]:
    whole = 7 * MINUTES_A_DAY
    return {
        (day * MINUTES_A_DAY + minute) % whole
        for day, spans in enumerate(week)
        for span in spans
        for minute in range(span.start, span.end)
    }
