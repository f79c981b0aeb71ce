"""What a person can ask of a ticket: one value per verb of a card, already checked and typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import (
    EscalationReason,
    FirstLineCould,
    Gravity,
    Kind,
    NudgeReason,
    OfferCause,
    PendingReason,
    Relation,
    ReturnReason,
)
from app.domain.verbs import Verb

# the most characters people may write: forms count them, and what arrives is checked by them
TITLE = 100
LONG_TEXT = 4000
HAND_OVER_TEXT = 2000
SHORT_TEXT = 1000
FIELD_TEXT = 200
NUMBER = 24


@dataclass(frozen=True, slots=True)
class Take:
    """An agent makes the ticket their own."""

    verb: ClassVar = Verb.TAKE


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The assignee puts it back into the line's queue."""

    verb: ClassVar = Verb.GIVE_BACK


@dataclass(frozen=True, slots=True)
class Assign:
    """An agent gives it to a colleague of the line."""

    assignee: str
    verb: ClassVar = Verb.ASSIGN


@dataclass(frozen=True, slots=True)
class Reply:
    """An agent's public comment."""

    text: str
    verb: ClassVar = Verb.REPLY


@dataclass(frozen=True, slots=True)
class Note:
    """A work note; the requester never sees it. `heard_at` is the line in whose thread it was said already."""

    text: str
    heard_at: str | None = None
    verb: ClassVar = Verb.NOTE


@dataclass(frozen=True, slots=True)
class Pend:
    """The ticket waits for somebody; `text` is the question when it waits for the requester."""

    reason: PendingReason
    until: date | None
    text: str
    verb: ClassVar = Verb.PEND


@dataclass(frozen=True, slots=True)
class Resume:
    """The waiting is over."""

    verb: ClassVar = Verb.RESUME


@dataclass(frozen=True, slots=True)
class Classify:
    """An agent corrects what the requester chose; `priority` is what the matrix makes of it."""

    category: str
    urgency: Urgency
    impact: Impact
    kind: Kind
    priority: Priority
    verb: ClassVar = Verb.CLASSIFY


@dataclass(frozen=True, slots=True)
class Prevention:
    """What keeps it from happening again, asked when a ticket leaves management."""

    text: str
    owner: str
    due: date


@dataclass(frozen=True, slots=True)
class Escalate:
    """A hand-over is offered to another line, up or down; the next three are asked on the way into or out of level 4.

    `policy` is the escalation policy under which the offer waits, `cause` why the desk itself offers it.
    """

    line: str
    reason: EscalationReason
    tried: str
    needed: str
    gravity: Gravity | None = None
    business_impact: str = ""
    prevention: Prevention | None = None
    policy: str | None = None
    cause: OfferCause | None = None
    verb: ClassVar = Verb.ESCALATE


@dataclass(frozen=True, slots=True)
class Resolve:
    """The solution; the next two are asked above level 1 only, the last on level 4 only."""

    resolution: str
    first_line_could: FirstLineCould | None = None
    guide: str = ""
    prevention: Prevention | None = None
    verb: ClassVar = Verb.RESOLVE


@dataclass(frozen=True, slots=True)
class Reopen:
    """It does not work after all; `policy` is the escalation policy its new start runs under."""

    reason: str
    policy: str | None = None
    verb: ClassVar = Verb.REOPEN


@dataclass(frozen=True, slots=True)
class Accept:
    """The other line takes the hand-over; on level 4 it says what the matter does to the company, if nobody did."""

    business_impact: str = ""
    verb: ClassVar = Verb.ACCEPT


@dataclass(frozen=True, slots=True)
class Return:
    """The other line sends it back, with a reason and perhaps advice."""

    reason: ReturnReason
    advice: str
    verb: ClassVar = Verb.RETURN


@dataclass(frozen=True, slots=True)
class Comment:
    """The requester adds information."""

    text: str
    verb: ClassVar = Verb.COMMENT


@dataclass(frozen=True, slots=True)
class Edit:
    """The requester corrects title or description."""

    title: str
    description: str
    verb: ClassVar = Verb.EDIT


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The requester no longer needs it."""

    verb: ClassVar = Verb.WITHDRAW


@dataclass(frozen=True, slots=True)
class Confirm:
    """It works."""

    verb: ClassVar = Verb.CONFIRM


@dataclass(frozen=True, slots=True)
class Rate:
    """1 (bad) to 5 (very good)."""

    rating: int
    text: str
    verb: ClassVar = Verb.RATE


@dataclass(frozen=True, slots=True)
class Nudge:
    """The requester asks again, with a reason."""

    reason: NudgeReason
    verb: ClassVar = Verb.NUDGE


@dataclass(frozen=True, slots=True)
class NotifyManager:
    """An agent tells a superior."""

    reason: str
    verb: ClassVar = Verb.NOTIFY_MANAGER


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Somebody who was pinged makes the ticket their own; `accepts` where the ping was about a hand-over."""

    accepts: bool = False
    verb: ClassVar = Verb.TAKE_OVER


@dataclass(frozen=True, slots=True)
class Link:
    """An agent says what the ticket is to another one (`number` is the other's); a duplicate is merged into it, from
    level 4 with a preventive action.
    """

    other: int
    relation: Relation
    number: str = ""
    prevention: Prevention | None = None
    verb: ClassVar = Verb.LINK


@dataclass(frozen=True, slots=True)
class Unlink:
    """The ticket stands for itself again; `was` is what merging had changed, by property."""

    number: str = ""
    relation: Relation = Relation.CHILD_OF
    was: Mapping[str, Any] = field(default_factory=dict)
    verb: ClassVar = Verb.UNLINK


Request = (
    Take
    | GiveBack
    | Assign
    | Reply
    | Note
    | Pend
    | Resume
    | Classify
    | Escalate
    | Resolve
    | Reopen
    | Accept
    | Return
    | Comment
    | Edit
    | Withdraw
    | Confirm
    | Rate
    | Nudge
    | NotifyManager
    | TakeOver
    | Link
    | Unlink
)
