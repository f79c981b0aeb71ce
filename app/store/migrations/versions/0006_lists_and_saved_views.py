"""Lists: by assignee, what nobody has, what is due, what was resolved; and the views people save.

When the first promise of an open ticket is used up is worked out by the timers, which are asked to look at each once.

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

IS_OPEN = "status IN ('new', 'in_progress', 'pending')"
INDEXES = (
    ("ix_tickets_unassigned", ["line", "priority", "id"], f"assignee IS NULL AND {IS_OPEN}"),
    ("ix_tickets_work", ["assignee", "priority", "id"], f"assignee IS NOT NULL AND {IS_OPEN}"),
    ("ix_tickets_due", ["line", "due_at", "id"], "due_at IS NOT NULL"),
    ("ix_tickets_resolved", ["line", "resolved_at", "id"], "resolved_at IS NOT NULL"),
)


def upgrade() -> None:
    op.add_column("tickets", sa.Column("due_at", TIME))
    look = sa.text(
        "UPDATE tickets SET next_at = :now"
        " WHERE status IN ('new', 'in_progress', 'pending') AND (next_at IS NULL OR next_at > :now)"
    )
    op.execute(look.bindparams(sa.bindparam("now", datetime.now(UTC), TIME)))
    for name, columns, where in INDEXES:
        condition = sa.text(where)
        op.create_index(name, "tickets", columns, sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "saved_views",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_saved_views_person_name", "saved_views", ["person", "name"], unique=True)


def downgrade() -> None:
    op.drop_table("saved_views")
    for name, _, _ in INDEXES:
        op.drop_index(name, "tickets")
    op.drop_column("tickets", "due_at")
