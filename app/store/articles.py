"""Articles as rows; each is written together with what finds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from app.domain.article import Article, Audience, Source, Written
from app.store import search
from app.store.dialect import insert_new
from app.store.schema import article_answers, articles

PUBLIC, AGENTS = "public", "agents"
_BY_ID = select(articles).where(articles.c.id == bindparam("article"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_INSERT = insert(articles).returning(articles.c.id)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote an article where, the ticket it was made from, and the line that finds its draft."""

    source: Source
    draft: bool = False
    ticket: int | None = None
    author: str | None = None
    line: str | None = None


class ArticleName(NamedTuple):
    """What an article is called."""

    id: int
    name: str
    language: str


class ArticleAnswer(NamedTuple):
    """Whether an article helped somebody."""

    article: int
    title: str
    helped: bool
    at: datetime


def find(tx: Connection, article_id: int, *, to_change: bool = False) -> Article | None:
    """One article, locked until the transaction ends where it is read to be changed."""
    row = tx.execute(_BY_ID_LOCKED if to_change else _BY_ID, {"article": article_id}).one_or_none()
    return _article(row) if row else None


def several(tx: Connection, ids: Iterable[int]) -> dict[int, Article]:
    """Articles by id."""
    rows = tx.execute(select(articles).where(articles.c.id.in_(list(ids))))
    return {row.id: _article(row) for row in rows}


def names(tx: Connection, ids: Iterable[int]) -> Sequence[ArticleName]:
    """What articles are called, by id."""
    which = select(articles.c.id, articles.c.name, articles.c.language)
    return [ArticleName._make(row) for row in tx.execute(which.where(articles.c.id.in_(list(ids))))]


def all_to_change(tx: Connection) -> list[Article]:
    """Every article there is, locked, by name and language."""
    rows = tx.execute(select(articles).order_by(articles.c.name, articles.c.language).with_for_update())
    return [_article(row) for row in rows]


def of_ticket(tx: Connection, ticket: int, language: str) -> Article | None:
    """The article that was made of this ticket in this language."""
    of_it = (articles.c.ticket == ticket) & (articles.c.language == language)
    row = tx.execute(select(articles).where(of_it)).one_or_none()
    return _article(row) if row else None


def add(tx: Connection, written: Written, origin: Origin, now: datetime) -> Article:
    """Store a new article and make it findable."""
    row = {
        **_columns(written),
        "source": origin.source,
        "draft": origin.draft,
        "ticket": origin.ticket,
        "author": origin.author,
        "created_at": now,
        "updated_at": now,
        "helped": 0,
        "not_helped": 0,
    }
    stored = select(articles).where(articles.c.id == tx.execute(_INSERT, row).scalar_one())
    return _indexed(tx, _article(tx.execute(stored).one()), origin.line)


def let_find(tx: Connection, article: Article, line: str) -> Article:
    """Let the agents of this line find the draft, and no other's."""
    return _indexed(tx, article, line)


def write(tx: Connection, article_id: int, written: Written, *, draft: bool, now: datetime) -> Article:
    """Put what was written in place of what the article said; what people answered stays counted."""
    changed = {**_columns(written), "draft": draft, "updated_at": now}
    tx.execute(update(articles).where(articles.c.id == article_id).values(changed))
    return _indexed(tx, _article(tx.execute(_BY_ID, {"article": article_id}).one()))


def remove(tx: Connection, article_id: int) -> None:
    """Delete an article; the answers people gave stay for the figures."""
    search.remove(tx, search.ARTICLES, article_id)
    tx.execute(delete(articles).where(articles.c.id == article_id))


def answer(tx: Connection, article_id: int, person: str, *, helped: bool, day: date, now: datetime) -> None:
    """Keep the person's answer of the day: the first counts, another one takes its place."""
    key = (
        (article_answers.c.article == article_id)
        & (article_answers.c.person == person)
        & (article_answers.c.day == day)
    )
    row = {"article": article_id, "person": person, "day": day, "helped": helped, "at": now}
    if tx.execute(insert_new(tx.dialect.name, article_answers), row).rowcount == 1:
        _count(tx, article_id, helped, +1)
        return
    other = key & (article_answers.c.helped != helped)
    if tx.execute(update(article_answers).where(other).values(helped=helped, at=now)).rowcount == 1:
        _count(tx, article_id, helped, +1)
        _count(tx, article_id, not helped, -1)


def answers_of(tx: Connection, person: str, *, since: datetime) -> list[ArticleAnswer]:
    """What the person said of articles that are still there, oldest first."""
    theirs = (article_answers.c.person == person) & (article_answers.c.at >= since)
    read = select(article_answers.c.article, articles.c.title, article_answers.c.helped, article_answers.c.at)
    joined = read.join_from(article_answers, articles, articles.c.id == article_answers.c.article)
    rows = tx.execute(joined.where(theirs).order_by(article_answers.c.at, article_answers.c.article))
    return [ArticleAnswer._make(row) for row in rows]


def _count(tx: Connection, article_id: int, helped: bool, by: int) -> None:
    column = articles.c.helped if helped else articles.c.not_helped
    tx.execute(update(articles).where(articles.c.id == article_id).values({column: column + by}))


def _columns(written: Written) -> dict[str, Any]:
    names = ("name", "language", "title", "audience", "body")
    return {**{name: getattr(written, name) for name in names}, "tags": list(written.tags)}


def _indexed(tx: Connection, article: Article, line: str | None = None) -> Article:
    """What the author gave as tags are words people use for it: they count like the title."""
    published = [AGENTS, *([PUBLIC] if article.audience is Audience.EVERYONE else [])]
    of_line = [search.line_scope(line)] if line else []
    search.put(
        tx,
        search.ARTICLES,
        article.id,
        title=" ".join((article.title, *article.tags)),
        body=article.body,
        scopes=of_line if article.draft else published,
    )
    return article


def _article(row: Row[Any]) -> Article:
    return Article(
        id=row.id,
        name=row.name,
        language=row.language,
        title=row.title,
        audience=Audience(row.audience),
        body=row.body,
        tags=tuple(row.tags),
        source=Source(row.source),
        draft=row.draft,
        ticket=row.ticket,
        author=row.author,
        created_at=row.created_at,
        updated_at=row.updated_at,
        helped=row.helped,
        not_helped=row.not_helped,
    )
