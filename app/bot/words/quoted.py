"""A message that somebody made a ticket from: anybody's words, sent along by the client, as plain text."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botbuilder.schema import Activity

from app.bot.edge.markup import unescape
from app.bot.edge.turns import LONGEST_NAME
from app.cards.text import cut, typed
from app.domain.requests import LONG_TEXT, TITLE

LONGEST_LINK = 1000
_FORWARDED = "forwardedMessageReference"
_LONGEST_FORWARDED = 100_000
TEAMS_HOSTS = frozenset(
    {
        *("teams.microsoft.com", "teams.cloud.microsoft", "gov.teams.microsoft.us", "dod.teams.microsoft.us"),
        "teams.microsoftonline.cn",
    }
)
_MESSAGE = "/l/message/"
# a tag, or the marks of a comment; what a tag may hold is bounded so that no message takes long
_MARKUP = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9:-]{0,30}+)(?P<rest>[^<>]{0,4000}+)>|(?P<comment><!--|-->)"
)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]{1,200})"|'([^']{1,200})')""", re.IGNORECASE)
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg"})
_SHOWN_BY_ALT = frozenset({"img", "emoji"})
_LINES = frozenset(
    {
        *("p", "div", "br", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "hr", "attachment"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    }
)
_COMMENT = "!--"
_LINE_ENDS = re.compile(r"[\r\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s")


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a message gives a new ticket; `link` leads back to it, or is empty."""

    title: str
    text: str
    author: str
    link: str


def quoted(payload: Mapping[str, Any]) -> Quoted:
    """Read a message as an action command carries it; whatever is odd about it counts as not there."""
    body = _part(payload, "body")
    content = _words(body, "content")
    said = typed(plain_text(content) if body.get("contentType") != "text" else content).strip()
    sender = _part(payload, "from")
    author = _words(_part(sender, "user"), "displayName") or _words(_part(sender, "application"), "displayName")
    return Quoted(
        title=cut(_one_line(_words(payload, "subject")) or _first_sentence(said), TITLE),
        text=cut(said, LONG_TEXT),
        author=author_name(author),
        link=message_link(payload.get("linkToMessage")),
    )


def forwarded_text(activity: Activity) -> str:
    """What a message says that somebody forwarded without a word of their own; empty where it is none."""
    for attachment in activity.attachments or ():
        content = attachment.content
        if attachment.content_type == _FORWARDED and isinstance(content, str) and len(content) <= _LONGEST_FORWARDED:
            with suppress(ValueError):
                told = json.loads(content)
                words = _words(told, "originalMessageContent") if isinstance(told, dict) else ""
                return typed(plain_text(words)).strip()
    return ""


def author_name(told: object) -> str:
    """A name on one line; empty for what is none."""
    return _one_line(typed(told))[:LONGEST_NAME] if isinstance(told, str) else ""


def message_link(told: object) -> str:
    """The link where it leads to a message in Teams and nowhere else, or an empty text."""
    if not isinstance(told, str) or len(told) > LONGEST_LINK or not told.isascii() or not told.isprintable():
        return ""
    try:
        parts = urlsplit(told)
        is_ours = parts.scheme == "https" and parts.netloc in TEAMS_HOSTS and parts.path.startswith(_MESSAGE)
    except ValueError:
        return ""
    return told if is_ours and " " not in told and "\\" not in told else ""


def plain_text(markup: str) -> str:
    """What a reader of the HTML sees: nothing is interpreted, and nothing hidden becomes visible."""
    lines = "".join(_pieces(markup)).split("\n")
    text = "\n".join(" ".join(line.split()) for line in lines)
    return _EMPTY_LINES.sub("\n\n", text).strip()


def _pieces(markup: str) -> Iterator[str]:
    """The visible text in order, one pass over the markup."""
    position, silent = 0, ""
    for found in _MARKUP.finditer(markup):
        if not silent:
            yield _unescaped(markup[position : found.start()])
        position = found.end()
        tag = (found["tag"] or "").lower()
        if silent:
            ends = found["comment"] == "-->" if silent == _COMMENT else found["end"] and tag == silent
            silent = "" if ends else silent
        elif found["comment"] == "<!--":
            silent = _COMMENT
        elif tag in _SILENT and not found["end"] and not found["rest"].endswith("/"):
            silent = tag
        elif tag in _LINES:
            yield "\n"
        elif tag in _SHOWN_BY_ALT and (alt := _ALT.search(found["rest"])):
            yield unescape(alt[1] or alt[2])
    if not silent:
        yield _unescaped(markup[position:])


def _unescaped(piece: str) -> str:
    """Line ends of the source are spaces to a reader of HTML."""
    return unescape(_LINE_ENDS.sub(" ", piece))


def _first_sentence(said: str) -> str:
    first = said.split("\n", 1)[0][: 5 * TITLE]
    return _one_line(_SENTENCE_END.split(first, maxsplit=1)[0])


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, dict) else {}


def _words(part: Mapping[str, Any], name: str) -> str:
    words = part.get(name)
    return words if isinstance(words, str) else ""
