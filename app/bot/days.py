"""Days as people write them, in every language."""

import re
from datetime import date, timedelta
from functools import cached_property

from app.i18n import Texts

_FROM_TODAY = ("words.today", "words.tomorrow", "words.day_after_tomorrow")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.?\s?([0-9]{4})?")


class Days:
    """Understands days by the names that weekdays have and by the catalogues' words for today and tomorrow."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def day_in(self, words: str, today: date) -> date | None:
        """The day that is meant, where it is written as one: `2026-12-24`, `24.12.2026`, `24.12.`, `Freitag`.

        A weekday is the next one of its name; a date without a year is the next one of its kind.
        """
        said = " ".join(words.lower().split()).strip(" !?")
        if said in self._from_today:
            return today + timedelta(days=self._from_today[said])
        if (weekday := self._weekdays.get(said.rstrip("."))) is not None:
            return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
        if iso := _ISO.fullmatch(said.rstrip(".")):
            return _day(int(iso[1]), int(iso[2]), int(iso[3]))
        dotted = _DOTTED.fullmatch(said)
        if dotted is None:
            return None
        day, month = int(dotted[1]), int(dotted[2])
        if dotted[3]:
            return _day(int(dotted[3]), month, day)
        this_year = _day(today.year, month, day)
        return _day(today.year + 1, month, day) if this_year is None or this_year < today else this_year

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
