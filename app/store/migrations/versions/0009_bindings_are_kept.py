"""Which channels a line was bound to before, so that a binding can be undone.

Revision ID: 0009
Revises: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
HOLDS = "ended_at IS NULL"


def upgrade() -> None:
    known = _emptied()
    op.create_table(
        "bindings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *_place(),
        sa.Column("channel_name", sa.String(length=256)),
        sa.Column("team_name", sa.String(length=256)),
        sa.Column("former", ID),
        sa.Column("ended_by", sa.String(length=128)),
        sa.Column("ended_at", TIME),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bindings")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_bindings_line",
        "bindings",
        ["line"],
        unique=True,
        sqlite_where=sa.text(HOLDS),
        postgresql_where=sa.text(HOLDS),
    )
    _keep([{**row, "undone": False} for row in known], sa.column("undone", sa.Boolean()))


def downgrade() -> None:
    known = _emptied(f" WHERE {HOLDS}")
    op.create_table("bindings", *_place(), sa.PrimaryKeyConstraint("line", name=op.f("pk_bindings")))
    _keep(known)


def _place() -> list[sa.Column[object]]:
    return [
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=512), nullable=False),
        sa.Column("team", sa.String(length=256), nullable=False),
        sa.Column("bound_by", sa.String(length=128), nullable=False),
        sa.Column("bound_at", TIME, nullable=False),
    ]


def _emptied(which: str = "") -> list[dict[str, object]]:
    """What was bound, one row a line; the table is gone then."""
    names = "line, channel, team, bound_by, bound_at"
    statement = sa.text(f"SELECT {names} FROM bindings{which}").columns(bound_at=TIME)  # noqa: S608
    known = [dict(row) for row in op.get_bind().execute(statement).mappings()]
    op.drop_table("bindings")
    return known


def _keep(rows: list[dict[str, object]], *more: sa.ColumnClause[object]) -> None:
    if rows:
        columns = [sa.column(name, sa.String()) for name in ("line", "channel", "team", "bound_by")]
        op.bulk_insert(sa.table("bindings", *columns, sa.column("bound_at", TIME), *more), rows)
