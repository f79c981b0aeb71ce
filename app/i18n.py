"""The words people read: one JSON catalogue per language, plural rules and calendar names from Babel.

A further language is one more file in `locales/`; no code names a language except the default. A catalogue also holds
what its language contributes to being understood: the words people type, comma-separated under `words.…`.
"""

import datetime
import json
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

LOCALES = Path(__file__).parent / "locales"
DEFAULT_LANGUAGE = "en"
SHIPPED = ("de", "en")
"""Languages that must be able to say everything; what a further one lacks is said in another."""

Template = str | dict[str, str]
Catalogue = Mapping[str, Template]


@cache
def languages(folder: Path = LOCALES) -> tuple[str, ...]:
    """The codes of all languages that have a catalogue in the folder, sorted, as they were when first asked for."""
    return tuple(sorted(path.stem.lower() for path in folder.glob("*.json")))


class MissingText(LookupError):
    """No language has the key: a mistake in the code, found by the tests."""


class Text:
    """The sentences of one language. Calling it with a key and the values of its placeholders returns the sentence."""

    def __init__(self, language: str, catalogues: Mapping[str, Catalogue]) -> None:
        self.language = language
        self._own = catalogues[language]
        others = sorted(catalogues.items(), key=lambda each: (each[0] != DEFAULT_LANGUAGE, each[0]))
        self._others = [texts for code, texts in others if code != language]

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence; a plural is chosen by the value `count`. Raise `MissingText` if no language has it."""
        template = self._template(key)
        if isinstance(template, dict):
            template = self._plural(template, values)
        return template.format(**values) if values else template

    def has(self, key: str) -> bool:
        """Whether any language has the key; for keys made from codes that other parts choose."""
        return key in self._own or any(key in texts for texts in self._others)

    def says(self, key: str) -> bool:
        """Whether this language itself has the key."""
        return key in self._own

    def words(self, key: str) -> tuple[str, ...]:
        """What people of this language may type for something; none where its catalogue names none."""
        listed = self._own.get(key)
        return tuple(word.strip() for word in listed.split(",")) if isinstance(listed, str) else ()

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

    def number(self, value: float) -> str:
        """A number with one decimal place, "11,8"."""
        from babel.numbers import format_decimal

        return format_decimal(value, format="0.0", locale=self._locale)

    def _template(self, key: str) -> Template:
        for texts in (self._own, *self._others):
            if key in texts:
                return texts[key]
        raise MissingText(key)

    def _plural(self, forms: dict[str, str], values: Mapping[str, object]) -> str:
        count = values.get("count")
        form = self._locale.plural_form(count) if isinstance(count, int) else "other"
        return forms.get(form) or forms.get("other") or next(iter(forms.values()))

    def _parts(self, day: datetime.date) -> dict[str, object]:
        weekday, month_name = self._weekdays[day.weekday()], self._months[day.month]
        return {"weekday": weekday, "day": day.day, "month": day.month, "month_name": month_name}

    @cached_property
    def weekdays(self) -> tuple[str, ...]:
        """The full names of the days, Monday first."""
        return tuple(self._locale.days["format"]["wide"][number] for number in range(7))

    @cached_property
    def _weekdays(self) -> Mapping[int, str]:
        return {number: name.rstrip(".") for number, name in self._locale.days["format"]["abbreviated"].items()}

    @cached_property
    def _months(self) -> Mapping[int, str]:
        return dict(self._locale.months["format"]["abbreviated"].items())

    @cached_property
    def _locale(self) -> "Locale":
        from babel import Locale, UnknownLocaleError

        try:
            return Locale.parse(self.language.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            return Locale.parse(DEFAULT_LANGUAGE)


class Texts:
    """All languages there are."""

    def __init__(self, catalogues: Mapping[str, Catalogue], default: str = DEFAULT_LANGUAGE) -> None:
        self._texts = {code: Text(code, catalogues) for code in catalogues}
        self._default = self._nearest(default) or DEFAULT_LANGUAGE

    @classmethod
    def load(cls, default: str = DEFAULT_LANGUAGE, folder: Path = LOCALES) -> "Texts":
        """Read every catalogue; `default` is the desk's language, for people whose language is not among them."""
        found = {path.stem.lower(): json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
        return cls(found, default)

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of all languages, sorted."""
        return tuple(self._texts)

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Every language's code and its own name for itself."""
        return tuple((code, next(iter(text.words("language.name")), code)) for code, text in self._texts.items())

    @cached_property
    def all(self) -> tuple[Text, ...]:
        """Every language, the desk's own first."""
        return tuple(sorted(self._texts.values(), key=lambda text: text.language != self._default))

    def lacking(self, key: str) -> tuple[str, ...]:
        """The codes of the shipped languages that say nothing for the key."""
        return tuple(code for code in SHIPPED if code not in self._texts or not self._texts[code].says(key))

    def words(self, key: str) -> tuple[str, ...]:
        """What people may type for something in any language, whichever they speak, each word once."""
        return tuple(dict.fromkeys(word for text in self.all for word in text.words(key)))

    def called(self, name: str) -> str | None:
        """The code of the language that somebody calls by this name or code; None for no language."""
        return self._called.get(name.lower()) or self._nearest(name)

    @cached_property
    def _called(self) -> dict[str, str]:
        return {
            name.lower(): text.language
            for text in reversed(self.all)
            for name in (*text.words("language.called"), *text.words("language.name"))
        }

    def language(self, code: str | None) -> Text:
        """The sentences for a language tag such as `de-AT`; the desk's language for an unknown or missing one."""
        return self._texts[self._nearest(code) or self._default]

    def _nearest(self, code: str | None) -> str | None:
        tag = (code or "").lower().replace("_", "-")
        while tag and tag not in self._texts:
            tag = tag.rpartition("-")[0]
        return tag or None
