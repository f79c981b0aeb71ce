"""What must fit together in a desk file, beyond each value by itself (product rules: no ticket without a line, no
escalation without a person, no promise without working time)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.desk.calendar_checks import calendar_findings
from app.desk.model import Category, Desk, EscalationStep, Line
from app.desk.problems import Finding, hint
from app.desk.reach import rules_that_never_match
from app.desk.source import Place
from app.domain.clocks import WHOLE, Clock
from app.domain.escalation import ROLES
from app.domain.priority import Priority
from app.domain.requests import TICKET_FORM

# The ids of the inputs that our own forms have.
RESERVED_FIELD_IDS = frozenset({"desk", "verb", "action", *TICKET_FORM})
"""What stands on a new ticket's form besides a category's own fields, and what Teams itself sends along."""


@dataclass(frozen=True)
class Names:
    """The ids the file gives to its parts, also to those that are wrong in themselves."""

    lines: frozenset[str]
    categories: frozenset[str]
    calendars: frozenset[str]

    @classmethod
    def of(cls, data: Any) -> "Names":
        """Collect the ids from unchecked data."""

        def keys(section: str) -> frozenset[str]:
            part = data.get(section) if isinstance(data, dict) else None
            return frozenset(part if isinstance(part, dict) else ())

        return cls(keys("lines"), keys("categories"), keys("calendars"))

    def unknown(self, kind: str, name: str, path: Place) -> Iterator[Finding]:
        """Yield a finding when there is no such line, category or calendar."""
        known = {"line": self.lines, "category": self.categories, "calendar": self.calendars}[kind]
        if known and name not in known:
            yield Finding(path, f"there is no {kind} {name}{hint(name, known)}")


def check(desk: Desk, names: Names) -> Iterator[Finding]:
    """Yield everything that does not fit together."""
    yield from calendar_findings(desk)
    yield from _lines(desk, names)
    if not any(category.active for category in desk.categories.values()):
        yield Finding(("categories",), "no category is active: nobody could raise a ticket")
    for category in desk.categories.values():
        yield from _category(category, desk, names)
    yield from _routing(desk, names)
    yield from _targets(desk, names)
    yield from _escalation(desk, names)
    for index, person in enumerate(desk.confidential.seen_by):
        if person not in desk.admins:
            here: Place = ("confidential", "seen_by", index)
            yield Finding(
                here, f"{person} is no admin: name one of desk.admins, or list who works on a line as its agents"
            )


def _lines(desk: Desk, names: Names) -> Iterator[Finding]:
    channels: dict[str, str] = {}
    for line in desk.lines.values():
        path: Place = ("lines", line.id)
        yield from names.unknown("calendar", line.calendar, (*path, "calendar"))
        yield from _line_is_reachable(line, path)
        if line.channel is not None:
            other = channels.setdefault(line.channel, line.id)
            if other != line.id:
                sentence = f"the lines {other} and {line.id} have the same channel: give each its own"
                yield Finding((*path, "channel"), sentence, see=("lines", other, "channel"))


def _line_is_reachable(line: Line, path: Place) -> Iterator[Finding]:
    if line.people and line.level != 4:
        yield Finding((*path, "people"), f"people are named on level 4 only: list the agents of {line.id} as agents")
    if line.team and not line.channel:
        yield Finding(path, f"the line {line.id} has no channel: add its channel, or remove team and bind it in Teams")
    elif line.channel and not (line.team or line.agents):
        yield Finding(path, f"the line {line.id} names a channel without its team: add team, or list agents")
    elif not line.channel and line.level == 4 and not line.people:
        yield Finding(path, f"the line {line.id} has no channel and names no people: add one of them")
    elif not line.channel and line.level > 0 and not _answerable(line):
        yield Finding(path, f"the line {line.id} has no channel, and nobody to tell until one is bound: add a lead")


def _answerable(line: Line) -> bool:
    return bool(line.lead or line.deputy or line.manager or line.people or line.agents)


def _takes_tickets(desk: Desk, line: str, path: Place) -> Iterator[Finding]:
    if line in desk.lines and desk.lines[line].level == 0:
        yield Finding(path, f"the line {line} is self-service: nobody there can take a ticket")


def _category(category: Category, desk: Desk, names: Names) -> Iterator[Finding]:
    path: Place = ("categories", category.id)
    for line in category.escalate_to:
        yield from names.unknown("line", line, (*path, "escalate_to"))
        yield from _takes_tickets(desk, line, (*path, "escalate_to"))
    routed = any(category.id in (rule.when.category or ()) for rule in desk.routing)
    if not category.escalate_to and not routed:
        yield Finding(
            path, f"the category {category.id} leads nowhere: name a line in escalate_to, or add a route for it"
        )
    yield from _fields(category, path)


def _fields(category: Category, path: Place) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, field in enumerate(category.fields):
        here: Place = (*path, "fields", index)
        if field.id in RESERVED_FIELD_IDS:
            yield Finding((*here, "id"), f"the field id {field.id} is used by the form itself: choose another")
        if field.id in seen:
            first: Place = (*path, "fields", seen[field.id])
            yield Finding((*here, "id"), f"the field {field.id} stands twice in {category.id}", see=first)
        seen.setdefault(field.id, index)
        ids = [choice.id for choice in field.choices]
        if field.type == "choice" and not ids:
            yield Finding(here, f"the field {field.id} has nothing to choose from: add choices")
        if field.type != "choice" and ids:
            yield Finding((*here, "choices"), f"the field {field.id} is no choice: remove choices, or set type: choice")
        if len(set(ids)) < len(ids):
            yield Finding((*here, "choices"), f"the field {field.id} has a choice twice")


def _routing(desk: Desk, names: Names) -> Iterator[Finding]:
    for index, rule in enumerate(desk.routing):
        path: Place = ("routing", index)
        yield from names.unknown("line", rule.line, (*path, "line"))
        yield from _takes_tickets(desk, rule.line, (*path, "line"))
        for category in rule.when.category or ():
            yield from names.unknown("category", category, (*path, "when", "category"))
    if not any(rule.when.is_empty for rule in desk.routing):
        last: Place = ("routing", len(desk.routing) - 1)
        yield Finding(last, "there is no default route: add a last rule without when, like - {line: first}")
    for never in rules_that_never_match(desk):
        see: Place = () if never.because_of is None else ("routing", never.because_of)
        yield Finding(("routing", never.rule), f"this rule can never match: {never.why}", see=see)


def _targets(desk: Desk, names: Names) -> Iterator[Finding]:
    for priority in Priority:
        if priority not in desk.targets:
            yield Finding(("targets",), f"there is no target for {priority}")
    for priority, target in desk.targets.items():
        path: Place = ("targets", priority.value)
        if target.calendar is not None:
            yield from names.unknown("calendar", target.calendar, (*path, "calendar"))
        response, resolution = target.first_response, target.resolution
        if bool(response.days) == bool(resolution.days) and response.length > resolution.length:
            yield Finding((*path, "first_response"), f"{priority} promises a first response later than the resolution")
    for line in desk.lines.values():
        for priority, own in line.targets.items():
            if own.calendar is not None:
                here: Place = ("lines", line.id, "targets", priority.value, "calendar")
                yield from names.unknown("calendar", own.calendar, here)


def _escalation(desk: Desk, names: Names) -> Iterator[Finding]:
    last: dict[str, int] = {}
    seen: dict[tuple[str, int], int] = {}
    for index, step in enumerate(desk.escalation):
        path: Place = ("escalation", index)
        yield from _step_is_whole(step, path)
        for who in step.tell:
            if who not in ROLES and not any(char.isdigit() for char in who):
                yield Finding((*path, "tell"), f"{who} is neither a role nor a person's id{hint(who, ROLES)}")
        if step.offer_to is not None:
            yield from names.unknown("line", step.offer_to, (*path, "offer_to"))
            yield from _takes_tickets(desk, step.offer_to, (*path, "offer_to"))
        if step.clock is Clock.NEXT_UPDATE and (step.at or 0) > WHOLE:
            never = "a missed next_update is promised anew at 100%: a later step can never come, name 100% or less"
            yield Finding((*path, "at"), never)
        what, when = (step.clock, step.at) if step.clock else (step.count, step.times)
        if what is None or when is None:
            continue
        if (what, when) in seen:
            shown = f"{what} at {when}%" if step.clock else f"{what} {when} times"
            twice = f"{shown} stands here twice: put everybody into one tell"
            yield Finding(path, twice, see=("escalation", seen[what, when]))
        seen.setdefault((what, when), index)
        if what not in last or when > _when(desk.escalation[last[what]]):
            last[what] = index
    for index in last.values():
        yield from _ends_at_a_person(desk, index)


def _when(step: EscalationStep) -> int:
    return step.at or step.times or 0


def _step_is_whole(step: EscalationStep, path: Place) -> Iterator[Finding]:
    by_time, by_count = (step.clock, step.at), (step.count, step.times)
    if None not in by_time and by_count == (None, None):
        return
    if None not in by_count and by_time == (None, None):
        if step.raise_priority or step.offer_to:
            yield Finding(path, "a step by count only tells people: remove raise_priority and offer_to")
        return
    yield Finding(path, "a step needs either clock and at, or count and times")


def _ends_at_a_person(desk: Desk, index: int) -> Iterator[Finding]:
    """The last step of a clock must reach somebody who is there for certain, on every line that takes tickets."""
    step = desk.escalation[index]
    told = set(step.tell)
    what = f"{step.clock} at {step.at}%" if step.clock else f"{step.count} {step.times} times"
    if told <= {"assignee", "line"}:
        sentence = f"the escalation of {what} cannot end at a person: tell lead, manager or admin"
        yield Finding(("escalation", index), sentence)
    if not told <= {"assignee", "line", "lead", "deputy"}:
        return  # a manager may come from the directory; an admin or a person named by id is always there
    for line in desk.lines.values():
        somebody = line.lead or line.deputy or line.manager or line.people
        if told & {"lead", "deputy"} and line.level > 0 and not somebody:
            sentence = (
                f"the escalation of {step.clock or step.count} cannot end at a person for {line.id}: name its lead"
            )
            yield Finding(("lines", line.id), sentence, see=("escalation", index))
