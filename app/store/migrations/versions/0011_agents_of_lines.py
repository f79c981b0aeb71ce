"""Who works for which line, as Teams told it last, and which of the pinged the company's directory named.

Revision ID: 0011
Revises: 0010
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "line_rosters",
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_line_rosters")),
    )
    op.create_table(
        "line_agents",
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("teams_id", sa.String(length=256)),
        sa.PrimaryKeyConstraint("line", "person", name=op.f("pk_line_agents")),
    )
    op.create_index("ix_line_agents_line_teams_id", "line_agents", ["line", "teams_id"], unique=False)
    op.add_column("pings", sa.Column("managers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")))


def downgrade() -> None:
    op.drop_column("pings", "managers")
    op.drop_table("line_agents")
    op.drop_table("line_rosters")
