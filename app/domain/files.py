"""Files people send: what is kept of one, how large it may be, and the sentences for one that cannot be kept."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from app.domain.errors import DomainError

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
MOST_MEGAPIXELS = 40
OPAQUE = "application/octet-stream"
LONGEST_NAME = 120
SHOWN_AT_ONCE = 10
"""So many of a ticket's files have room on a card."""
_LONGEST_EXTENSION = 16

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters without a shape
_STEPS = re.compile(r"[/\\]")
_SYSTEMS_OWN = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was kept whole. Without `ticket` it waits for the form it was sent with."""

    id: str
    name: str
    content_type: str
    size: int
    sha256: str
    person: str
    created_at: datetime
    ticket: int | None = None
    event: int | None = None


class FileRefused(DomainError):
    """One file was not kept; its name stands in the sentence, and everything else goes on without it."""

    key = "error.file.not_fetched"

    def __init__(self, name: str, **values: object) -> None:
        super().__init__(name=name, **{"count": 1, **values})

    def of(self, name: str) -> Self:
        """The same said of another file."""
        rest = {key: value for key, value in self.values.items() if key != "name"}
        return type(self)(name, **rest)


class FileNotFetched(FileRefused):
    """Its server did not hand it out."""


class FileHostRefused(FileRefused):
    """It lies where the desk fetches nothing from."""

    key = "error.file.host"


class FileTooLarge(FileRefused):
    """It has more bytes than are kept of one file."""

    key = "error.file.too_large"

    def __init__(self, name: str) -> None:
        super().__init__(name, limit=LARGEST // MEGABYTE)


class FileTooSlow(FileRefused):
    """It did not arrive in time."""

    key = "error.file.too_slow"


class FilesBusy(FileRefused):
    """Too many files are being fetched at the moment."""

    key = "error.file.busy"


class FileEmpty(FileRefused):
    """It holds nothing."""

    key = "error.file.empty"


class NoPicture(FileRefused):
    """It was sent as a picture and is none."""

    key = "error.file.no_picture"


class PictureTooLarge(FileRefused):
    """Small as a file and huge as a picture: opening it could bring down whoever looks at it."""

    key = "error.file.pixels"

    def __init__(self, name: str) -> None:
        super().__init__(name, limit=MOST_MEGAPIXELS)


class TooManyFilesNow(FileRefused):
    """The person sent more files than anybody sends in a minute."""

    key = "error.file.too_many_now"


class TooManyFilesToday(FileRefused):
    """The person sent as many files as are kept in a day."""

    key = "error.file.too_many_today"


class TooMuchToday(FileRefused):
    """The person's files of a day are as large as they may be together."""

    key = "error.file.too_much_today"


def safe_name(written: str, default: str = "file") -> str:
    """A file name that is only a name: no path, nothing invisible, nothing a system would take for something else."""
    name = _STEPS.split(written[-4 * LONGEST_NAME :])[-1]
    name = "".join(letter for letter in name if unicodedata.category(letter) not in _UNSEEN and letter not in _FILLERS)
    name = _SYSTEMS_OWN.sub("_", " ".join(name.split())).strip(". ")
    if _DEVICE.fullmatch(name.partition(".")[0].rstrip()):
        name = f"_{name}"
    return _cut(name) or default


def _cut(name: str) -> str:
    """Shorten the stem and keep the extension, by which people know what a file is."""
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > _LONGEST_EXTENSION:
        return name[: LONGEST_NAME - 1].rstrip(". ") + "…"
    return f"{stem[: LONGEST_NAME - len(extension) - 2].rstrip('. ')}….{extension}"
