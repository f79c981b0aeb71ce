"""Which messages repeat what somebody said, so that they follow an edit, and where a file that is under way comes from.

Revision ID: 0008
Revises: 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
IS_UNDER_WAY = "fetch_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "copies",
        sa.Column("message", ID, autoincrement=False, nullable=False),
        sa.Column("words", sa.String(length=48), nullable=False),
        sa.Column("target", sa.String(length=640), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("ticket", ID),
        sa.Column("slot", sa.String(length=80)),
        sa.Column("event", ID),
        sa.Column("data", JSON, nullable=False),
        sa.Column("conversation", sa.String(length=512), nullable=False),
        sa.Column("activity", sa.String(length=256), nullable=False),
        sa.Column("sent_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_copies")),
    )
    op.create_index("ix_copies_words", "copies", ["words"], unique=False)
    _key_of_sources("message", "event")
    op.create_index("ix_sources_event", "sources", ["event"], unique=False)
    op.add_column("attachments", sa.Column("origin", JSON))
    op.add_column("attachments", sa.Column("fetch_at", TIME))
    op.create_index(
        "ix_attachments_fetch_at",
        "attachments",
        ["fetch_at"],
        unique=False,
        sqlite_where=sa.text(IS_UNDER_WAY),
        postgresql_where=sa.text(IS_UNDER_WAY),
    )


def downgrade() -> None:
    op.drop_index("ix_attachments_fetch_at", "attachments")
    op.drop_column("attachments", "fetch_at")
    op.drop_column("attachments", "origin")
    op.drop_index("ix_sources_event", "sources")
    op.execute("DELETE FROM sources WHERE event > (SELECT min(event) FROM sources s WHERE s.message = sources.message)")
    _key_of_sources("message")
    op.drop_table("copies")


def _key_of_sources(*columns: str) -> None:
    """One message may have become part of several tickets."""
    with op.batch_alter_table("sources") as batch:
        batch.drop_constraint(op.f("pk_sources"), type_="primary")
        batch.create_primary_key(op.f("pk_sources"), list(columns))
