"""The first schema

Revision ID: 0001
Revises:
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bindings",
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=512), nullable=False),
        sa.Column("team", sa.String(length=256), nullable=False),
        sa.Column("bound_by", sa.String(length=128), nullable=False),
        sa.Column("bound_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_bindings")),
    )
    op.create_table(
        "chats",
        sa.Column("id", sa.String(length=512), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=True),
        sa.Column("team", sa.String(length=256), nullable=True),
        sa.Column("tenant", sa.String(length=64), nullable=True),
        sa.Column("service_url", sa.String(length=512), nullable=False),
        sa.Column("bot", sa.String(length=256), nullable=False),
        sa.Column("blocked", sa.String(length=32), nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
    )
    op.create_index("ix_chats_person", "chats", ["person"], unique=False)
    op.create_index("ix_chats_updated_at", "chats", ["updated_at"], unique=False)

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("target", sa.String(length=640), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("ticket", ID, nullable=True),
        sa.Column("slot", sa.String(length=80), nullable=True),
        sa.Column("event", ID, nullable=True),
        sa.Column("data", JSON, nullable=False),
        sa.Column("collapse", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ambiguous", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.String(length=512), nullable=True),
        sa.Column("correlation", sa.String(length=64), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_done",
        "outbox",
        ["state", "done_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('sent', 'dead', 'dropped')"),
        postgresql_where=sa.text("state IN ('sent', 'dead', 'dropped')"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_outbox_target",
        "outbox",
        ["target", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index(
        "uq_outbox_collapse",
        "outbox",
        ["collapse"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )

    op.create_table(
        "people",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("teams_id", sa.String(length=256), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("language_chosen", sa.Boolean(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index("ix_people_teams_id", "people", ["teams_id"], unique=False)

    op.create_table(
        "seen",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("ticket", ID, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_seen")),
    )
    op.create_index("ix_seen_at", "seen", ["at"], unique=False)

    op.create_table(
        "tickets",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("prefix", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("urgency", sa.String(length=16), nullable=False),
        sa.Column("impact", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.String(length=2), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("requester", sa.String(length=128), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("line_since", TIME, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("assignee", sa.String(length=128), nullable=True),
        sa.Column("assigned_at", TIME, nullable=True),
        sa.Column("pending_reason", sa.String(length=16), nullable=True),
        sa.Column("pending_until", sa.Date(), nullable=True),
        sa.Column("offer", JSON, nullable=True),
        sa.Column("offer_line", sa.String(length=64), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolved_at", TIME, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("rating_text", sa.Text(), nullable=True),
        sa.Column("rated_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_tickets_offered",
        "tickets",
        ["offer_line", "id"],
        unique=False,
        sqlite_where=sa.text("offer_line IS NOT NULL"),
        postgresql_where=sa.text("offer_line IS NOT NULL"),
    )
    op.create_index(
        "ix_tickets_queue",
        "tickets",
        ["line", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("status IN ('new', 'in_progress', 'pending')"),
        postgresql_where=sa.text("status IN ('new', 'in_progress', 'pending')"),
    )
    op.create_index("ix_tickets_requester_id", "tickets", ["requester", "id"], unique=False)

    op.create_table(
        "cards",
        sa.Column("ticket", ID, nullable=False),
        sa.Column("slot", sa.String(length=80), nullable=False),
        sa.Column("conversation", sa.String(length=512), nullable=False),
        sa.Column("activity", sa.String(length=256), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_cards_ticket_tickets")),
        sa.PrimaryKeyConstraint("ticket", "slot", name=op.f("pk_cards")),
    )
    op.create_index("ix_cards_conversation", "cards", ["conversation"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket", ID, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("correlation", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_events_ticket_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_ticket_id", "events", ["ticket", "id"], unique=False)

    # people read the first number aloud: it starts at four digits
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('tickets', 1000)")
    else:
        op.execute("ALTER SEQUENCE tickets_id_seq RESTART WITH 1001")


def downgrade() -> None:

    op.drop_table("events")

    op.drop_table("cards")

    op.drop_table("tickets")

    op.drop_table("seen")

    op.drop_table("people")

    op.drop_table("outbox")
    op.drop_table("leases")

    op.drop_table("chats")
    op.drop_table("bindings")
