"""The tables. Times are aware UTC everywhere above this module.

Longer than other modules: it has every table.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; naive ones are refused instead of guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _written if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        return _read if dialect.name == "sqlite" else None


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone is not stored")
    return value.astimezone(UTC)


def _written(value: datetime | None) -> str | None:
    """As SQLAlchemy writes times for SQLite, in half the time."""
    at = _in_utc(value)
    return at.isoformat(" ", "microseconds").removesuffix("+00:00") if at else None


def _read(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{stored}+00:00") if stored else None


Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite numbers rows by itself only in a column that is exactly INTEGER
Id = BigInteger().with_variant(Integer(), "sqlite")
PERSON = String(128)
CONVERSATION = String(512)


def _id() -> Column[Any]:
    return Column("id", Id, primary_key=True, autoincrement=True)


tickets = Table(
    "tickets",
    metadata,
    _id(),
    # a number is prefix and id; the prefix stays when an agent corrects the kind, because people wrote it down
    Column("prefix", String(8), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("title", String(100), nullable=False),
    Column("description", Text, nullable=False),
    Column("category", String(64), nullable=False),
    Column("urgency", String(16), nullable=False),
    Column("impact", String(16), nullable=False),
    Column("priority", String(2), nullable=False),
    Column("line", String(64), nullable=False),
    Column("requester", PERSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("line_since", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fields", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("assignee", PERSON),
    Column("assigned_at", UtcDateTime),
    Column("pending_reason", String(16)),
    Column("pending_until", Date),
    Column("offer", Json),
    Column("offer_line", String(64)),
    # what the escalation offers as soon as the open offer has ended; NULL where it is nothing
    Column("deferred_offers", JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")),
    Column("resolution", Text),
    Column("resolved_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("reopened", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    Column("comments", Integer, nullable=False),
    Column("rating", Integer),
    Column("rating_text", Text),
    Column("rated_at", UtcDateTime),
    # what the clocks run by (app/domain/ticket.py says what each is)
    Column("target_priority", String(2)),
    Column("running_since", UtcDateTime),
    Column("responded_at", UtcDateTime),
    Column("waits", Json, nullable=False),
    Column("promised_since", UtcDateTime),
    Column("promises_missed", Integer, nullable=False),
    Column("impact_changed", Boolean, nullable=False),
    Column("nudged", Integer, nullable=False),
    Column("fired", Json, nullable=False),
    Column("policy", String(16)),
    Column("is_pinged", Boolean, nullable=False),
    Column("next_at", UtcDateTime),
    # whether search has read its words as they are now
    Column("searchable", Boolean, nullable=False),
    Column("has_files", Boolean, nullable=False),
    Column("is_linked", Boolean, nullable=False),
    # whether the line gives it to somebody by itself, and has not yet
    Column("to_assign", Boolean, nullable=False),
    Column("due_at", UtcDateTime),
    sqlite_autoincrement=True,
)

_is_open = text("status IN ('new', 'in_progress', 'pending')")
Index("ix_tickets_requester_id", tickets.c.requester, tickets.c.id)
Index(
    "ix_tickets_queue",
    tickets.c.line,
    tickets.c.priority,
    tickets.c.id,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
_is_offered = text("offer_line IS NOT NULL")
Index(
    "ix_tickets_offered",
    tickets.c.offer_line,
    tickets.c.id,
    sqlite_where=_is_offered,
    postgresql_where=_is_offered,
)

_has_timer = text("next_at IS NOT NULL")
Index("ix_tickets_next_at", tickets.c.next_at, tickets.c.id, sqlite_where=_has_timer, postgresql_where=_has_timer)
# what each list of app/store/lists.py goes along
_is_open_of_nobody = text("assignee IS NULL AND status IN ('new', 'in_progress', 'pending')")
Index(
    "ix_tickets_unassigned",
    tickets.c.line,
    tickets.c.priority,
    tickets.c.id,
    sqlite_where=_is_open_of_nobody,
    postgresql_where=_is_open_of_nobody,
)
_is_open_of_somebody = text("assignee IS NOT NULL AND status IN ('new', 'in_progress', 'pending')")
Index(
    "ix_tickets_work",
    tickets.c.assignee,
    tickets.c.priority,
    tickets.c.id,
    sqlite_where=_is_open_of_somebody,
    postgresql_where=_is_open_of_somebody,
)
_is_promised = text("due_at IS NOT NULL")
Index(
    "ix_tickets_due",
    tickets.c.line,
    tickets.c.due_at,
    tickets.c.id,
    sqlite_where=_is_promised,
    postgresql_where=_is_promised,
)
_is_resolved = text("resolved_at IS NOT NULL")
Index(
    "ix_tickets_resolved",
    tickets.c.line,
    tickets.c.resolved_at,
    tickets.c.id,
    sqlite_where=_is_resolved,
    postgresql_where=_is_resolved,
)

# the auditor looks for tickets that somebody should look after and nothing reminds of, and for timers of ended ones;
# both indexes are empty as long as all is well
_is_forgotten = text(
    "next_at IS NULL AND (status IN ('new', 'in_progress') OR status = 'pending' AND pending_reason <> 'requester')"
)
Index("ix_tickets_forgotten", tickets.c.id, sqlite_where=_is_forgotten, postgresql_where=_is_forgotten)
_is_left = text("next_at IS NOT NULL AND status IN ('closed', 'withdrawn')")
Index("ix_tickets_left", tickets.c.id, sqlite_where=_is_left, postgresql_where=_is_left)

Index(
    "ix_tickets_unread",
    tickets.c.id,
    sqlite_where=text("searchable = 0"),
    postgresql_where=text("searchable = false"),
)

Index(
    "ix_tickets_to_assign",
    tickets.c.line,
    tickets.c.id,
    sqlite_where=text("to_assign = 1"),
    postgresql_where=text("to_assign = true"),
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("ticket", Id, ForeignKey("tickets.id"), nullable=False),
    Column("code", String(32), nullable=False),
    Column("actor", PERSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("data", Json, nullable=False),
    Column("correlation", String(64)),
    # what must not happen twice, whatever two replicas do: an escalation step of one target
    Column("once", String(160)),
    Index("ix_events_ticket_id", "ticket", "id"),
    Index("uq_events_once", "once", unique=True),
    sqlite_autoincrement=True,
)

people = Table(
    "people",
    metadata,
    Column("id", PERSON, primary_key=True),
    Column("name", String(256), nullable=False),
    Column("teams_id", String(256), index=True),
    Column("email", String(320)),
    Column("language", String(16)),
    Column("language_chosen", Boolean, nullable=False),
    Column("timezone", String(64)),
    Column("department", String(128)),
    Column("site", String(128)),
    Column("updated_at", UtcDateTime, nullable=False),
)

# where the bot can speak: one row per conversation, refreshed by every activity
chats = Table(
    "chats",
    metadata,
    Column("id", CONVERSATION, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("person", PERSON, index=True),
    Column("team", String(256)),
    Column("tenant", String(64)),
    Column("service_url", String(512), nullable=False),
    Column("bot", String(256), nullable=False),
    Column("blocked", String(32)),
    Column("updated_at", UtcDateTime, nullable=False, index=True),
)

# which channel a line was bound to; what took another's place names it (`former`), and ends it until it is undone
bindings = Table(
    "bindings",
    metadata,
    _id(),
    Column("line", String(64), nullable=False),
    Column("channel", CONVERSATION, nullable=False),
    Column("team", String(256), nullable=False),
    Column("channel_name", String(256)),
    Column("team_name", String(256)),
    Column("bound_by", PERSON, nullable=False),
    Column("bound_at", UtcDateTime, nullable=False),
    Column("former", Id),
    Column("ended_by", PERSON),
    Column("ended_at", UtcDateTime),
    Column("undone", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
_holds = text("ended_at IS NULL")
Index("uq_bindings_line", bindings.c.line, unique=True, sqlite_where=_holds, postgresql_where=_holds)

# who works for a line, as Teams told it last, and since when it is known; `digest` names what is written down (empty:
# something was struck out since). A line without a row here was never read: nobody knows its agents
line_rosters = Table(
    "line_rosters",
    metadata,
    Column("line", String(64), primary_key=True),
    Column("digest", String(32), nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)
line_agents = Table(
    "line_agents",
    metadata,
    Column("line", String(64), primary_key=True),
    Column("person", PERSON, primary_key=True),
    Column("teams_id", String(256)),
    Index("ix_line_agents_line_teams_id", "line", "teams_id"),
)

# the living cards: which message shows a ticket to whom; slot is `requester` or `line:<id>`
cards = Table(
    "cards",
    metadata,
    Column("ticket", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("slot", String(80), primary_key=True),
    Column("conversation", CONVERSATION, nullable=False, index=True),
    Column("activity", String(256), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

# what people said freely, until they choose what becomes of it
drafts = Table(
    "drafts",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("person", PERSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", String(64), index=True),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

# which message of Teams somebody's words came from
sources = Table(
    "sources",
    metadata,
    Column("message", String(64), primary_key=True),
    Column("ticket", Id, ForeignKey("tickets.id"), nullable=False),
    Column("event", Id, primary_key=True, autoincrement=False, index=True),
    Column("person", PERSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# the messages that repeat what somebody said; `message` is the id they had in the outbox
copies = Table(
    "copies",
    metadata,
    Column("message", Id, primary_key=True, autoincrement=False),
    Column("words", String(48), nullable=False, index=True),
    Column("target", String(640), nullable=False),
    Column("what", String(32), nullable=False),
    Column("ticket", Id),
    Column("slot", String(80)),
    Column("event", Id),
    Column("data", Json, nullable=False),
    Column("conversation", CONVERSATION, nullable=False),
    Column("activity", String(256), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
)

# tickets that belong together: `ticket` is what `relation` says of `other` (duplicate_of, child_of, follows)
links = Table(
    "links",
    metadata,
    _id(),
    Column("ticket", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("other", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("relation", String(16), nullable=False),
    Column("linked_by", PERSON, nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# escalation policies by digest: a running escalation keeps the one it started with
policies = Table(
    "policies",
    metadata,
    Column("digest", String(16), primary_key=True),
    Column("content", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# somebody is asked to look at a ticket: first those in `tell`, then the next in the chain, until somebody acknowledges.
# `asked` lists everybody who got a card, in order; `now_asked` those who are reminded; `managers` those whom the
# company's directory named (NULL: asked before that was written down)
pings = Table(
    "pings",
    metadata,
    _id(),
    Column("ticket", Id, ForeignKey("tickets.id"), nullable=False),
    Column("cause", String(32), nullable=False),
    Column("key", String(128)),
    Column("event", Id, nullable=False),
    Column("line", String(64), nullable=False),
    Column("tell", Json, nullable=False),
    Column("asked", Json, nullable=False),
    Column("now_asked", Json, nullable=False),
    Column("managers", JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")),
    Column("stage", Integer, nullable=False),
    Column("loop", Integer, nullable=False),
    Column("reminders", Integer, nullable=False),
    Column("unreached", Boolean, nullable=False),
    Column("policy", String(16)),
    Column("state", String(16), nullable=False),
    Column("due_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_by", PERSON),
    Column("ended_at", UtcDateTime),
    Index("ix_pings_ticket", "ticket", "id"),
    sqlite_autoincrement=True,
)
_is_asking = text("state = 'open'")
Index("ix_pings_due", pings.c.due_at, pings.c.id, sqlite_where=_is_asking, postgresql_where=_is_asking)

# what management decided so that it does not happen again; the owner is reminded until it is done
preventions = Table(
    "preventions",
    metadata,
    _id(),
    Column("ticket", Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("owner", PERSON, nullable=False),
    Column("due", Date, nullable=False),
    Column("decided_by", PERSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reminders", Integer, nullable=False),
    Column("remind_at", UtcDateTime),
    Column("done_by", PERSON),
    Column("done_at", UtcDateTime),
    sqlite_autoincrement=True,
)
_is_undone = text("done_at IS NULL")
Index("ix_preventions_due", preventions.c.remind_at, sqlite_where=_is_undone, postgresql_where=_is_undone)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("target", String(640), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("what", String(32), nullable=False),
    Column("ticket", Id),
    Column("slot", String(80)),
    Column("event", Id),
    Column("flow", PERSON, nullable=False, server_default=""),
    Column("data", Json, nullable=False),
    Column("collapse", String(128)),
    Column("state", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("ambiguous", Integer, nullable=False),
    Column("reason", String(64)),
    Column("detail", String(512)),
    Column("correlation", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    sqlite_autoincrement=True,
)
_waits = text("state = 'pending'")
_unsent = text("state IN ('pending', 'sending')")
Index(
    "uq_outbox_collapse",
    outbox.c.collapse,
    unique=True,
    sqlite_where=_waits,
    postgresql_where=_waits,
)
Index("ix_outbox_due", outbox.c.due_at, outbox.c.id, sqlite_where=_waits, postgresql_where=_waits)
for _of in ("flow", "ticket"):
    Index(
        f"ix_outbox_{_of}",
        *(outbox.c[name] for name in ("target", _of, "id")),
        sqlite_where=_unsent,
        postgresql_where=_unsent,
    )
_is_sending = text("state = 'sending'")
Index("ix_outbox_sending", outbox.c.lease_until, sqlite_where=_is_sending, postgresql_where=_is_sending)
_ended = text("state IN ('sent', 'dead', 'dropped')")
Index("ix_outbox_done", outbox.c.state, outbox.c.done_at, sqlite_where=_ended, postgresql_where=_ended)

# idempotency: what a form or a click already did
seen = Table(
    "seen",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("ticket", Id),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# a list with its filters that somebody gave a name
saved_views = Table(
    "saved_views",
    metadata,
    _id(),
    Column("person", PERSON, nullable=False),
    Column("name", String(40), nullable=False),
    Column("query", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("uq_saved_views_person_name", "person", "name", unique=True),
    sqlite_autoincrement=True,
)

# automatic assignment: who of a line was given a ticket last
assignments = Table(
    "assignments",
    metadata,
    Column("line", String(64), primary_key=True),
    Column("person", PERSON),
)

# who said to be away: until the end of a day of their own calendar
absences = Table(
    "absences",
    metadata,
    Column("person", PERSON, primary_key=True),
    Column("until", Date, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

# who does the work that only one replica may do at a time
leases = Table(
    "leases",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

# files people sent: a row from the moment one is asked for, with `sha256` once it is whole; `origin` says where one
# that is still to be fetched comes from, and at `fetch_at` whoever is there fetches it
attachments = Table(
    "attachments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("ticket", Id, ForeignKey("tickets.id"), index=True),
    Column("event", Id),
    Column("form", String(64)),
    Column("person", PERSON, nullable=False),
    Column("name", String(128), nullable=False),
    Column("content_type", String(128)),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("origin", Json),
    Column("fetch_at", UtcDateTime),
    Index("ix_attachments_person", "person", "created_at"),
)
_is_under_way = text("fetch_at IS NOT NULL")
Index(
    "ix_attachments_fetch_at",
    attachments.c.fetch_at,
    sqlite_where=_is_under_way,
    postgresql_where=_is_under_way,
)
_is_unused = text("ticket IS NULL OR sha256 IS NULL")
Index(
    "ix_attachments_unused",
    attachments.c.created_at,
    sqlite_where=_is_unused,
    postgresql_where=_is_unused,
)

attachment_parts = Table(
    "attachment_parts",
    metadata,
    Column("attachment", String(32), ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

# keys that every replica signs with alike; made by whoever needs one first
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    _id(),
    Column("name", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("title", String(100), nullable=False),
    Column("audience", String(16), nullable=False),
    Column("tags", Json, nullable=False),
    Column("body", Text, nullable=False),
    Column("source", String(8), nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("ticket", Id),
    Column("author", PERSON),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("helped", Integer, nullable=False),
    Column("not_helped", Integer, nullable=False),
    UniqueConstraint("name", "language"),
    sqlite_autoincrement=True,
)

# what people said of articles, one answer per person and day; it outlives the article, as the figures count it
article_answers = Table(
    "article_answers",
    metadata,
    Column("article", Id, primary_key=True),
    Column("person", PERSON, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("helped", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_article_answers_person_at", "person", "at"),
    Index("ix_article_answers_at", "at"),
)

# the words that occur in what can be searched, and what is left of them when letters are missing (see store/search.py);
# compared letter by letter, whatever the database's language
CORPUS = String(8)
WORD = String(40).with_variant(String(40, collation="C"), "postgresql")
search_words = Table(
    "search_words",
    metadata,
    Column("corpus", CORPUS, primary_key=True),
    Column("word", WORD, primary_key=True),
    Column("backwards", WORD, nullable=False),
    Index("ix_search_words_corpus_backwards", "corpus", "backwards"),
    sqlite_with_rowid=False,
)
search_typos = Table(
    "search_typos",
    metadata,
    Column("corpus", CORPUS, primary_key=True),
    Column("residue", WORD, primary_key=True),
    Column("word", WORD, primary_key=True),
    sqlite_with_rowid=False,
)
