"""Days as people write them, in every language."""

import re
from datetime import date, timedelta
from functools import cached_property

from app.domain.errors import DomainError
from app.i18n import Texts

_FROM_TODAY = ("words.today", "words.tomorrow", "words.day_after_tomorrow")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([./])\s?([0-9]{1,2})(?:\.?\s?|/)([0-9]{4}|[0-9]{2})?")
JUST_OVER = timedelta(days=92)
"""A date without a year that passed no longer ago than this is more likely a mistake than one of next year."""


class WhichYear(DomainError):
    """A date without a year that has just passed: whether next year's is meant is not guessed."""

    key = "error.which_year"


class WhichMonth(DomainError):
    """A date like 5/6, where some write the day first and others the month."""

    key = "error.which_month"


class Days:
    """Understands days by the names that weekdays have and by the catalogues' words for today and tomorrow."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def day_in(self, words: str, today: date) -> date | None:
        """The day that is meant, where it is written as one: `2026-12-24`, `24.12.2026`, `24.12.`, `24/12`, `Freitag`.

        A weekday is the next one of its name; a date without a year is the next one of its kind. Raises `WhichYear` or
        `WhichMonth` where that would be a guess.
        """
        said = " ".join(words.lower().split()).strip(" !?")
        if said in self._from_today:
            return today + timedelta(days=self._from_today[said])
        if (weekday := self._weekdays.get(said.rstrip("."))) is not None:
            return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
        if iso := _ISO.fullmatch(said.rstrip(".")):
            return _day(int(iso[1]), int(iso[2]), int(iso[3]))
        written = _DAY_FIRST.fullmatch(said)
        if written is None:
            return None
        day, month = int(written[1]), int(written[3])
        if written[2] == "/" and day != month:
            if month > 12:
                day, month = month, day
            elif day <= 12:
                raise WhichMonth(first=f"{day}.{month}.", second=f"{month}.{day}.")
        if written[4]:
            return _day(int(written[4]) + (2000 if len(written[4]) == 2 else 0), month, day)
        this_year = _day(today.year, month, day)
        year = today.year if this_year and this_year >= today else today.year + 1
        before = _day(year - 1, month, day)
        if before and today - before <= JUST_OVER:
            raise WhichYear(day=f"{day}.{month}.", year=year)
        return _day(year, month, day)

    @cached_property
    def _from_today(self) -> dict[str, int]:
        return {word.lower(): later for later, key in enumerate(_FROM_TODAY) for word in self._texts.words(key)}

    @cached_property
    def _weekdays(self) -> dict[str, int]:
        return {name.lower(): day for text in reversed(self._texts.all) for day, name in enumerate(text.weekdays)}


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
