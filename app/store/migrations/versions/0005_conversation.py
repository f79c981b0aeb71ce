"""What people say freely, kept until they choose what becomes of it, and the mark of tickets that search has to read.

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
IS_UNREAD = "searchable = false"
IS_UNREAD_SQLITE = "searchable = 0"


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=64)),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_drafts")),
    )
    op.create_index("ix_drafts_source", "drafts", ["source"], unique=False)
    op.create_index("ix_drafts_created_at", "drafts", ["created_at"], unique=False)
    op.create_table(
        "sources",
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("ticket", ID, nullable=False),
        sa.Column("event", ID, nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_sources_ticket_tickets")),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_sources")),
    )
    op.create_table(
        "links",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket", ID, nullable=False),
        sa.Column("other", ID, nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("linked_by", sa.String(length=128), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("undone_at", TIME),
        sa.ForeignKeyConstraint(["other"], ["tickets.id"], name=op.f("fk_links_other_tickets")),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_links_ticket_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_links_ticket", "links", ["ticket"], unique=False)
    op.create_index("ix_links_other", "links", ["other"], unique=False)
    # what is there already was read by the migration that brought the search
    op.add_column("tickets", sa.Column("searchable", sa.Boolean(), nullable=False, server_default=sa.true()))
    for name in ("has_files", "is_linked"):
        op.add_column("tickets", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_tickets_unread",
        "tickets",
        ["id"],
        unique=False,
        sqlite_where=sa.text(IS_UNREAD_SQLITE),
        postgresql_where=sa.text(IS_UNREAD),
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_unread", "tickets")
    op.drop_table("links")
    op.drop_column("tickets", "is_linked")
    op.drop_column("tickets", "has_files")
    op.drop_column("tickets", "searchable")
    op.drop_table("sources")
    op.drop_table("drafts")
