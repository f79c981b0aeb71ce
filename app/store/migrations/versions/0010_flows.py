"""Whose doing a message is, so that people take turns in a channel.

Revision ID: 0010
Revises: 0009
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

IS_UNSENT = "state IN ('pending', 'sending')"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("flow", sa.String(length=128), server_default="", nullable=False))
    op.drop_index("ix_outbox_target", "outbox")
    _index("ix_outbox_flow", "target", "flow", "id")
    _index("ix_outbox_ticket", "target", "ticket", "id")


def downgrade() -> None:
    op.drop_index("ix_outbox_ticket", "outbox")
    op.drop_index("ix_outbox_flow", "outbox")
    _index("ix_outbox_target", "target", "id")
    op.drop_column("outbox", "flow")


def _index(name: str, *columns: str) -> None:
    where = sa.text(IS_UNSENT)
    op.create_index(name, "outbox", list(columns), unique=False, sqlite_where=where, postgresql_where=where)
