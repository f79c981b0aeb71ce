"""`ticketbot articles import`: a folder of Markdown files becomes the articles of level 0, all of them or none."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from app.desk.problems import hint
from app.desk.source import Source, parse
from app.domain.article import BODY_BYTES, MOST_TAGS, TAG_LENGTH, TITLE_LENGTH, Audience, Written
from app.i18n import languages
from app.services import articles
from app.services.articles import Imported, NameTaken
from app.settings import Settings
from app.store.connect import connect

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_KEYS = ("title", "audience", "tags")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class FolderError(Exception):
    """The folder cannot be imported; `problems` are the sentences that say why, nothing was changed."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def import_folder(settings: Settings, folder: Path, *, now: datetime) -> Imported:
    """Make the desk's articles those of the folder; raise `FolderError` with everything that is wrong with them."""
    written = read_folder(folder)

    async def run() -> Imported:
        database = connect(settings.database_url)
        try:
            return await database.write(partial(articles.take_over, folder=written, now=now))
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except NameTaken as taken:
        sentence = "an article written in Teams has this name: choose another one"
        raise FolderError(
            [f"{folder / f'{each.name}.{each.language}.md'}: {sentence}" for each in taken.taken]
        ) from None


def read_folder(folder: Path) -> list[Written]:
    """The articles in the folder's `NAME.LANGUAGE.md` files, in their order; other kinds of files are left alone."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".md" and not file.name.startswith("."))
    if not files:
        raise FolderError([f"{folder}: no article is there; articles are files called NAME.LANGUAGE.md (vpn.de.md)"])
    read = [_File(file, languages()) for file in files]
    problems = [problem for file in read for problem in file.problems]
    problems += _twice(read)
    if problems:
        raise FolderError(problems)
    return [file.written for file in read if file.written]


def _twice(read: Sequence["_File"]) -> Iterator[str]:
    """A name is the same in capitals and in small letters."""
    first: dict[tuple[str, str], Path] = {}
    for file in read:
        if file.key is None:
            continue
        if file.key in first:
            yield f"{file.path}:1: this is the same article as {first[file.key].name}: remove or rename one"
        first.setdefault(file.key, file.path)


@dataclass
class _Front:
    """What stands between the two lines of three dashes, and the text below."""

    source: Source
    body: str
    body_line: int


class _File:
    """One file: the article in it, or what is wrong."""

    def __init__(self, path: Path, languages: Sequence[str]) -> None:
        self.path = path
        self.problems: list[str] = []
        self.key = self._named(languages)
        self.written: Written | None = None
        text = self._text()
        front = None if text is None else self._front(text)
        if front:
            self._take(front)

    def _refuse(self, line: int, sentence: str) -> None:
        self.problems.append(f"{self.path}:{line}: {sentence}")

    def _named(self, languages: Sequence[str]) -> tuple[str, str] | None:
        name, _, language = self.path.stem.rpartition(".")
        if not name:
            self._refuse(1, "the file name says no language: an article is called NAME.LANGUAGE.md (vpn.de.md)")
        elif not _NAME.fullmatch(name):
            self._refuse(1, "the name may hold 64 letters (a-z), digits, - and _, and begins with a letter or digit")
        elif language.lower() not in languages:
            self._refuse(1, f"the language {language!r} is unknown{hint(language, languages).rstrip('.')}")
        else:
            return name.lower(), language.lower()
        return None

    def _text(self) -> str | None:
        try:
            stored = self.path.read_bytes()
        except OSError as error:
            self._refuse(1, f"it cannot be read ({error.strerror})")
            return None
        if len(stored) > BODY_BYTES:
            self._refuse(1, f"it is too large: an article has at most {BODY_BYTES:,} bytes")
            return None
        try:
            text = stored.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._refuse(stored.count(b"\n", 0, error.start) + 1, "it is not UTF-8: save it in this encoding")
            return None
        if odd := _NO_TEXT.search(text):
            line = text.count("\n", 0, odd.start()) + 1
            self._refuse(line, "it holds a character that is no text: is it a Markdown file?")
            return None
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _front(self, text: str) -> _Front | None:
        lines = text.split("\n")
        if lines[0].rstrip() != "---":
            self._refuse(1, "the front matter is missing: the first line is ---, then title and audience, then ---")
            return None
        end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
        if end is None:
            self._refuse(1, "the front matter has no end: a line --- comes below it")
            return None
        # an empty line in place of the dashes keeps the lines' numbers
        source = parse("\n" + "\n".join(lines[1:end]), str(self.path))
        return _Front(source, "\n".join(lines[end + 1 :]).strip("\n"), end + 2)

    def _take(self, front: _Front) -> None:
        for problem in front.source.problems:
            self._refuse(problem.line, problem.sentence.rstrip("."))
        if front.source.problems:
            return
        if not isinstance(front.source.data, dict):
            self._refuse(1, "the front matter holds no title and no audience")
            return
        for key in front.source.data:
            if key not in _KEYS:
                self._refuse(front.source.line((key,)), f"{key} is unknown{hint(key, _KEYS).rstrip('.')}")
        title, audience, tags = self._title(front.source), self._audience(front.source), self._tags(front.source)
        if not front.body.strip():
            self._refuse(front.body_line, "there is no text below the front matter")
        if not self.problems and self.key and audience:
            self.written = Written(*self.key, title, audience, front.body, tags)

    def _title(self, source: Source) -> str:
        given = source.data.get("title")
        title = " ".join(given.split()) if isinstance(given, str) else ""
        if not title:
            self._refuse(source.line(("title",)), "the title is missing")
        elif len(title) > TITLE_LENGTH:
            self._refuse(source.line(("title",)), f"the title has {len(title)} characters, at most {TITLE_LENGTH} fit")
        elif _NO_TEXT.search(title):
            self._refuse(source.line(("title",)), "the title holds a character that is no text")
        return title

    def _audience(self, source: Source) -> Audience | None:
        given = source.data.get("audience")
        known = [audience.value for audience in Audience]
        if given in known:
            return Audience(given)
        wrong = "is missing: everyone or agents" if given is None else "must be everyone or agents"
        self._refuse(source.line(("audience",)), f"the audience {wrong}")
        return None

    def _tags(self, source: Source) -> tuple[str, ...]:
        given: Any = source.data.get("tags")
        tags = [] if given is None else given.split(",") if isinstance(given, str) else given
        if not isinstance(tags, list) or not all(isinstance(tag, str) and tag.strip() for tag in tags):
            self._refuse(source.line(("tags",)), "the tags must be words: [printer, paper jam]")
            return ()
        if len(tags) > MOST_TAGS or any(len(tag) > TAG_LENGTH for tag in tags):
            self._refuse(source.line(("tags",)), f"at most {MOST_TAGS} tags of {TAG_LENGTH} characters are possible")
        if _NO_TEXT.search("".join(tags)):
            self._refuse(source.line(("tags",)), "the tags hold a character that is no text")
        return tuple(" ".join(tag.split()) for tag in tags)
