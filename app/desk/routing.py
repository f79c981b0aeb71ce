"""Which line a new ticket goes to: ordered rules, the first match wins."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from app.desk.model import Desk, When
from app.domain.calendar import MINUTES_A_DAY, Week
from app.domain.normal_form import normal_form
from app.domain.priority import Priority
from app.domain.ticket import Kind


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at. `at` is when the ticket was raised, aware."""

    category: str
    kind: Kind
    priority: Priority
    title: str
    description: str
    at: datetime
    department: str | None = None
    site: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Where a ticket goes, and what the rule says about it besides; `rule_index` counts from 0."""

    line: str
    rule_index: int
    priority_floor: Priority | None = None
    tags: tuple[str, ...] = ()
    confidential: bool = False


def route(desk: Desk, facts: Facts) -> Route:
    """Return the route of the first rule that matches. A loaded desk has a default route, so there always is one."""
    reading = _Reading(facts, ZoneInfo(desk.timezone))
    for index, rule in enumerate(desk.routing):
        if reading.fits(rule.when):
            return Route(rule.line, index, rule.priority, rule.tags, rule.confidential)
    raise LookupError("the desk has no default route")


class _Reading:
    """The facts as rules see them; what costs time is worked out once, and only when a rule asks."""

    def __init__(self, facts: Facts, zone: ZoneInfo) -> None:
        self.facts = facts
        self.zone = zone

    @cached_property
    def texts(self) -> tuple[str, str]:
        return fold(self.facts.title), fold(self.facts.description)

    def fits(self, when: When) -> bool:
        """Return whether every condition that is named holds."""
        facts = self.facts
        return (
            (when.category is None or facts.category in when.category)
            and (when.kind is None or facts.kind in when.kind)
            and (when.priority is None or facts.priority in when.priority)
            and (when.department is None or _is_one_of(facts.department, when.department))
            and (when.site is None or _is_one_of(facts.site, when.site))
            and (when.language is None or _speaks(facts.language, when.language))
            and (when.hours is None or _within(when.hours, facts.at.astimezone(self.zone)))
            and (when.words is None or any(self.mentions(fold_phrase(phrase)) for phrase in when.words))
        )

    def mentions(self, phrase: str) -> bool:
        return any(contains(text, phrase) for text in self.texts)


_WORD = re.compile(r"\w+")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def fold(text: str) -> str:
    """Return the words of a text without case, accents and punctuation; Störung, STOERUNG and störung are one word."""
    german = normal_form("NFC", text).casefold().translate(_GERMAN)
    plain = "".join(char for char in normal_form("NFKD", german) if not unicodedata.combining(char))
    return " ".join(_WORD.findall(plain))


@lru_cache(maxsize=1024)
def fold_phrase(phrase: str) -> str:
    """Return `fold` of a text from the desk file, remembered; what people write is not kept."""
    return fold(phrase)


def contains(words: str, phrase: str) -> bool:
    """Return whether a folded text has a folded phrase as whole words."""
    return bool(phrase) and f" {phrase} " in f" {words} "


def _is_one_of(value: str | None, wanted: tuple[str, ...]) -> bool:
    return value is not None and fold(value) in map(fold_phrase, wanted)


def _speaks(tag: str | None, wanted: tuple[str, ...]) -> bool:
    """Whether a language tag such as `de-AT` is of one of the languages."""
    return any(f"{tag or ''}-".casefold().startswith(f"{language}-") for language in wanted)


def _within(week: Week, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    yesterday = (local - timedelta(days=1)).weekday()
    today_fits = any(span.start <= minute < span.end for span in week[local.weekday()])
    return today_fits or any(minute + MINUTES_A_DAY < span.end for span in week[yesterday])
