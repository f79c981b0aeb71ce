"""A language that nobody speaks: English with a mark on every letter, so that a text that is not from it is seen."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from babel import Locale

from app.i18n import LOCALES, Template

CODE = "eo"  # Babel knows its plurals and the names of its days; no catalogue of ours is written in it
NAME = "Ḗśṕḗŕáńťó"
_MARKED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "áƀćđéƒǵĥíĵḱĺḿńóṕɋŕśťúṽẃẍýźÁƁĆĐÉƑǴĤÍĴḰĹḾŃÓṔɊŔŚŤÚṼẂẌÝŹ"
)
_DATES = Locale.parse(CODE)
_OF_BABEL = {
    name.rstrip(".")
    for names in (_DATES.days["format"]["abbreviated"], _DATES.months["format"]["abbreviated"])
    for name in names.values()
}
_SHOWN = ("text", "title", "label", "placeholder", "errorMessage", "altText", "fallbackText", "summary", "speak")


def marked(text: str) -> str:
    """The text in that language; placeholders stay."""
    return "".join(part if part.startswith("{") else part.translate(_MARKED) for part in re.split(r"(\{.*?\})", text))


def catalogues(folder: Path, code: str = CODE) -> Path:
    """The folder, with the catalogues there are and one of that language under this code."""
    for file in LOCALES.glob("*.json"):
        shutil.copy(file, folder)
    english: dict[str, Template] = json.loads((LOCALES / "en.json").read_text("utf-8"))
    own = {key: _template(text) for key, text in english.items()} | {"language.name": NAME}
    (folder / f"{code}.json").write_text(json.dumps(own, ensure_ascii=False), "utf-8")
    return folder


def _template(text: Template) -> Template:
    return {form: marked(each) for form, each in text.items()} if isinstance(text, dict) else marked(text)


def foreign(part: Any, *own: str) -> list[str]:
    """The texts of a message or card with words that are neither of that language nor `own`, which people chose."""
    return [text for text in _shown(part) if _unmarked(text, own)]


def _unmarked(text: str, own: tuple[str, ...]) -> list[str]:
    plain = re.sub(r"</?at>|\b(?:INC|REQ)-\d+", "", text)
    return [word for word in re.findall(r"(?<!\w)[A-Za-z]+(?!\w)", plain) if word not in {*_OF_BABEL, *own}]


def _shown(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for each in part for text in _shown(each)]
    if not isinstance(part, dict):
        return []
    facts = [part["value"]] if "title" in part and "type" not in part and isinstance(part.get("value"), str) else []
    said = [part["value"]] if part.get("type") == "application/vnd.microsoft.activity.message" else []
    own = [text for name in _SHOWN if isinstance(text := part.get(name), str)]
    return own + said + _without_choices(part, facts) + [text for each in part.values() for text in _shown(each)]


def _without_choices(part: dict[str, Any], facts: list[str]) -> list[str]:
    """A fact's value is read, a choice's is not: a choice has nothing but its title and an id."""
    return [value for value in facts if not re.fullmatch(r"[a-z0-9_.:-]*|P\d", value)]
