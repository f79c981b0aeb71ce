"""Level 0: find an article, read it, say whether it helped; write one from what solved a ticket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Connection

from app.actions.resolve import Resolved
from app.desk.model import Desk
from app.domain.article import (
    FORM_BODY,
    MOST_TAGS,
    TAG_LENGTH,
    TITLE_LENGTH,
    Article,
    Audience,
    Source,
    Written,
    may_read,
)
from app.domain.errors import InvalidInput, NoSuchArticle, NotAllowed, NotFound, NotNow
from app.domain.merging import teaches
from app.domain.people import Actor, Role
from app.domain.verbs import Verb
from app.services.access import access_ticket
from app.store import articles, history, search
from app.store.articles import ArticleName, Origin
from app.store.search import Hit

OFFERED = 3
LOOKED_AT = 50
"""So many of the best are looked at: drafts whose ticket has left the line may be among them."""
_IN_ANOTHER_LANGUAGE = 0.6
"""What a fit in another language than the reader's is worth: as good a one in theirs is better."""


def matching(tx: Connection, desk: Desk, actor: Actor, words: str, *, limit: int = OFFERED) -> tuple[Article, ...]:
    """What fits the words best, for this reader: each article in one language, theirs where it fits in that one.

    Words that every sentence has, a greeting or a thank-you, fit nothing.
    """
    mark = articles.AGENTS if actor.lines or actor.is_admin else articles.PUBLIC
    marks = [mark, *map(search.line_scope, actor.lines)]
    scores = {hit.id: hit.score for hit in _about_it(search.find_articles(tx, words, scopes=marks))}
    best = _best_first(articles.names(tx, scores), scores, actor.language)[:LOOKED_AT]
    found = articles.several(tx, best)
    return tuple(islice((found[id] for id in best if _may_read(tx, desk, actor, found[id])), limit))


