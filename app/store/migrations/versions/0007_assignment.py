"""Automatic assignment: which tickets wait for it and who was last given one, and until when people are absent.

Revision ID: 0007
Revises: 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("tickets", sa.Column("to_assign", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_tickets_to_assign",
        "tickets",
        ["line", "id"],
        sqlite_where=sa.text("to_assign = 1"),
        postgresql_where=sa.text("to_assign = true"),
    )
    op.create_table(
        "assignments",
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=128)),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_assignments")),
    )
    op.create_table(
        "absences",
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_absences")),
    )


def downgrade() -> None:
    op.drop_table("absences")
    op.drop_table("assignments")
    op.drop_index("ix_tickets_to_assign", "tickets")
    op.drop_column("tickets", "to_assign")
