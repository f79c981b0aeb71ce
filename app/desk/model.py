"""The desk file as values: what one company's desk consists of.

The models check one value at a time; what needs two places of the file is in `checks`.

Longer than other modules: it is the desk file, every key of it.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, core_schema

from app.desk.calendars import service_calendar
from app.desk.values import (
    ONE_OR_MANY,
    BusinessTime,
    Closing,
    KnownLanguage,
    Label,
    Percent,
    PlainTime,
    WeekHours,
    shorter_than,
)
from app.domain.calendar import ServiceCalendar
from app.domain.clocks import Clock, Terms
from app.domain.escalation import LEAD, MANAGER, Count, CountStep, Policy, Step
from app.domain.people import canonical
from app.domain.priority import Priority
from app.domain.ticket import Kind
from app.domain.waiting import Patience

# The limits keep the longest legal card below Teams' 28 KB.
Name = Annotated[Label, shorter_than(60)]
Guideline = Annotated[Label, shorter_than(1500)]
ID_PATTERN = r"^[a-z][a-z0-9_-]{0,31}$"
PERSON_PATTERN = r"^[^\s@]{1,128}$"
TEAMS_ID_PATTERN = r"^\S{1,256}$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
PersonId = Annotated[str, StringConstraints(pattern=PERSON_PATTERN), AfterValidator(canonical)]
TeamsId = Annotated[str, StringConstraints(pattern=TEAMS_ID_PATTERN)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Language = Annotated[str, KnownLanguage]
People = tuple[PersonId, ...]
Words = Annotated[tuple[Word, ...], Field(min_length=1), ONE_OR_MANY]
Kinds = Annotated[tuple[Kind, ...], Field(min_length=1), ONE_OR_MANY]


def _with_ids(entries: object) -> object:
    """Give every entry of a mapping its own key as `id`."""
    if not isinstance(entries, Mapping):
        return entries
    for key, entry in entries.items():
        if isinstance(entry, Mapping) and entry.get("id", key) != key:
            raise ValueError(f"names the id of {key} twice: remove id from it")
    return {key: {**entry, "id": key} if isinstance(entry, Mapping) else entry for key, entry in entries.items()}


_WITH_IDS = BeforeValidator(_with_ids)


class Part(BaseModel):
    """A part of the desk file: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeskInfo(Part):
    """What holds for the whole desk. Its durations are plain: a day has 24 hours."""

    name: Name
    language: Language
    timezone: str
    admins: Annotated[People, Field(min_length=1)]
    reopen_for: PlainTime = timedelta(days=14)
    pending_ends_after: PlainTime = timedelta(days=14)
    guests_are_agents: bool = False


class Calendar(Part):
    """When a line works: weekly hours in a time zone (the desk's where none is named), less holidays and own days."""

    hours: WeekHours
    holidays: Annotated[tuple[str, ...], Field(max_length=20), ONE_OR_MANY] = ()
    closed: Annotated[tuple[Closing, ...], Field(max_length=400), ONE_OR_MANY] = ()
    timezone: str | None = None


class Target(Part):
    """What is promised for one priority; without a calendar the line's counts."""

    first_response: BusinessTime
    resolution: BusinessTime
    acceptance: BusinessTime
    next_update: BusinessTime | None = None
    calendar: str | None = None


class LineTarget(Part):
    """What one line promises instead; what it leaves out stays the desk's promise."""

    first_response: BusinessTime | None = None
    resolution: BusinessTime | None = None
    acceptance: BusinessTime | None = None
    next_update: BusinessTime | None = None
    calendar: str | None = None


class Assignment(StrEnum):
    """Who a new ticket of a line goes to: nobody until somebody takes it, or somebody who is there by itself."""

    MANUAL = "manual"
    ROUND_ROBIN = "round_robin"
    FEWEST_OPEN = "fewest_open"


