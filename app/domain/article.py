"""Articles: what people read before a ticket exists, and agents while they work on one."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain import markdown
from app.domain.markdown import Kind
from app.domain.people import Actor

TITLE_LENGTH = 100
BODY_BYTES = 100_000
FORM_BODY, FORM_TAGS = 5500, 400
"""The most characters of an article that is written in Teams: so much fits into a form, four bytes each."""
MOST_TAGS, TAG_LENGTH = 20, 40
SUMMARY_LENGTH = 160
_LOOKED_AT = 5000
"""Characters of a text in which its first sentence is looked for."""
_SENTENCE = re.compile(r".{20,}?[.!?](?=\s|$)")


class Audience(StrEnum):
    """Who may read an article."""

    EVERYONE = "everyone"
    AGENTS = "agents"


class Source(StrEnum):
    """Where an article is looked after: in the folder that is imported, or in Teams."""

    FOLDER = "folder"
    TEAMS = "teams"


@dataclass(frozen=True, slots=True)
class Written:
    """An article as somebody wrote it; `name` and `language` together are what makes it this one."""

    name: str
    language: str
    title: str
    audience: Audience
    body: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it is stored. `ticket` is the one whose resolution it was made from; a draft is for its agents."""

    id: int
    name: str
    language: str
    title: str
    audience: Audience
    body: str
    tags: tuple[str, ...]
    source: Source
    draft: bool
    ticket: int | None
    author: str | None
    created_at: datetime
    updated_at: datetime
    helped: int = 0
    not_helped: int = 0

    @property
    def steps(self) -> tuple[str, ...]:
        """What to do, one sentence or two each, in order: the numbered items of the text."""
        found = (block for block in markdown.blocks(self.body) if block.kind is Kind.STEP)
        return tuple(markdown.plain(block.text) for block in found)

    @property
    def summary(self) -> str:
        """The first sentence, or as much of it as fits on a line or two."""
        prose = (
            block for block in markdown.blocks(self.body[:_LOOKED_AT]) if block.kind not in (Kind.HEADING, Kind.CODE)
        )
        first = next((words for block in prose if (words := markdown.plain(block.text).strip())), "")
        sentence = _SENTENCE.match(first)
        return (sentence[0] if sentence else first)[: SUMMARY_LENGTH + 1]


def may_read(actor: Actor, article: Article) -> bool:
    """Agents of any line read whatever is published, everybody else what is published for everyone.

    A draft still says what its ticket says: who reads that is decided by the ticket (`services/articles.py`).
    """
    return not article.draft and (article.audience is Audience.EVERYONE or bool(actor.lines) or actor.is_admin)
