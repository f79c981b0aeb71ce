"""The clocks of tickets, and the pings that ask somebody to look.

Tickets that were open before get their promises from the moment of the migration: nobody is pinged for what was never
promised.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PERSON = sa.String(length=128)

HAS_TIMER = "next_at IS NOT NULL"
IS_FORGOTTEN = (
    "next_at IS NULL AND (status IN ('new', 'in_progress') OR status = 'pending' AND pending_reason <> 'requester')"
)
IS_LEFT = "next_at IS NOT NULL AND status IN ('closed', 'withdrawn')"
IS_SENDING = "state = 'sending'"
IS_ASKING = "state = 'open'"
IS_UNDONE = "done_at IS NULL"


def _on_tickets() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("target_priority", sa.String(length=2)),
        sa.Column("running_since", TIME),
        sa.Column("responded_at", TIME),
        sa.Column("waits", JSON, nullable=False, server_default="[]"),
        sa.Column("promised_since", TIME),
        sa.Column("promises_missed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("impact_changed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("nudged", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("fired", JSON, nullable=False, server_default="{}"),
        sa.Column("policy", sa.String(length=16)),
        sa.Column("is_pinged", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("next_at", TIME),
    )


def upgrade() -> None:
    for column in _on_tickets():
        op.add_column("tickets", column)
    _begin_promises()
    _index("ix_tickets_next_at", "tickets", ["next_at", "id"], HAS_TIMER)
    _index("ix_tickets_forgotten", "tickets", ["id"], IS_FORGOTTEN)
    _index("ix_tickets_left", "tickets", ["id"], IS_LEFT)
    _index("ix_outbox_sending", "outbox", ["lease_until"], IS_SENDING)

    op.add_column("events", sa.Column("once", sa.String(length=160)))
    op.create_index("uq_events_once", "events", ["once"], unique=True)
    for name in ("department", "site"):
        op.add_column("people", sa.Column(name, sa.String(length=128)))

    op.create_table(
        "policies",
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_policies")),
    )
    op.create_table(
        "pings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket", ID, nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=128)),
        sa.Column("event", ID, nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("tell", JSON, nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("now_asked", JSON, nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("loop", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("unreached", sa.Boolean(), nullable=False),
        sa.Column("policy", sa.String(length=16)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ended_by", PERSON),
        sa.Column("ended_at", TIME),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_pings_ticket_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pings")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pings_ticket", "pings", ["ticket", "id"], unique=False)
    _index("ix_pings_due", "pings", ["due_at", "id"], IS_ASKING)

    op.create_table(
        "preventions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", PERSON, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("decided_by", PERSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("remind_at", TIME),
        sa.Column("done_by", PERSON),
        sa.Column("done_at", TIME),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_preventions_ticket_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preventions")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_preventions_ticket", "preventions", ["ticket"], unique=False)
    _index("ix_preventions_due", "preventions", ["remind_at"], IS_UNDONE)


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _begin_promises() -> None:
    begin = sa.text(
        "UPDATE tickets SET target_priority = priority,"
        " running_since = :now, promised_since = :now, next_at = :now,"
        " responded_at = COALESCE(assigned_at, :now)"
        " WHERE status IN ('new', 'in_progress', 'pending')"
    ).bindparams(sa.bindparam("now", datetime.now(UTC), TIME))
    op.execute(begin)
    op.execute(
        "UPDATE tickets SET target_priority = priority, running_since = created_at, promised_since = updated_at,"
        " responded_at = COALESCE(assigned_at, resolved_at, closed_at)"
        " WHERE status NOT IN ('new', 'in_progress', 'pending')"
    )


def downgrade() -> None:
    op.drop_table("preventions")
    op.drop_table("pings")
    op.drop_table("policies")
    for name in ("department", "site"):
        op.drop_column("people", name)
    op.drop_index("uq_events_once", "events")
    op.drop_column("events", "once")
    op.drop_index("ix_outbox_sending", "outbox")
    op.drop_index("ix_tickets_left", "tickets")
    op.drop_index("ix_tickets_forgotten", "tickets")
    op.drop_index("ix_tickets_next_at", "tickets")
    for column in _on_tickets():
        op.drop_column("tickets", column.name)
