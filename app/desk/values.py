"""The small values a desk file is written in: labels, durations, weekly hours, percentages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, WithJsonSchema
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from app.domain.calendar import MINUTES_A_DAY, Span, Week
from app.domain.duration import Duration
from app.i18n import DEFAULT_LANGUAGE, languages

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def known_languages(info: ValidationInfo) -> tuple[str, ...]:
    """The languages of the catalogues a desk file is read for."""
    known: tuple[str, ...] = (info.context or {}).get("languages") or languages()
    return known


class KnownLanguage:
    """Marks a text that is the code of a language with a catalogue."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(cls._known)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(languages()), "type": "string"}

    @staticmethod
    def _known(value: object, info: ValidationInfo) -> object:
        known = known_languages(info)
        if value not in known:
            raise PydanticKnownError("literal_error", {"expected": ", ".join(known)})
        return value


@dataclass(frozen=True)
class Label:
    """A name in one or several languages; `texts` is keyed by language."""

    texts: Mapping[str, str]
    desk_language: str = DEFAULT_LANGUAGE

    def text(self, language: str) -> str:
        """Return the text in `language`, else in the desk's language, in English, in any."""
        for wanted in (language, self.desk_language, DEFAULT_LANGUAGE):
            if wanted in self.texts:
                return self.texts[wanted]
        return next(iter(self.texts.values()))

    @classmethod
    def _parse(cls, value: object, info: ValidationInfo) -> "Label":
        if isinstance(value, Label):
            return value
        desk_language = (info.context or {}).get("language", DEFAULT_LANGUAGE)
        if isinstance(value, str):
            value = {desk_language: value}
        if not isinstance(value, Mapping) or not value:
            raise ValueError("must be a text or {de: …, en: …}")
        for language, text in value.items():
            if language not in known_languages(info):
                raise ValueError(f"has the unknown language {language}: known are {', '.join(known_languages(info))}")
            if not isinstance(text, str) or not text.strip():
                raise ValueError("must not be empty")
        return cls({language: text.strip() for language, text in value.items()}, desk_language)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(cls._parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = {"type": "string", "minLength": 1}
        several = {"type": "object", "properties": dict.fromkeys(languages(), text), "minProperties": 1}
        return {"anyOf": [text, several | {"additionalProperties": False}]}


def shorter_than(limit: int) -> BeforeValidator:
    """Refuse a label with a text above `limit` characters, so that the longest card stays within Teams' size."""

    def check(value: object) -> object:
        texts = value.values() if isinstance(value, Mapping) else [value]
        if any(isinstance(text, str) and len(text) > limit for text in texts):
            raise ValueError(f"must have at most {limit} characters")
        return value

    return BeforeValidator(check)


_PERCENT = re.compile(r"(\d{1,3})\s*%")
_DURATION = re.compile(r"(\d{1,6})([smhd])")
_DURATION_SCHEMA = {"type": "string", "pattern": r"^[0-9]{1,6}[smhd]$"}
_ONE_YEAR = 366 * 86_400


def _duration(value: object) -> object:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return _only(Duration, value, "must be a duration like 30s, 15m, 4h or 2d")
    duration = Duration(int(match[1]), match[2])
    if duration.amount == 0:
        raise ValueError("must be longer than nothing")
    if duration.length > _ONE_YEAR:
        raise ValueError("must not be longer than one year")
    return duration


def _plain_duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    duration = _duration(value)
    assert isinstance(duration, Duration)  # noqa: S101 - narrows the type; anything else was refused
    return timedelta(seconds=duration.length)


def _only(kind: type, value: object, sentence: str) -> object:
    if isinstance(value, kind):
        return value
    raise ValueError(sentence)


_TIME_SPAN = re.compile(r"(\d{2}):(\d{2})\s*-\s*(\d{2}):(\d{2})")


def _week(value: object) -> object:
    """Read `{mon-fri: ["08:00-12:00", …]}` into the spans of the seven days, Monday first."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, Mapping):
        raise ValueError('must be weekly hours like {mon-fri: ["08:00-17:00"]}')
    week: list[tuple[Span, ...]] = [()] * len(DAYS)
    for days, spans in value.items():
        texts = [spans] if isinstance(spans, str) else spans
        if not isinstance(texts, list):
            raise ValueError(f'needs times like ["08:00-17:00"] for {days}')
        for day in _days(days):
            if week[day]:
                raise ValueError(f"names {DAYS[day]} twice")
            week[day] = tuple(sorted(_span(text) for text in texts))
    _refuse_overlaps(week)
    return tuple(week)


def _days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(f"has the unknown day {part.strip()}: write mon, mon-fri or sat,sun")
        start, end = DAYS.index(first), DAYS.index(last or first)
        days.extend((start + offset) % 7 for offset in range((end - start) % 7 + 1))
    return days


def _span(text: object) -> Span:
    match = _TIME_SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"has the time {text}: write it like 08:00-17:00")
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if int(match[2]) > 59 or int(match[4]) > 59 or start >= MINUTES_A_DAY or end > MINUTES_A_DAY or start == end:
        raise ValueError(f"has the time {text}, which is no span of a day")
    return Span(start, end if end > start else end + MINUTES_A_DAY)


def _refuse_overlaps(week: list[tuple[Span, ...]]) -> None:
    ordered = [
        (day * MINUTES_A_DAY + span.start, day * MINUTES_A_DAY + span.end)
        for day, spans in enumerate(week)
        for span in spans
    ]
    if not ordered:
        return
    whole_week = 7 * MINUTES_A_DAY
    ordered.append((ordered[0][0] + whole_week, ordered[0][1] + whole_week))  # Sunday night runs into Monday
    for (_, end), (start, _) in pairwise(ordered):
        if start < end:
            raise ValueError(f"has times that overlap on {DAYS[start // MINUTES_A_DAY % 7]}")


class ClosedDays(NamedTuple):
    """Days on which a calendar is closed besides public holidays; both are closed themselves."""

    first: date
    last: date


_DAY = re.compile(r"2\d{3}-\d{2}-\d{2}")
_LONGEST_CLOSING = timedelta(days=366)


def _closed_days(value: object) -> object:
    if not isinstance(value, str):
        return _only(ClosedDays, value, "must be days like 2026-12-24 or 2026-12-24..2027-01-01")
    first, dots, last = value.partition("..")
    days = ClosedDays(_day(first), _day(last if dots else first))
    if days.last < days.first:
        raise ValueError(f"ends before it begins in {value}")
    if days.last - days.first >= _LONGEST_CLOSING:
        raise ValueError(f"must not be longer than one year, as {value} is")
    return days


def _day(text: str) -> date:
    written = text.strip()
    if _DAY.fullmatch(written) is None:
        raise ValueError(f"has the day {written}: write 2026-12-24 or 2026-12-24..2027-01-01")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError(f"has the day {written}, which is in no calendar") from None


def _percent(value: object) -> object:
    if isinstance(value, int):
        return value
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 1 <= int(match[1]) <= 500:
        raise ValueError("must be a percentage from 1% to 500%")
    return int(match[1])


class OneOrMany:
    """Marks a list that may be written as its only value."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._wrap, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}

    @staticmethod
    def _wrap(value: object) -> object:
        return (value,) if isinstance(value, str) else value


_SPANS_SCHEMA = {"type": "array", "items": {"type": "string", "pattern": r"^\d{2}:\d{2}\s*-\s*\d{2}:\d{2}$"}}
WEEK_SCHEMA = {
    "type": "object",
    "propertyNames": {"pattern": rf"^({'|'.join(DAYS)})([-,]\s*({'|'.join(DAYS)}))*$"},
    "additionalProperties": {"anyOf": [{"type": "string"}, _SPANS_SCHEMA]},
}

_CLOSED_SCHEMA = {"type": "string", "pattern": r"^2\d{3}-\d{2}-\d{2}(\s*\.\.\s*2\d{3}-\d{2}-\d{2})?$"}

BusinessTime = Annotated[Duration, BeforeValidator(_duration), WithJsonSchema(_DURATION_SCHEMA)]
PlainTime = Annotated[timedelta, BeforeValidator(_plain_duration), WithJsonSchema(_DURATION_SCHEMA)]
WeekHours = Annotated[Week, BeforeValidator(_week), WithJsonSchema(WEEK_SCHEMA)]
Closing = Annotated[ClosedDays, BeforeValidator(_closed_days), WithJsonSchema(_CLOSED_SCHEMA)]
Percent = Annotated[int, BeforeValidator(_percent), WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}\s*%$"})]
ONE_OR_MANY = OneOrMany()
