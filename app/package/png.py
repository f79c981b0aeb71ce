"""Reads the little of PNG that checking an icon needs (ISO/IEC 15948: chunks, filters), without an image library."""

import struct
import zlib
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BIT_RGBA = (8, 6, 0, 0, 0)  # depth, colour type, compression, filter method, not interlaced
_BYTES = 4
_MOST_PIXELS = 1_000_000


class NotReadableError(ValueError):
    """The file is no PNG, or one of a kind that is not read here; the message is half a sentence."""


@dataclass(frozen=True)
class Picture:
    """A decoded picture: red, green, blue and alpha, row by row from the top left."""

    width: int
    height: int
    pixels: bytes

    def only_white_on_transparent(self) -> bool:
        """Whether something is drawn, everything drawn is pure white, and something is left out."""
        alphas = self.pixels[3::_BYTES]
        colours = [self.pixels[at : at + 3] for at in range(0, len(self.pixels), _BYTES)]
        drawn_white = all(colour == b"\xff\xff\xff" for colour, alpha in zip(colours, alphas, strict=True) if alpha)
        return drawn_white and max(alphas) > 0 and min(alphas) == 0


def size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG of any kind that is complete; NotReadableError otherwise."""
    width, height, _, _ = _parts(content)
    return width, height


def read(content: bytes) -> Picture:
    """Decode an 8-bit RGBA picture; NotReadableError for everything else."""
    width, height, kind, packed = _parts(content)
    if kind != _EIGHT_BIT_RGBA or not 0 < width * height <= _MOST_PIXELS:
        raise NotReadableError("must be saved as 8-bit RGBA PNG, not interlaced")
    wanted = height * (width * _BYTES + 1)
    try:
        raw = zlib.decompressobj().decompress(packed, wanted)
    except zlib.error as damaged:
        raise NotReadableError("is a damaged PNG file") from damaged
    if len(raw) != wanted:
        raise NotReadableError("is a damaged PNG file")
    return Picture(width, height, _unfiltered(raw, width * _BYTES))


def _parts(content: bytes) -> tuple[int, int, tuple[int, ...], bytes]:
    if not content.startswith(_SIGNATURE):
        raise NotReadableError("is not a PNG file")
    header, packed, name, at = b"", b"", b"", len(_SIGNATURE)
    try:
        while name != b"IEND":
            length, name = struct.unpack_from(">I4s", content, at)
            data = content[at + 8 : at + 8 + length]
            if name == b"IHDR":
                header = data
            elif name == b"IDAT":
                packed += data
            at += 12 + length
        width, height, *kind = struct.unpack(">IIBBBBB", header)
    except struct.error as damaged:
        raise NotReadableError("is a damaged PNG file") from damaged
    return width, height, tuple(kind), packed


def _unfiltered(raw: bytes, stride: int) -> bytes:
    picture = bytearray()
    above = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for at in range(stride):
            left = row[at - _BYTES] if at >= _BYTES else 0
            corner = above[at - _BYTES] if at >= _BYTES else 0
            row[at] = (row[at] + _predicted(kind, left, above[at], corner)) & 0xFF
        picture += row
        above = bytes(row)
    return bytes(picture)


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    match kind:
        case 0:
            return 0
        case 1:
            return left
        case 2:
            return above
        case 3:
            return (left + above) // 2
        case 4:
            guess = left + above - corner
            return min((left, above, corner), key=lambda value: abs(guess - value))  # ties: left, above, corner
        case _:
            raise NotReadableError("is a damaged PNG file")