class Line(Part):
    """A support team with a level from 0 (self-service) to 4 (management)."""

    id: str
    level: Annotated[int, Field(ge=0, le=4)]
    name: Name
    calendar: str
    channel: TeamsId | None = None
    team: TeamsId | None = None
    lead: PersonId | None = None
    deputy: PersonId | None = None
    manager: PersonId | None = None
    agents: People = ()
    people: People = ()
    assignment: Assignment = Assignment.MANUAL
    language: Language | None = None
    targets: dict[Priority, LineTarget] = {}

    @property
    def answerable(self) -> tuple[str, ...]:
        """Whoever answers for the line, the first to be asked first."""
        return tuple(each for each in (self.lead, *self.people, self.deputy, self.manager) if each)


class Choice(Part):
    """One value of a choice field."""

    id: Id
    name: Name


class _Choices:
    """Reads `{laptop: Laptop, pc: {de: …, en: …}}` too, and a list of plain ids, which name themselves."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._expand, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": ["array", "object"]}

    @staticmethod
    def _expand(value: object) -> object:
        if isinstance(value, Mapping):
            return [{"id": key, "name": name} for key, name in value.items()]
        if isinstance(value, list):
            return [{"id": entry, "name": entry} if isinstance(entry, str) else entry for entry in value]
        return value


class CategoryField(Part):
    """A field of one category's own."""

    id: Id
    name: Name
    type: Literal["text", "choice", "date", "yes_no"]
    choices: Annotated[tuple[Choice, ...], Field(max_length=25), _Choices()] = ()
    required: bool = False


class Category(Part):
    """What a ticket is about: the guideline for handing it over, and the lines it may go to."""

    id: str
    name: Name
    guideline: Guideline | None = None
    escalate_to: Annotated[tuple[str, ...], ONE_OR_MANY] = ()
    fields: Annotated[tuple[CategoryField, ...], Field(max_length=10)] = ()
    kinds: Kinds = (Kind.INCIDENT, Kind.REQUEST)
    active: bool = True


