"""As much of Markdown as an article needs: headings, paragraphs, lists, steps; bold, italics, links, code.

Everything else stays the text it is. Nothing here can fail: any text is some Markdown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

_HEADING = re.compile(r"#{1,6}\s+(.+)")
_STEP = re.compile(r"(\d{1,3})[.)]\s+(.*)")
_BULLET = re.compile(r"[-*+]\s+(.*)")
_RULE = re.compile(r"([-*_])(?:\s*\1){2,}$")
_QUOTE = re.compile(r"(?:>\s?)+")
_FENCE = re.compile(r"(```+|~~~+)")

# every length has a bound, and what is in a style holds no second beginning of it: so no text takes long
_INLINE = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`{1,30}+)(?P<code>[^`]{1,500})(?P=ticks)"
    r"|!\[(?P<image>[^\[\]]{0,300})\]\([^()\s]{1,2000}\)"
    r"|\[(?P<label>[^\[\]]{1,300})\]\((?P<url>[^()\s]{1,2000})\)"
    r"|<(?P<address>https://[^<>\s]{1,2000})>"
    r"|\*\*\*(?=\S)(?P<bold_italic>(?:[^*\n]|(?<=\S)\*|\*(?!\*\*)){1,300}?)(?<=\S)\*\*\*"
    r"|(?<!\w)___(?=\S)(?P<bold_italic_too>(?:[^_\n]|(?<=\S)_|_(?!__)){1,300}?)(?<=\S)___"
    r"|\*\*(?=\S)(?P<bold>(?:[^*]|\*(?!\*)){1,1000}?)(?<=\S)\*\*"
    r"|(?<!\w)__(?=\S)(?P<bold_too>(?:[^_\n]|(?<=\w)_|_(?!_)){1,300}?)(?<=\S)__(?!\w)"
    r"|\*(?=[^\s*])(?P<italic>[^*]{0,1000}+(?:\*\*[^*]{1,300}+\*\*[^*]{0,1000}+){0,3}+)(?<=[^\s*])\*(?!\*)"
    r"|(?<!\w)_(?=[^\s_])(?P<italic_too>[^_]{1,1000}?)(?<=\S)_(?!\w)"
)
_MARKS_MAX = 1000
"""So many marks of one paragraph are read, the rest of it is text; nobody writes so many."""
_DEEPEST = 4
_DEEPEST_LIST = 3


class Kind(StrEnum):
    """What a block of an article is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    STEP = "step"
    BULLET = "bullet"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, with what stands in it; `number` is a step's, `depth` how far a list item is indented."""

    kind: Kind
    text: str
    number: int = 0
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a paragraph in one style; `url` is where it leads, always https."""

    text: str
    bold: bool = False
    italic: bool = False
    url: str | None = None


def blocks(source: str) -> tuple[Block, ...]:
    """The blocks in their order; steps are numbered as written, from the number their list begins with."""
    reader = _Reader()
    for line in source.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n"):
        reader.take(line)
    reader.end()
    return tuple(reader.done)


class _Reader:
    """Takes line after line; a paragraph goes on until something else begins."""

    def __init__(self) -> None:
        self.done: list[Block] = []
        self._open: Block | None = None
        self._lines: list[str] = []
        self._fence: str | None = None
        self._after_blank = False

    def take(self, line: str) -> None:
        bare = line.strip()
        if self._fence or _FENCE.match(bare):
            self._code(line, bare)
        elif not bare:
            self._after_blank = True
        else:
            words = _QUOTE.sub("", bare, count=1) if bare.startswith(">") else bare
            self._words(words, len(line) - len(line.lstrip()))
            self._after_blank = False

    def end(self) -> None:
        if self._open:
            together = ("\n" if self._open.kind is Kind.CODE else " ").join(self._lines)
            if together.strip():
                self.done.append(replace(self._open, text=together))
        self._open = None

    def _code(self, line: str, bare: str) -> None:
        if self._fence is None:
            self._fence = bare[:3]
            self._begin(Block(Kind.CODE, ""))
            self._lines = []
        elif bare.startswith(self._fence):
            self._fence = None
            self.end()
        else:
            self._lines.append(line)

    def _words(self, bare: str, indent: int) -> None:
        depth = min(indent // 2, _DEEPEST_LIST)
        if _RULE.match(bare):
            self.end()
        elif heading := _HEADING.match(bare):
            self._begin(Block(Kind.HEADING, heading[1].rstrip("#").rstrip() or heading[1]))
            self.end()
        elif step := _STEP.match(bare):
            self._begin(Block(Kind.STEP, step[2], number=int(step[1]), depth=depth))
        elif bullet := _BULLET.match(bare):
            self._begin(Block(Kind.BULLET, bullet[1], depth=depth))
        elif self._open and self._goes_on(indent):
            self._lines.append(bare)
        else:
            self._begin(Block(Kind.PARAGRAPH, bare))

    def _goes_on(self, indent: int) -> bool:
        """The next line belongs to what is open, and so does an indented one further below an item of a list."""
        in_item = self._open is not None and self._open.kind in (Kind.STEP, Kind.BULLET)
        return not self._after_blank or (in_item and indent >= 2)

    def _begin(self, block: Block) -> None:
        self.end()
        self._open, self._lines = block, [block.text]


def spans(text: str) -> tuple[Span, ...]:
    """The pieces of a block's text in their order; a link that is not https is its words alone."""
    return tuple(_merged(_spans(text, iter(range(_MARKS_MAX)))))


def plain(text: str) -> str:
    """A block's text without its marks."""
    return "".join(span.text for span in spans(text))


def _spans(
    text: str, budget: Iterator[int], *, bold: bool = False, italic: bool = False, depth: int = 0
) -> Iterator[Span]:
    """`budget` has one item for each mark that may still be looked for."""
    position = 0
    while depth < _DEEPEST and next(budget, None) is not None and (found := _INLINE.search(text, position)):
        yield Span(text[position : found.start()], bold, italic)
        yield from _styled(found, budget, bold, italic, depth + 1)
        position = found.end()
    yield Span(text[position:], bold, italic)


def _styled(found: re.Match[str], budget: Iterator[int], bold: bool, italic: bool, depth: int) -> Iterator[Span]:
    if inner := found["bold_italic"] or found["bold_italic_too"]:
        yield from _spans(inner, budget, bold=True, italic=True, depth=depth)
    elif inner := found["bold"] or found["bold_too"]:
        yield from _spans(inner, budget, bold=True, italic=italic, depth=depth)
    elif inner := found["italic"] or found["italic_too"]:
        yield from _spans(inner, budget, bold=bold, italic=True, depth=depth)
    elif label := found["label"]:
        url = found["url"]
        yield Span(plain(label), bold, italic, url if url.startswith("https://") else None)
    elif address := found["address"]:
        yield Span(address, bold, italic, address)
    else:
        yield Span(found["escaped"] or found["code"] or found["image"] or "", bold, italic)


def _merged(pieces: Iterator[Span]) -> Iterator[Span]:
    """Neighbours of one style as one piece."""
    last: Span | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last and (last.bold, last.italic, last.url) == (piece.bold, piece.italic, piece.url):
            last = Span(last.text + piece.text, last.bold, last.italic, last.url)
        else:
            if last:
                yield last
            last = piece
    if last:
        yield last