def _about_it(hits: Sequence[Hit]) -> list[Hit]:
    """Those with a telling word in title or tags; where there are none, those with most (two at least) in the text."""
    by_title = [hit for hit in hits if hit.in_title]
    return by_title or [hit for hit in hits if hit.matched >= max(2, (hit.asked + 1) // 2)]


def _best_first(found: Sequence[ArticleName], scores: Mapping[int, float], language: str) -> list[int]:
    """The ids, one of each name: what is in another language than the reader's comes first where it fits far better."""
    worth = {each.id: scores[each.id] * (1 if each.language == language else _IN_ANOTHER_LANGUAGE) for each in found}
    versions: dict[str, list[ArticleName]] = {}
    for each in sorted(found, key=lambda each: (-round(worth[each.id], 6), each.name)):
        versions.setdefault(each.name, []).append(each)
    return [min(several, key=lambda each: each.language != language).id for several in versions.values()]


def read(tx: Connection, desk: Desk, actor: Actor, article_id: int) -> Article:
    """The article; raise `NoSuchArticle` where there is none for this reader."""
    article = articles.find(tx, article_id)
    if article is None or not _may_read(tx, desk, actor, article):
        raise NoSuchArticle
    return article


def _may_read(tx: Connection, desk: Desk, actor: Actor, article: Article) -> bool:
    """What is published by its audience; a draft whoever is an agent of its ticket at the time."""
    if not article.draft:
        return may_read(actor, article)
    try:
        return article.ticket is not None and Role.AGENT in access_ticket(tx, desk, actor, article.ticket).roles
    except NotFound:
        return False


def answer(tx: Connection, desk: Desk, actor: Actor, article_id: int, *, helped: bool, now: datetime) -> Article:
    """Count that it helped (a ticket less) or did not; a person counts once a day, by their last answer."""
    read(tx, desk, actor, article_id)
    articles.answer(tx, article_id, actor.id, helped=helped, day=now.astimezone(UTC).date(), now=now)
    return read(tx, desk, actor, article_id)


def did_not_help(tx: Connection, person: str, *, since: datetime) -> tuple[str, ...]:
    """The titles of what the person tried in vain lately, oldest first: it travels with their next ticket."""
    last = {row.article: row for row in articles.answers_of(tx, person, since=since)}
    return tuple(row.title for row in last.values() if not row.helped)


def draft_from(tx: Connection, desk: Desk, actor: Actor, ticket_id: int, *, now: datetime) -> Article:
    """Make a draft of what solved the ticket, and of the guide the specialist wrote, for its agents; one per ticket.

    Raises `NotFound` or `NotAllowed` for anybody but an agent of the ticket, `NotAllowed` for a confidential one, and
    `NotNow` while nobody wrote what solved it.
    """
    access = access_ticket(tx, desk, actor, ticket_id, to_change=True)  # of two who make it at once, one finds it made
    ticket = access.ticket
    if Role.AGENT not in access.roles or ticket.confidential:
        raise NotAllowed(number=ticket.number)
    if not teaches(ticket):
        raise NotNow(number=ticket.number)
    if made_before := articles.of_ticket(tx, ticket.id, actor.language):
        return articles.let_find(tx, made_before, ticket.line) if made_before.draft else made_before
    resolved = history.latest(tx, ticket.id, (Verb.RESOLVE.value,), limit=1)
    guide = resolved[0].data.guide if resolved and isinstance(resolved[0].data, Resolved) else ""
    body = "\n\n".join(part for part in (guide.strip(), ticket.resolution or "") if part)
    name = f"@{ticket.number.lower()}"  # no file of the folder is called like that
    written = Written(name, actor.language, ticket.title, Audience.AGENTS, body)
    origin = Origin(Source.TEAMS, draft=True, ticket=ticket.id, author=actor.id, line=ticket.line)
    return articles.add(tx, written, origin, now)


@dataclass(frozen=True, slots=True)
class Edition:
    """What an agent makes of an article when they publish it; `of` is when the text they saw was written."""

    title: str
    audience: Audience
    body: str
    tags: tuple[str, ...] = ()
    of: datetime | None = None


def may_edit(actor: Actor, article: Article) -> bool:
    """Agents edit what was written in Teams; the folder is edited where it is."""
    return (bool(actor.lines) or actor.is_admin) and article.source is Source.TEAMS


def to_edit(tx: Connection, desk: Desk, actor: Actor, article_id: int) -> Article:
    """The article for a form. Raises `NoSuchArticle` where there is none for the actor, and `NotAllowed`."""
    article = read(tx, desk, actor, article_id)
    if not may_edit(actor, article):
        raise NotAllowed
    return article


def publish(tx: Connection, desk: Desk, actor: Actor, article_id: int, edition: Edition, *, now: datetime) -> Article:
    """Let others read it. Raises `NoSuchArticle` where there is none for the actor, `NotAllowed` for all but agents and
    for what is looked after in the folder, and `InvalidInput` where somebody else wrote another text meanwhile.
    """
    article = articles.find(tx, article_id, to_change=True)
    if article is None or not _may_read(tx, desk, actor, article):
        raise NoSuchArticle
    if not may_edit(actor, article):
        raise NotAllowed
    _check(edition)
    if edition.of and edition.of != article.updated_at:
        raise InvalidInput({"": ("error.article_changed", {})})
    written = Written(
        article.name, article.language, edition.title.strip(), edition.audience, edition.body, edition.tags
    )
    return articles.write(tx, article_id, written, draft=False, now=now)


def _check(edition: Edition) -> None:
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    texts = {"title": (edition.title, TITLE_LENGTH), "body": (edition.body, FORM_BODY)}
    for name, (text, limit) in texts.items():
        if not text.strip():
            problems[name] = ("error.input.required", {})
        elif len(text) > limit:
            problems[name] = ("error.input.too_long", {"limit": limit, "length": len(text)})
    if len(edition.tags) > MOST_TAGS or max(map(len, edition.tags), default=0) > TAG_LENGTH:
        written = sum(map(len, edition.tags))
        problems["tags"] = ("error.input.too_long", {"limit": MOST_TAGS * TAG_LENGTH, "length": written})
    if problems:
        raise InvalidInput(problems)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    added: int
    updated: int
    removed: int
    unchanged: int


class NameTaken(Exception):
    """Articles that an earlier version let people write in Teams have these names (and languages) already; nothing was
    changed.
    """

    def __init__(self, taken: Sequence[Written]) -> None:
        super().__init__()
        self.taken = tuple(taken)


def take_over(tx: Connection, folder: Sequence[Written], *, now: datetime) -> Imported:
    """Make the articles of the folder what they are there; those that left it go, those written in Teams stay."""
    stored = {(article.name, article.language): article for article in articles.all_to_change(tx)}
    wanted = {(written.name, written.language): written for written in folder}
    if taken := [written for key, written in wanted.items() if key in stored and stored[key].source is Source.TEAMS]:
        raise NameTaken(taken)
    gone = [old for key, old in stored.items() if old.source is Source.FOLDER and key not in wanted]
    for old in gone:
        articles.remove(tx, old.id)
    new = [written for key, written in wanted.items() if key not in stored]
    for written in new:
        articles.add(tx, written, Origin(Source.FOLDER), now)
    changed = [written for key, written in wanted.items() if key in stored and _as_written(stored[key]) != written]
    for written in changed:
        articles.write(tx, stored[written.name, written.language].id, written, draft=False, now=now)
    return Imported(len(new), len(changed), len(gone), len(wanted) - len(new) - len(changed))


def _as_written(article: Article) -> Written:
    return Written(article.name, article.language, article.title, article.audience, article.body, article.tags)
