"""The words people read: one JSON catalogue per language, plural rules and calendar names from Babel.

A further language is one more file in `locales/`; no code names a language except the default.
"""

import datetime
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

LOCALES = Path(__file__).parent / "locales"
DEFAULT_LANGUAGE = "en"

Template = str | dict[str, str]
Catalogue = Mapping[str, Template]


class MissingText(LookupError):
    """No language has the key: a mistake in the code, found by the tests."""


class Text:
    """The sentences of one language. Calling it with a key and the values of its placeholders returns the sentence."""

    def __init__(self, language: str, catalogues: Mapping[str, Catalogue]) -> None:
        self.language = language
        self._own = catalogues[language]
        self._others = [texts for code, texts in sorted(catalogues.items(), reverse=True) if code != language]

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence; a plural is chosen by the value `count`. Raise `MissingText` if no language has it."""
        template = self._template(key)
        if isinstance(template, dict):
            template = self._plural(template, values)
        return template.format(**values) if values else template

    def has(self, key: str) -> bool:
        """Whether any language has the key; for keys made from codes that other parts choose."""
        return key in self._own or any(key in texts for texts in self._others)

    def moment(self, at: datetime.datetime, zone: datetime.tzinfo) -> str:
        """A point in time in the reader's zone, "Mo 23.11. 14:05".

        Always absolute: a card stays in the chat for days, where "today" would become untrue.
        """
        local = at.astimezone(zone)
        return self("format.moment", **self._parts(local), hour=local.hour, minute=local.minute)

    def date(self, day: datetime.date) -> str:
        """A calendar day, "Mo 23.11.2026"."""
        return self("format.date", **self._parts(day), year=day.year)

    def duration(self, length: datetime.timedelta) -> str:
        """A length in its two largest units, "2 Tage 3 Stunden"; below a minute it is "less than a minute"."""
        minutes = max(0, int(length.total_seconds())) // 60
        days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
        amounts = {"format.days": days, "format.hours": hours, "format.minutes": minutes}
        said = [self(key, count=count) for key, count in amounts.items() if count]
        return " ".join(said[:2]) or self("format.moments")

    def _template(self, key: str) -> Template:
        for texts in (self._own, *self._others):
            if key in texts:
                return texts[key]
        raise MissingText(key)

    def _plural(self, forms: dict[str, str], values: Mapping[str, object]) -> str:
        count = values.get("count")
        form = self._locale.plural_form(count) if isinstance(count, int) else "other"
        return forms.get(form) or forms["other"]

    def _parts(self, day: datetime.date) -> dict[str, object]:
        weekday, month_name = self._weekdays[day.weekday()], self._months[day.month]
        return {"weekday": weekday, "day": day.day, "month": day.month, "month_name": month_name}

    @cached_property
    def _weekdays(self) -> Mapping[int, str]:
        return {number: name.rstrip(".") for number, name in self._locale.days["format"]["abbreviated"].items()}

    @cached_property
    def _months(self) -> Mapping[int, str]:
        return dict(self._locale.months["format"]["abbreviated"].items())

    @cached_property
    def _locale(self) -> "Locale":
        from babel import Locale

        return Locale.parse(self.language.replace("-", "_"))


class Texts:
    """All languages there are."""

    def __init__(self, catalogues: Mapping[str, Catalogue], default: str = DEFAULT_LANGUAGE) -> None:
        self._texts = {code: Text(code, catalogues) for code in catalogues}
        self._default = self._nearest(default) or DEFAULT_LANGUAGE

    @classmethod
    def load(cls, default: str = DEFAULT_LANGUAGE, folder: Path = LOCALES) -> "Texts":
        """Read every catalogue; `default` is the desk's language, for people whose language is not among them."""
        return cls({path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}, default)

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of all languages, sorted."""
        return tuple(self._texts)

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Every language's code and its own name for itself."""
        return tuple((code, text("language.name")) for code, text in self._texts.items())

    def language(self, code: str | None) -> Text:
        """The sentences for a language tag such as `de-AT`; the desk's language for an unknown or missing one."""
        return self._texts[self._nearest(code) or self._default]

    def _nearest(self, code: str | None) -> str | None:
        tag = (code or "").lower().replace("_", "-")
        while tag and tag not in self._texts:
            tag = tag.rpartition("-")[0]
        return tag or None
