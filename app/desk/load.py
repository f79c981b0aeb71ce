"""Reading a desk file: text → data with lines → model → cross-checks; every problem is told at once."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.desk.checks import Names, check
from app.desk.model import ID_PATTERN, PERSON_PATTERN, TEAMS_ID_PATTERN, Desk
from app.desk.problems import DeskFileError, Problem, keys_at, sentence
from app.desk.repair import place_of, repaired
from app.desk.source import Place, Source, parse
from app.i18n import LOCALES, languages

MAX_BYTES = 1_000_000
_PATTERNS = {ID_PATTERN: "id", PERSON_PATTERN: "person", TEAMS_ID_PATTERN: "teams"}


def load(path: Path) -> Desk:
    """Return the desk of a file; raise DeskFileError with every problem in it."""
    return load_text(_read(path), path.name)


def load_text(text: str, file: str = "desk.yaml", *, catalogues: Path = LOCALES) -> Desk:
    """Return the desk of a YAML text; raise DeskFileError with every problem in it.

    It may use the languages that have a file in the folder `catalogues`.
    """
    source = parse(text, file)
    if source.problems and source.data is None:
        raise DeskFileError(source.problems)
    known = languages(catalogues)
    context = {"language": _language(source.data, known), "languages": known}
    touched: set[Place] = set()
    problems = source.problems
    try:
        desk = Desk.model_validate(source.data, context=context)
    except ValidationError as error:
        problems.extend(_of_single_values(error, source))
        mended = repaired(source.data, error, context)
        if mended is None:
            raise DeskFileError(problems) from None
        desk, touched = mended
    problems.extend(_of_the_whole(desk, source, touched))
    if problems:
        raise DeskFileError(problems)
    return desk


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DeskFileError([Problem(path.name, 1, "the file is larger than 1 MB.")])
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DeskFileError([Problem(path.name, 1, "the file is not UTF-8 text.")]) from None
    except OSError as error:
        raise DeskFileError([Problem(path.name, 1, f"the file cannot be read: {error.strerror}.")]) from None


def _language(data: Any, known: tuple[str, ...]) -> str:
    info = data.get("desk") if isinstance(data, dict) else None
    language = info.get("language") if isinstance(info, dict) else None
    return language if language in known else known[0]


def _of_single_values(error: ValidationError, source: Source) -> Iterator[Problem]:
    details = error.errors(include_url=False, include_input=False)
    for detail in details:
        path = place_of(detail["loc"])
        if detail["type"] == "too_short" and any(_is_inside(other["loc"], path) for other in details):
            continue  # it is only short of the wrong entries, which are told by themselves
        name = ".".join(step for step in path if isinstance(step, str)) or "the file"
        told = sentence(detail, name, partial(_known_keys, path), _PATTERNS)
        yield Problem(source.file, source.line(path), told)


def _known_keys(path: Place) -> list[str]:
    from app.desk.schema import json_schema

    return keys_at(json_schema(), path[:-1])


def _of_the_whole(desk: Desk, source: Source, touched: set[Place]) -> Iterator[Problem]:
    for finding in check(desk, Names.of(source.data)):
        if any(where[: len(path)] == path for path in touched for where in (finding.path, finding.see)):
            continue
        see = f" (see line {source.line(finding.see)})" if finding.see else ""
        end = "" if finding.sentence.endswith(("?", ".")) else "."
        yield Problem(source.file, source.line(finding.path), f"{finding.sentence}{see}{end}")


def _is_inside(where: Place, path: Place) -> bool:
    return len(where) > len(path) and where[: len(path)] == path
