"""How large a picture would become, read from its header: nothing is decoded."""

from typing import BinaryIO, NamedTuple

_MOST_SEGMENTS = 1000
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN, _END = 0xDA, 0xD9


class Picture(NamedTuple):
    content_type: str
    width: int
    height: int


def measure(content: BinaryIO, head: bytes) -> Picture | None:
    """The picture's type and size; None for what is no PNG, JPEG, GIF or WebP, or a broken one."""
    found = _png(head) or _gif(head) or _webp(head) or _jpeg(content, head)
    return found if found and found.width and found.height else None


def _png(head: bytes) -> Picture | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n") or head[12:16] != b"IHDR" or len(head) < 24:
        return None
    return Picture("image/png", _big(head[16:20]), _big(head[20:24]))


def _gif(head: bytes) -> Picture | None:
    if not head.startswith((b"GIF87a", b"GIF89a")) or len(head) < 10:
        return None
    return Picture("image/gif", _little(head[6:8]), _little(head[8:10]))


def _webp(head: bytes) -> Picture | None:
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return None
    match head[12:16]:
        case b"VP8X":
            return Picture("image/webp", _little(head[24:27]) + 1, _little(head[27:30]) + 1)
        case b"VP8L" if head[20] == 0x2F:
            packed = _little(head[21:25])
            return Picture("image/webp", (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
        case b"VP8 " if head[23:26] == b"\x9d\x01\x2a":
            return Picture("image/webp", _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF)
    return None


def _jpeg(content: BinaryIO, head: bytes) -> Picture | None:
    """Walk from segment to segment; where several frames are declared, the largest counts."""
    if not head.startswith(b"\xff\xd8\xff"):
        return None
    content.seek(2)
    width = height = 0
    for _ in range(_MOST_SEGMENTS):
        marker = content.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            break
        if marker[1] == 0xFF:  # padding
            content.seek(-1, 1)
            continue
        if marker[1] in _STANDALONE:
            continue
        if marker[1] in (_START_OF_SCAN, _END):
            break
        length = _big(content.read(2))
        if length < 2:
            break
        if marker[1] in _FRAMES:
            frame = content.read(5)
            height, width = max(height, _big(frame[1:3])), max(width, _big(frame[3:5]))
            length -= len(frame)
        content.seek(length - 2, 1)
    return Picture("image/jpeg", width, height)


def _big(part: bytes) -> int:
    return int.from_bytes(part, "big")


def _little(part: bytes) -> int:
    return int.from_bytes(part, "little")
