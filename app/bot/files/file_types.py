"""What a file is, by what it holds: never by its name, never by what its sender calls it, and nothing is unpacked."""

import codecs
import re
from typing import BinaryIO, NamedTuple

from app.bot.files import pixels
from app.domain.files import OPAQUE

_HEAD = 4096
_TAIL = 65536
_CHUNK = 65536
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_PACKED = {
    b"word/document": f"{_OFFICE}.wordprocessingml.document",
    b"xl/workbook": f"{_OFFICE}.spreadsheetml.sheet",
    b"ppt/presentation": f"{_OFFICE}.presentationml.presentation",
}
_CHARSETS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ACTIVE = re.compile(r"^#!|<(?:!doctype|\?xml|html|head|body|script|svg|iframe)\b", re.IGNORECASE)
_MAIL = re.compile(r"\A(?:[\w-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){3}", re.ASCII)
_MAILS_OWN = re.compile(r"^(?:from|received|message-id|mime-version):", re.IGNORECASE | re.MULTILINE)
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Kind(NamedTuple):
    """What a file is served as; `pixels` (width, height) of pictures only."""

    content_type: str
    pixels: tuple[int, int] | None = None


def recognise(content: BinaryIO) -> Kind:
    """Read as much as is needed to tell; whatever is unknown, active or broken is nothing but bytes."""
    head = _read(content, 0, _HEAD)
    if picture := pixels.measure(content, head):
        return Kind(picture.content_type, (picture.width, picture.height))
    if head.startswith(b"%PDF-"):
        return Kind("application/pdf")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Kind(_packed(content, head))
    if head.startswith(_COMPOUND):
        return Kind(_compound(content, head))
    return Kind(_text(content, head) or OPAQUE)


def _packed(content: BinaryIO, head: bytes) -> str:
    """A zip, or the office document whose parts its list of names (at the end) shows."""
    if head[30:49] != b"[Content_Types].xml":
        return "application/zip"
    names = _read(content, -_TAIL, _TAIL)
    return next((kind for part, kind in _PACKED.items() if part in names), "application/zip")


def _compound(content: BinaryIO, head: bytes) -> str:
    """A saved mail of Outlook has its own kind of entries in the directory; old office documents stay bytes."""
    if len(head) < 76:
        return OPAQUE
    sector = 4096 if head[30:32] == b"\x0c\x00" else 512
    directory = _read(content, (int.from_bytes(head[48:52], "little") + 1) * sector, _HEAD)
    return "application/vnd.ms-outlook" if "__properties_version1.0".encode("utf-16-le") in directory else OPAQUE


def _text(content: BinaryIO, head: bytes) -> str | None:
    charset = next((name for mark, name in _CHARSETS.items() if head.startswith(mark)), "utf-8")
    decoder = codecs.getincrementaldecoder(charset)()
    content.seek(0)
    beginning = ""
    try:
        while chunk := content.read(_CHUNK):
            text = decoder.decode(chunk)
            if _NO_TEXT.search(text):
                return None
            beginning = beginning or text[:_HEAD].lstrip("\ufeff")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    if _MAIL.match(beginning) and _MAILS_OWN.search(beginning):
        return "message/rfc822"
    return None if _ACTIVE.search(beginning) else f"text/plain; charset={charset}"


def _read(content: BinaryIO, start: int, length: int) -> bytes:
    """Part of a file; a negative start counts from its end."""
    size = content.seek(0, 2)
    content.seek(max(0, size + start) if start < 0 else start)
    return content.read(length)