class When(Part):
    """The conditions of a rule: all named ones must hold, each by any of its values."""

    category: Words | None = None
    kind: Kinds | None = None
    priority: Annotated[tuple[Priority, ...], Field(min_length=1), ONE_OR_MANY] | None = None
    words: Words | None = None
    department: Words | None = None
    site: Words | None = None
    language: Annotated[tuple[Language, ...], Field(min_length=1), ONE_OR_MANY] | None = None
    hours: WeekHours | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no condition: every ticket matches."""
        return not self.model_dump(exclude_none=True)


class Rule(Part):
    """One routing rule; `priority` is a floor: the ticket gets at least that."""

    line: str
    when: When = When()
    priority: Priority | None = None
    tags: Annotated[tuple[Word, ...], ONE_OR_MANY] = ()
    confidential: bool = False


class EscalationStep(Part):
    """Who hears it, and what happens to the ticket.

    Either when a `clock` has used up `at` percent of its target, or when what is counted (`count`) has happened
    `times` times; `checks` holds them to one of the two.
    """

    clock: Clock | None = None
    at: Percent | None = None
    count: Count | None = None
    times: Annotated[int, Field(ge=1, le=20)] | None = None
    tell: Annotated[tuple[PersonId, ...], Field(min_length=1), ONE_OR_MANY]
    raise_priority: bool = False
    offer_to: str | None = None


# reopened twice, returned twice, the third nudge (product: Escalation, "by a count")
COUNTED_ANYWAY = tuple(
    CountStep(None, count, times, (LEAD, MANAGER))
    for count, times in ((Count.REOPENED, 2), (Count.RETURNED, 2), (Count.NUDGED, 3))
)


class Pings(Part):
    """How persistently a person is asked to acknowledge. Plain time: nobody is pinged by a calendar."""

    remind_after: PlainTime = timedelta(minutes=10)
    reminders: Annotated[int, Field(ge=0, le=10)] = 2
    loops: Annotated[int, Field(ge=1, le=5)] = 5


class Confidential(Part):
    """Which admins see of confidential tickets what admins see of others; the rest see as little as a stranger."""

    seen_by: People = ()


class Desk(Part):
    """One company's desk."""

    desk: DeskInfo
    calendars: Annotated[dict[Id, Calendar], Field(min_length=1)]
    lines: Annotated[dict[Id, Line], _WITH_IDS, Field(min_length=1, max_length=40)]
    categories: Annotated[dict[Id, Category], _WITH_IDS, Field(min_length=1, max_length=80)]
    routing: Annotated[tuple[Rule, ...], Field(min_length=1)]
    targets: dict[Priority, Target]
    escalation: tuple[EscalationStep, ...] = ()
    pings: Pings = Pings()
    confidential: Confidential = Confidential()

    @property
    def name(self) -> Label:
        """The desk's own name."""
        return self.desk.name

    @property
    def language(self) -> str:
        """The language used where nobody has chosen one."""
        return self.desk.language

    @property
    def timezone(self) -> str:
        """The IANA name of the zone used where nobody has chosen one."""
        return self.desk.timezone

    @property
    def admins(self) -> People:
        """The people who bind channels and handle undeliverable messages."""
        return self.desk.admins

    @cached_property
    def patience(self) -> Patience:
        """How long this desk waits."""
        return Patience(self.desk.pending_ends_after, self.desk.reopen_for, ZoneInfo(self.timezone))

    def calendar(self, name: str) -> ServiceCalendar:
        """Return the calendar of that name to reckon with."""
        written = self.calendars[name]
        return service_calendar(written.timezone or self.timezone, written.hours, written.holidays, written.closed)

    def target(self, line_id: str, priority: Priority) -> Target:
        """Return what `line_id` promises for `priority`: its own target where it has one, else the desk's.

        A line that left the desk file promises what the desk does, by any calendar there is.
        """
        desk_target, line = self.targets[priority], self.lines.get(line_id)
        own = line.targets.get(priority) if line else None
        chosen: dict[str, Any] = {name: value for name, value in own or () if value is not None}
        of_line = line.calendar if line else next(iter(self.calendars))
        calendar = chosen.get("calendar") or desk_target.calendar or of_line
        return desk_target.model_copy(update={**chosen, "calendar": calendar})

    def terms(self, line_id: str, priority: Priority) -> Terms:
        """The same as clocks run by it, with the calendar itself; worked out once."""
        known = self._terms.get((line_id, priority))
        if known is None:
            target = self.target(line_id, priority)
            name = target.calendar or ""
            known = self._terms[line_id, priority] = Terms(
                first_response=target.first_response,
                resolution=target.resolution,
                acceptance=target.acceptance,
                next_update=target.next_update,
                calendar_name=name,
                calendar=self.calendar(name),
            )
        return known

    @cached_property
    def _terms(self) -> dict[tuple[str, Priority], Terms]:
        return {}

    @cached_property
    def policy(self) -> Policy:
        """The escalation policy. What nobody counts in the file is counted as every desk does it."""
        numbered = list(enumerate(self.escalation, start=1))
        counts = [
            CountStep(rule, step.count, step.times or 1, step.tell) for rule, step in numbered if step.count is not None
        ]
        counted = {step.count for step in counts}
        return Policy(
            steps=tuple(
                Step(rule, step.clock, step.at or 0, step.tell, step.raise_priority, step.offer_to)
                for rule, step in numbered
                if step.clock is not None
            ),
            counts=(*counts, *(step for step in COUNTED_ANYWAY if step.count not in counted)),
            remind_after=self.pings.remind_after,
            reminders=self.pings.reminders,
            loops=self.pings.loops,
        )

    @cached_property
    def terms_digest(self) -> str:
        """The name of what is promised: another one for other targets, hours or holidays, zone or patience."""
        of_desk = {"timezone", "reopen_for", "pending_ends_after"}
        promised = self.model_dump_json(include={"desk": of_desk, "calendars": True, "targets": True}) + "".join(
            line.model_dump_json(include={"id", "calendar", "targets"}) for line in self.lines.values()
        )
        return hashlib.sha256(promised.encode()).hexdigest()[:16]

    @cached_property
    def policy_digest(self) -> str:
        """The name under which the policy is written down."""
        return self.policy.digest()
