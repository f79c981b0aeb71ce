"""Articles, and the search over them and over tickets.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.store import search

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
BATCH = 500


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("ticket", ID, nullable=True),
        sa.Column("author", sa.String(length=128), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("helped", sa.Integer(), nullable=False),
        sa.Column("not_helped", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("name", "language", name=op.f("uq_articles_name_language")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "article_answers",
        sa.Column("article", ID, nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("article", "person", "day", name=op.f("pk_article_answers")),
    )
    op.create_index("ix_article_answers_at", "article_answers", ["at"])
    op.create_index("ix_article_answers_person_at", "article_answers", ["person", "at"])
    op.create_table(
        "search_words",
        sa.Column("corpus", sa.String(length=8), nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.Column("backwards", WORD, nullable=False),
        sa.PrimaryKeyConstraint("corpus", "word", name=op.f("pk_search_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_words_corpus_backwards", "search_words", ["corpus", "backwards"])
    op.create_table(
        "search_typos",
        sa.Column("corpus", sa.String(length=8), nullable=False),
        sa.Column("residue", WORD, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.PrimaryKeyConstraint("corpus", "residue", "word", name=op.f("pk_search_typos")),
        sqlite_with_rowid=False,
    )
    for corpus in (search.ARTICLES, search.TICKETS):
        _searchable(f"{corpus}_search")
    _index_tickets(op.get_bind())


def downgrade() -> None:
    for table in ("ticket_search", "article_search", "search_typos", "search_words", "article_answers", "articles"):
        op.drop_table(table)


def _searchable(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        # words come separated by single spaces: only ASCII is taken apart
        op.execute(f"CREATE VIRTUAL TABLE {table} USING fts5 (title, body, scope, tokenize = 'ascii', detail = column)")
        return
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    # without a list of pending entries: each search would have to walk it
    op.create_index(
        f"ix_{table}_words", table, ["words"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )


def _index_tickets(connection: sa.Connection) -> None:
    """The index is made by what keeps it up; it can be made anew from the tickets at any time."""
    for row in _tickets(connection):
        lines = {row.line, row.offer_line} - {None}
        if not row.confidential:
            slots = sa.text("SELECT slot FROM cards WHERE ticket = :ticket")
            found = connection.execute(slots, {"ticket": row.id}).scalars()
            lines |= {slot.removeprefix("line:") for slot in found if slot.startswith("line:")}
        search.index_ticket(
            connection,
            row.id,
            search.FindableTicket(
                number=f"{row.prefix}-{row.id}",
                title=row.title,
                description=row.description,
                resolution=row.resolution,
                requester=row.requester,
                lines=lines,
                solved=row.status in ("resolved", "closed"),
            ),
        )


def _tickets(connection: sa.Connection) -> Iterator[Any]:
    names = "id, prefix, title, description, resolution, requester, line, offer_line, confidential, status"
    page = sa.text(f"SELECT {names} FROM tickets WHERE id > :after ORDER BY id LIMIT {BATCH}")  # noqa: S608
    after = 0
    while rows := connection.execute(page, {"after": after}).all():
        yield from rows
        after = rows[-1].id
