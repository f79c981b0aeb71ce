"""Reading a desk file: text → data with lines → model → cross-checks; every problem is told at once."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.desk.model import Desk
from app.desk.problems import DeskFileError, Problem
from app.desk.source import Source, parse
from app.desk.values import LANGUAGES

MAX_BYTES = 1_000_000


def load(path: Path) -> Desk:
    """Return the desk of a file; raise DeskFileError with every problem in it."""
    return load_text(_read(path), path.name)


def load_text(text: str, file: str = "desk.yaml") -> Desk:
    """Return the desk of a YAML text; raise DeskFileError with every problem in it."""
    source = parse(text, file)
    if source.problems:
        raise DeskFileError(source.problems)
    try:
        return Desk.model_validate(source.data, context={"language": _language(source.data)})
    except ValidationError as error:
        raise DeskFileError(_problems(error, source)) from None


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DeskFileError([Problem(path.name, 1, "the file is larger than 1 MB.")])
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DeskFileError([Problem(path.name, 1, "the file is not UTF-8 text.")]) from None
    except OSError as error:
        raise DeskFileError([Problem(path.name, 1, f"the file cannot be read: {error.strerror}.")]) from None


def _language(data: Any) -> str:
    info = data.get("desk") if isinstance(data, dict) else None
    language = info.get("language") if isinstance(info, dict) else None
    return language if language in LANGUAGES else LANGUAGES[0]


def _problems(error: ValidationError, source: Source) -> list[Problem]:
    return [
        Problem(source.file, source.line(detail["loc"]), f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}.")
        for detail in error.errors(include_url=False)
    ]
