"""The ticket: what one support case is, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.domain.priority import Impact, Priority, Urgency


class Kind(StrEnum):
    """Something is broken, or something is wanted (ITIL: incident, service request)."""

    INCIDENT = "incident"
    REQUEST = "request"

    @property
    def prefix(self) -> str:
        """The letters in front of the ticket's number."""
        return "INC" if self is Kind.INCIDENT else "REQ"


class Status(StrEnum):
    """Where a ticket stands in its life."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({Status.NEW, Status.IN_PROGRESS, Status.PENDING})


MANAGEMENT = 4
"""The level of the lines that decide what no other line could solve."""


class PendingReason(StrEnum):
    """Whom a pending ticket waits for."""

    REQUESTER = "requester"
    SUPPLIER = "supplier"
    CHANGE = "change"


class EscalationReason(StrEnum):
    """Why a line hands a ticket over."""

    SKILL = "skill"
    PERMISSION = "permission"
    TIME = "time"
    VENDOR = "vendor"


class ReturnReason(StrEnum):
    """Why a line does not accept an offer."""

    WRONG_LINE = "wrong_line"
    MISSING_INFORMATION = "missing_information"
    FIRST_LINE_CAN = "first_line_can"


class FirstLineCould(StrEnum):
    """The specialist's answer to: could the first line have done this?"""

    YES = "yes"
    WITH_GUIDE = "with_guide"
    NO_PERMISSION = "no_permission"


class Gravity(StrEnum):
    """Why management is asked (level 4): an image or legal matter, or no line found a solution."""

    IMAGE = "image"
    LEGAL = "legal"
    NO_SOLUTION = "no_solution"


class NudgeReason(StrEnum):
    """Why a requester asks again."""

    PROMISE_MISSED = "promise_missed"
    GETTING_WORSE = "getting_worse"
    MORE_PEOPLE = "more_people"
    DEADLINE = "deadline"


class Relation(StrEnum):
    """What one ticket is to another."""

    DUPLICATE_OF = "duplicate_of"
    CHILD_OF = "child_of"
    FOLLOWS = "follows"


MESSAGE_AUTHOR, MESSAGE_LINK, TRIED_ARTICLES = "message.author", "message.link", "tried.articles"
"""Fields that the desk fills in by itself: where a ticket was made from a message, and what did not help before.

A desk file can name no field like that.
"""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One of the category's own fields, with the label it had when it was filled in (one text per language).

    Those that the desk fills in by itself have none: they are called `field.<id>` in the reader's language.
    """

    id: str
    label: dict[str, str]
    value: str


@dataclass(frozen=True, slots=True)
class OfferCause:
    """Why the desk itself offers a ticket: so much of a clock's target is used up; the whole was or is `due`."""

    clock: str
    percent: int
    due: datetime

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"clock": self.clock, "percent": self.percent, "due": self.due.isoformat()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "OfferCause":
        """What was written down."""
        return cls(stored["clock"], stored["percent"], datetime.fromisoformat(stored["due"]))


@dataclass(frozen=True, slots=True)
class Offer:
    """A hand-over waiting for the other line: the sending line stays responsible until it is accepted.

    `policy` is the escalation policy its acceptance runs under. To management (level 4) it says how grave the matter is
    and what it does to the company; the latter the desk itself does not know, and asks whoever accepts.
    """

    line: str
    by: str
    at: datetime
    reason: EscalationReason
    tried: str
    needed: str
    policy: str | None = None
    gravity: Gravity | None = None
    business_impact: str = ""
    cause: OfferCause | None = None

    @property
    def lacks_impact(self) -> bool:
        """Whether management was asked without being told what it does to the company."""
        return self.gravity is not None and not self.business_impact


@dataclass(frozen=True, slots=True)
class DeferredOffer:
    """An offer of the escalation that waits for an open one to end (`offering`).

    `key` is the clock that it is about, `rule` the step's place among the escalation of the desk file.
    """

    line: str
    key: str
    cause: OfferCause
    rule: int

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"line": self.line, "key": self.key, "cause": self.cause.as_json(), "rule": self.rule}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "DeferredOffer":
        """What was written down."""
        return cls(stored["line"], stored["key"], OfferCause.from_json(stored["cause"]), stored["rule"])


@dataclass(frozen=True, slots=True)
class Wait:
    """A time in which the desk waited for the requester, and nothing was owed to them; open while it lasts."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)  # without slots: see `changing`
class Ticket:
    """One incident or service request.

    `version` counts the changes that make an older card stale; comments and work notes leave it alone, because what an
    agent is about to decide does not depend on them. People are directory object ids. Times are aware UTC.

    What clocks run by is told by the history and kept here so that nobody has to read all of it: `responded_at` (first
    public word or take by an agent), `running_since` (raised, or reopened for the last time) less `waits`,
    `promised_since` (the last word to the requester) and `promises_missed` since then. `target_priority` is the one
    whose targets count; an escalation that raises the priority leaves it alone. `fired` holds, by a clock's key, the
    largest percentage that was acted on; `next_at` is when the clocks want to be looked at again, and `due_at` when the
    first running promise is used up (a time that has passed: it is overdue). `to_assign` says that its line gives it to
    somebody by itself, and has not yet.
    """

    id: int
    number: str
    kind: Kind
    status: Status
    title: str
    description: str
    category: str
    urgency: Urgency
    impact: Impact
    priority: Priority
    line: str
    requester: str
    created_at: datetime
    updated_at: datetime
    line_since: datetime
    version: int = 1
    fields: tuple[FieldValue, ...] = ()
    tags: tuple[str, ...] = ()
    confidential: bool = False
    assignee: str | None = None
    assigned_at: datetime | None = None
    pending_reason: PendingReason | None = None
    pending_until: date | None = None
    offer: Offer | None = None
    deferred_offers: tuple[DeferredOffer, ...] = ()
    resolution: str | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    returned: int = 0
    comments: int = 0
    rating: int | None = None
    rating_text: str | None = None
    rated_at: datetime | None = None
    target_priority: Priority | None = None
    running_since: datetime | None = None
    responded_at: datetime | None = None
    waits: tuple[Wait, ...] = ()
    promised_since: datetime | None = None
    promises_missed: int = 0
    impact_changed: bool = False
    nudged: int = 0
    fired: Mapping[str, int] = field(default_factory=dict)
    policy: str | None = None
    is_pinged: bool = False
    has_files: bool = False
    is_linked: bool = False
    to_assign: bool = False
    next_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def may_nudge(self) -> bool:
        """Whether the requester has a reason to ask again: a promise was missed, or the impact changed."""
        return self.promises_missed > 0 or self.impact_changed
