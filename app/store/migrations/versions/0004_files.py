"""Files that people send, and the keys their links are signed with

Revision ID: 0004
Revises: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ticket", ID, nullable=True),
        sa.Column("event", ID, nullable=True),
        sa.Column("form", sa.String(length=64), nullable=True),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("content_type", sa.String(length=128), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_attachments_ticket_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_ticket", "attachments", ["ticket"], unique=False)
    op.create_index("ix_attachments_person", "attachments", ["person", "created_at"], unique=False)
    op.create_index(
        "ix_attachments_unused",
        "attachments",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("ticket IS NULL OR sha256 IS NULL"),
        postgresql_where=sa.text("ticket IS NULL OR sha256 IS NULL"),
    )
    op.create_table(
        "attachment_parts",
        sa.Column("attachment", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment"],
            ["attachments.id"],
            name=op.f("fk_attachment_parts_attachment_attachments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment", "part", name=op.f("pk_attachment_parts")),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )


def downgrade() -> None:
    op.drop_table("secrets")
    op.drop_table("attachment_parts")
    op.drop_table("attachments")
