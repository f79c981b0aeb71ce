"""Typed words, German and English, whatever language the person speaks. Unknown input gets help, never silence."""

import re
from dataclasses import dataclass
from enum import Enum, auto


class Word(Enum):
    """What somebody can type."""

    NEW = auto()
    MINE = auto()
    TICKET = auto()
    HELP = auto()
    LANGUAGE = auto()
    BIND = auto()
    QUEUE = auto()
    REPLY = auto()
    NOTE = auto()
    DELIVERIES = auto()
    WORK = auto()
    UNASSIGNED = auto()
    AT_RISK = auto()
    RESOLVED = auto()
    VIEWS = auto()
    EXPLAIN = auto()
    ABSENT = auto()
    BACK = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """A word and what stands behind it; `number` is the ticket's id where one is named."""

    word: Word
    rest: str = ""
    number: int | None = None


_WORDS: dict[str, Word] = {
    **dict.fromkeys(("new", "neu", "new ticket", "neues ticket", "ticket", "new request"), Word.NEW),
    **dict.fromkeys(("status", "my tickets", "meine tickets", "tickets", "mine", "meine"), Word.MINE),
    **dict.fromkeys(("help", "hilfe", "?", "hi", "hello", "hallo", "guten tag", "moin", "start"), Word.HELP),
    **dict.fromkeys(("language", "sprache"), Word.LANGUAGE),
    **dict.fromkeys(("bind", "einrichten"), Word.BIND),
    **dict.fromkeys(("queue", "warteschlange"), Word.QUEUE),
    **dict.fromkeys(("reply", "antwort", "antworten"), Word.REPLY),
    **dict.fromkeys(("note", "notiz"), Word.NOTE),
    **dict.fromkeys(("deliveries", "zustellung", "outbox"), Word.DELIVERIES),
    **dict.fromkeys(("my work", "meine arbeit", "work", "arbeit"), Word.WORK),
    **dict.fromkeys(("unassigned", "unzugewiesen", "offen"), Word.UNASSIGNED),
    **dict.fromkeys(("at risk", "gefährdet", "gefaehrdet"), Word.AT_RISK),
    **dict.fromkeys(("resolved", "gelöst", "geloest"), Word.RESOLVED),
    **dict.fromkeys(("absent", "abwesend"), Word.ABSENT),
    **dict.fromkeys(("back", "i am back", "i'm back", "wieder da", "ich bin wieder da"), Word.BACK),
    **dict.fromkeys(("views", "my views", "ansichten", "meine ansichten"), Word.VIEWS),
}
LONGEST_COMMAND = 60
_WITH_REST = {Word.LANGUAGE, Word.BIND, Word.QUEUE, Word.REPLY, Word.NOTE}
_NUMBER = re.compile(r"(?:inc|req)[-\s]?(\d{1,15})\b[:,]?\s*", re.IGNORECASE)
_EXPLAIN = re.compile(
    r"(?:explain|erkl(?:ä|ae)ren?|(?:was\s+passiert|what\s+happens)(?:\s+(?:mit|to))?)"
    r"(?:\s+(?:inc|req)[-\s]?(\d{1,15}))?[\s:.!?]*",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"(?:i am |i'm |ich bin )?(?:absent|away|abwesend)\s+(?:until|till|bis)(?: zum)?\s+(.+)", re.IGNORECASE
)


def parse(typed: str) -> Command:
    """Read what was typed. A text that is longer than any command is no command."""
    text = typed.strip()
    plain = " ".join(text.lower().rstrip(".!").split()) if len(text) < LONGEST_COMMAND else ""
    if plain in _WORDS and _WORDS[plain] not in (Word.REPLY, Word.NOTE):
        return Command(_WORDS[plain])
    if number := _NUMBER.fullmatch(text.rstrip(" .!?")):
        return Command(Word.TICKET, number=int(number[1]))
    if asked := _EXPLAIN.fullmatch(text):
        return Command(Word.EXPLAIN, number=int(asked[1]) if asked[1] else None)
    if len(text) < LONGEST_COMMAND and (away := _ABSENT.fullmatch(text)):
        return Command(Word.ABSENT, away[1])
    first, _, rest = text.partition(" ") if " " in text[:20] else text.partition("\n")
    word = _WORDS.get(first.lower().rstrip(":"))
    if word not in _WITH_REST or word is None:
        return Command(Word.UNKNOWN, text)
    rest = rest.strip()
    number = _NUMBER.match(rest)
    if number and word in (Word.REPLY, Word.NOTE):
        return Command(word, rest[number.end() :].strip(), int(number[1]))
    return Command(word, rest)
