"""The clocks of a ticket: when they run, what they promise, and what they want to have done next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import escalation
from app.domain.calendar import ServiceCalendar, Span
from app.domain.clocks import WHOLE, Clock, Promise, State, Terms, promises
from app.domain.duration import Duration
from app.domain.errors import RatingTooLate, ReopenTooLate
from app.domain.escalation import Due, Policies, Policy, Step
from app.domain.events import Event
from app.domain.people import Role
from app.domain.priority import Impact, Priority, Urgency
from app.domain.ticket import OPEN, EscalationReason, Kind, NudgeReason, PendingReason, Relation, Status, Ticket
from app.domain.verbs import Verb
from app.store.event_data import encode
from tests.domain.samples import FORTNIGHT, REQUESTS, a_ticket
from tests.support import lifecycle, requests

BERLIN = timezone(timedelta(hours=1))  # in November
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=BERLIN).astimezone(UTC)
FOREVER = timedelta(days=3650)
WEEK_WORKED = tuple((Span(480, 720), Span(780, 1020)) if day < 5 else () for day in range(7))
OFFICE = ServiceCalendar(BERLIN, WEEK_WORKED, lambda _day: False)
ALWAYS = ServiceCalendar(UTC, ((Span(0, 1440),),) * 7, lambda _day: False)
HOURS = {Priority.P1: (1, 4), Priority.P2: (2, 8), Priority.P3: (4, 16), Priority.P4: (8, 40)}


def terms_of(line: str, priority: Priority) -> Terms:
    """First response and resolution by priority; network answers as fast, but round the clock."""
    response, resolution = HOURS[priority]
    name, calendar = ("always", ALWAYS) if line == "network" else ("office", OFFICE)
    acceptance = Duration(response * 30, "m")
    return Terms(Duration(response, "h"), Duration(resolution, "h"), acceptance, None, name, calendar)


def a_step(clock: Clock, at: int, **more: bool) -> Step:
    return Step(1, clock, at, ("lead",), **more)


STEPS = tuple(a_step(clock, at) for clock in Clock for at in (50, 75, 100, 200))
POLICY = Policy(STEPS, (), timedelta(minutes=10), 2, 5)
POLICIES = Policies(POLICY, POLICY)


def raised(priority: Priority = Priority.P3, **changes: object) -> Ticket:
    """A ticket raised on Monday as the working day begins."""
    begun = dict.fromkeys(("created_at", "updated_at", "line_since", "running_since", "promised_since"), MONDAY)
    return a_ticket(**{**begun, "priority": priority, "target_priority": priority, **changes})


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def then(ticket: Ticket, request: requests.Request, hours: float, actor: str = "mara") -> Ticket:
    return lifecycle.apply(ticket, request, actor=actor, now=at(hours), reopen_for=FOREVER)[0]


def clock(ticket: Ticket, which: Clock) -> Promise:
    return next(promise for promise in promises(ticket, terms_of) if promise.clock is which)


def clocks_of(ticket: Ticket) -> set[Clock]:
    return {promise.clock for promise in promises(ticket, terms_of) if promise.ended_at is None}


JUDGED = {
    Priority.P1: (Urgency.HIGH, Impact.SITE),
    Priority.P2: (Urgency.NORMAL, Impact.SITE),
    Priority.P3: (Urgency.NORMAL, Impact.ME),
    Priority.P4: (Urgency.LOW, Impact.ME),
}


def classified(priority: Priority, category: str = "vpn") -> requests.Classify:
    return requests.Classify(category, *JUDGED[priority], Kind.INCIDENT, priority)


ASKED = requests.Pend(PendingReason.REQUESTER, None, "Welches Gerät?")
TO_NETWORK = requests.Escalate("network", EscalationReason.SKILL, "a", "b")


# --- start, pause, end of each


def test_a_new_ticket_promises_a_response_a_solution_and_news() -> None:
    ticket = raised()
    assert clocks_of(ticket) == {Clock.FIRST_RESPONSE, Clock.RESOLUTION, Clock.NEXT_UPDATE}
    assert clock(ticket, Clock.FIRST_RESPONSE).due_at == at(4)
    assert clock(ticket, Clock.NEXT_UPDATE).due_at == at(4), "before the first response that is the next news"
    assert clock(ticket, Clock.RESOLUTION).due_at == at(33), "two working days of eight hours, with a break each"


@pytest.mark.parametrize(
    "word", [requests.Take(), requests.TakeOver(), requests.Reply("Hallo"), ASKED, requests.Resolve("Neu gestartet")]
)
def test_a_public_word_or_a_take_is_the_first_response(word: requests.Request) -> None:
    ticket = then(raised(), word, 3)
    assert clock(ticket, Clock.FIRST_RESPONSE).ended_at == at(3)
    assert clock(ticket, Clock.FIRST_RESPONSE).state(0) is State.MET
    late = then(raised(), word, 6)
    assert clock(late, Clock.FIRST_RESPONSE).state(100) is State.MISSED
    again = then(ticket, requests.Note("intern"), 4)
    assert clock(again, Clock.FIRST_RESPONSE).ended_at == at(3)


@pytest.mark.parametrize(
    "quiet", [requests.Note("?"), requests.Assign("tom"), requests.Comment("Eilt"), classified(Priority.P2), TO_NETWORK]
)
def test_what_the_requester_does_not_hear_from_an_agent_is_no_first_response(quiet: requests.Request) -> None:
    ticket = then(raised(), quiet, 1)
    assert clock(ticket, Clock.FIRST_RESPONSE).ended_at is None
    assert ticket.promised_since == MONDAY


def test_the_solution_waits_while_the_requester_is_asked_and_for_nobody_else() -> None:
    taken = then(raised(), requests.Take(), 0)
    asked = then(taken, ASKED, 1)
    stands = clock(asked, Clock.RESOLUTION)
    assert (stands.is_running, stands.due_at, stands.state(0)) == (False, None, State.PAUSED)
    assert clocks_of(asked) == {Clock.RESOLUTION}, "while the requester is asked nothing is promised"
    answered = then(asked, requests.Comment("Ein Laptop"), 3, actor="ada")
    assert clock(answered, Clock.RESOLUTION).due_at == at(50), "the two hours in between are not counted"
    assert answered.promised_since == at(3)
    supplier = then(taken, requests.Pend(PendingReason.SUPPLIER, None, ""), 1)
    assert clock(supplier, Clock.RESOLUTION).due_at == at(33)
    assert Clock.NEXT_UPDATE in clocks_of(supplier)


@pytest.mark.parametrize("way", [requests.Resume(), requests.GiveBack(), requests.Pend(PendingReason.CHANGE, None, "")])
def test_every_way_out_of_asking_lets_the_solution_go_on(way: requests.Request) -> None:
    back = then(then(then(raised(), requests.Take(), 0), ASKED, 1), way, 3)
    assert clock(back, Clock.RESOLUTION).due_at == at(50)


def test_an_offer_has_a_clock_of_the_line_that_is_asked_until_it_answers() -> None:
    offered = then(raised(), TO_NETWORK, 1)
    waiting = clock(offered, Clock.ACCEPTANCE)
    assert (waiting.line, waiting.since, waiting.due_at) == ("network", at(1), at(3))
    assert Clock.ACCEPTANCE not in clocks_of(then(offered, requests.Accept(), 2, actor="nina"))
    back = then(offered, REQUESTS[Verb.RETURN], 2, actor="nina")
    assert Clock.ACCEPTANCE not in clocks_of(back)
    second = clock(then(back, TO_NETWORK, 3), Clock.ACCEPTANCE)
    assert second.since == at(3)
    assert second.key != waiting.key


def test_the_end_of_a_ticket_ends_every_clock() -> None:
    taken = then(raised(), requests.Take(), 1)
    for end in (requests.Resolve("Neu gestartet"), requests.Withdraw()):
        ended = then(then(taken, TO_NETWORK, 2), end, 3)
        assert clocks_of(ended) == set()
        assert escalation.scheduled(ended, POLICIES, terms_of).next_at is None
    resolved = then(taken, requests.Resolve("Neu gestartet"), 3)
    assert clock(then(resolved, requests.Confirm(), 4, actor="ada"), Clock.RESOLUTION).ended_at == at(3)


@pytest.mark.parametrize(
    "end", [requests.Withdraw(), requests.Link(7, Relation.DUPLICATE_OF, "INC-7")], ids=["withdrawn", "merged"]
)
def test_what_ends_with_the_ticket_in_time_is_neither_kept_nor_broken(end: requests.Request) -> None:
    early = {each.clock: each.state(0) for each in promises(then(raised(), end, 2), terms_of)}
    answered = {Clock.FIRST_RESPONSE: State.MET} if isinstance(end, requests.Link) else {}
    assert early == answered, "a merge is a word to the requester"
    late = {each.clock: each.state(0) for each in promises(then(raised(), end, 100), terms_of)}
    assert late == {Clock.FIRST_RESPONSE: State.MISSED, Clock.RESOLUTION: State.MISSED}


def test_a_reopened_ticket_gets_its_whole_time_again_and_keeps_its_first_response() -> None:
    waited = then(then(then(raised(), requests.Take(), 1), ASKED, 2), requests.Comment("Ja"), 3, actor="ada")
    resolved = then(waited, requests.Resolve("Neu gestartet"), 4)
    again = then(resolved, requests.Reopen("Geht nicht"), 24, actor="ada")
    assert clock(again, Clock.RESOLUTION).due_at == at(57)
    assert clock(again, Clock.FIRST_RESPONSE).ended_at == at(1)
    assert clock(again, Clock.NEXT_UPDATE).since == at(24)


def test_every_missed_promise_is_followed_by_one_twice_as_long_but_never_by_an_endless_one() -> None:
    lengths = []
    for missed in range(1, 9):
        promise = clock(raised(promises_missed=missed, promised_since=MONDAY), Clock.NEXT_UPDATE)
        lengths.append(promise.target.amount)
    assert lengths == [4, 8, 16, 32, 64, 128, 128, 128]


# --- whatever people do


@dataclass(frozen=True)
class Told:
    """The same facts, read from the history alone."""

    responded_at: datetime | None
    running_since: datetime
    waits: tuple[tuple[datetime, datetime | None], ...]
    promised_since: datetime
    target_priority: Priority


SPOKEN = {Verb.TAKE, Verb.TAKE_OVER, Verb.REPLY, Verb.PEND, Verb.ACCEPT, Verb.RESOLVE}
NEWS = SPOKEN | {Verb.ASSIGN, Verb.ESCALATE, Verb.RETURN, Verb.REOPEN}


def told_by(history: Sequence[Event], raised_with: Priority) -> Told:
    responded, running, promised, target = None, MONDAY, MONDAY, raised_with
    waits: list[tuple[datetime, datetime | None]] = []
    for event in history:
        verb, stored = Verb(event.code), encode(event)
        old, new = stored.get("old", {}), stored.get("new", {})
        if verb in SPOKEN and responded is None:
            responded = event.at
        asked, asks = bool(waits) and waits[-1][1] is None, new.get("pending_reason")
        if "pending_reason" in new and asked and asks != "requester":
            waits[-1] = (waits[-1][0], event.at)
        if asks == "requester":
            waits.append((event.at, None))
        if verb is Verb.REOPEN:
            running, waits = event.at, []
        changes_waiting = "requester" in (asks, old.get("pending_reason"))
        if responded is not None and (verb in NEWS or changes_waiting):
            promised = event.at
        if verb is Verb.CLASSIFY and "priority" in new:
            target = Priority(new["priority"])
    return Told(responded, running, tuple(waits), promised, target)


MOVES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(PendingReason), st.sampled_from(Priority), st.integers(1, 400)),
    max_size=14,
)
PEOPLE = {Role.REQUESTER: "ada", Role.AGENT: "mara", Role.RECEIVER: "nina", Role.PINGED: "max"}


@dataclass(frozen=True)
class Walked:
    ticket: Ticket
    history: tuple[Event, ...]
    lives: tuple[tuple[datetime, Ticket], ...]
    """Each state with the moment it began."""


def walked(moves: Sequence[tuple[int, PendingReason, Priority, int]]) -> Walked:
    ticket, now = raised(), MONDAY
    history, lives = [], [(MONDAY, ticket)]
    for pick, reason, priority, minutes in moves:
        now += timedelta(minutes=minutes)
        possible = [(role, verb) for role in Role for verb in lifecycle.offered(ticket, role)]
        if not possible:
            break
        role, verb = possible[pick % len(possible)]
        request = request_for(ticket, verb, reason, priority)
        try:
            ticket, event = lifecycle.apply(ticket, request, actor=PEOPLE[role], now=now, reopen_for=FORTNIGHT)
        except (ReopenTooLate, RatingTooLate):
            continue
        history.append(event)
        lives.append((now, ticket))
    return Walked(ticket, tuple(history), tuple(lives))


def request_for(ticket: Ticket, verb: Verb, reason: PendingReason, priority: Priority) -> requests.Request:
    match verb:
        case Verb.PEND:
            return requests.Pend(reason, None, "?")
        case Verb.ESCALATE:
            other = "network" if ticket.line == "first" else "first"
            return requests.Escalate(other, EscalationReason.SKILL, "a", "b")
        case Verb.CLASSIFY:
            return classified(priority)
        case Verb.TAKE_OVER:
            return requests.TakeOver(accepts=ticket.offer is not None)
        case Verb.NOTIFY_MANAGER:
            return requests.NotifyManager("Eilt")
        case Verb.NUDGE:
            return requests.Nudge(NudgeReason.DEADLINE)
        case _:
            return REQUESTS[verb]


@given(moves=MOVES)
@settings(max_examples=250, deadline=None)
def test_what_the_clocks_run_by_is_what_the_history_tells(
    moves: list[tuple[int, PendingReason, Priority, int]],
) -> None:
    walk = walked(moves)
    ticket, told = walk.ticket, told_by(walk.history, Priority.P3)
    assert ticket.responded_at == told.responded_at
    assert ticket.running_since == told.running_since
    assert tuple((wait.start, wait.end) for wait in ticket.waits) == told.waits
    assert ticket.promised_since == told.promised_since
    assert ticket.promises_missed == 0
    if all(event.code != Verb.REOPEN.value for event in walk.history):
        assert ticket.target_priority is told.target_priority


@given(moves=MOVES, later=st.integers(0, 2000))
@settings(max_examples=60, deadline=None)
def test_the_solution_has_used_exactly_the_working_minutes_in_which_the_desk_owed_work(
    moves: list[tuple[int, PendingReason, Priority, int]], later: int
) -> None:
    walk = walked(moves)
    now = walk.lives[-1][0] + timedelta(minutes=later)
    promise = next((each for each in promises(walk.ticket, terms_of) if each.clock is Clock.RESOLUTION), None)
    if promise is None:  # nobody knows whether it would have been kept
        assert walk.ticket.closed_at
        assert not walk.ticket.resolved_at
        return
    used = promise.calendar.used(promise.running, promise.target, now) * promise.target.seconds
    assert used == 60 * owed_minutes(walk, now, round_the_clock=promise.calendar is ALWAYS)


def owed_minutes(walk: Walked, now: datetime, *, round_the_clock: bool) -> int:
    reopened = [event.at for event in walk.history if event.code == Verb.REOPEN.value]
    since, owed = max(reopened, default=MONDAY), 0
    ends = [*(moment for moment, _ in walk.lives[1:]), now]
    for (begins, state), end in zip(walk.lives, ends, strict=True):
        if state.status not in OPEN or state.pending_reason is PendingReason.REQUESTER:
            continue
        minutes = int((end - max(begins, since)).total_seconds()) // 60
        owed += sum(
            round_the_clock or is_worked(max(begins, since) + timedelta(minutes=minute)) for minute in range(minutes)
        )
    return owed


@cache
def is_worked(minute: datetime) -> bool:
    local = minute.astimezone(BERLIN)
    return local.weekday() < 5 and (8 <= local.hour < 12 or 13 <= local.hour < 17)


def run_until(ticket: Ticket, now: datetime, policies: Policies = POLICIES) -> tuple[Ticket, list[Due]]:
    """Note everything that is due as done, as the timers do."""
    done = []
    while (ahead := escalation.agenda(ticket, policies, terms_of)) and ahead[0].at <= now:
        done.append(ahead[0])
        ticket = escalation.fire(ticket, ahead[0])
    return ticket, done


@given(moves=MOVES)
@settings(max_examples=150, deadline=None)
def test_nothing_fires_twice_for_the_same_target_and_nothing_before_its_time(
    moves: list[tuple[int, PendingReason, Priority, int]],
) -> None:
    fired: set[tuple[str, int]] = set()
    ticket = raised()
    lives = walked(moves).lives
    ends = [*(moment for moment, _ in lives[1:]), lives[-1][0] + timedelta(days=5)]
    for (_, state), end in zip(lives, ends, strict=True):
        ticket, done = run_until(replace(state, fired=ticket.fired), end)
        for due in done:
            step = (due.promise.key, due.percent)
            assert step not in fired
            fired.add(step)
            used = due.promise.calendar.used(due.promise.running, due.promise.target, due.at)
            assert used >= due.percent / 100
        assert all((due.promise.key, due.percent) not in fired for due in escalation.agenda(ticket, POLICIES, terms_of))


@given(moves=MOVES)
@settings(max_examples=100, deadline=None)
def test_the_next_look_is_at_the_first_thing_of_a_clock_that_runs(
    moves: list[tuple[int, PendingReason, Priority, int]],
) -> None:
    ticket = walked(moves).ticket
    ahead = escalation.agenda(ticket, POLICIES, terms_of)
    assert [due.at for due in ahead] == sorted(due.at for due in ahead)
    assert escalation.scheduled(ticket, POLICIES, terms_of).next_at == (ahead[0].at if ahead else None)
    if ticket.status not in OPEN:
        assert ahead == []


# --- what fires


def test_the_steps_of_a_clock_come_one_after_the_other_also_when_all_are_overdue() -> None:
    _, done = run_until(raised(), at(24 * 30))
    for which in (Clock.FIRST_RESPONSE, Clock.RESOLUTION):
        assert [due.percent for due in done if due.promise.clock is which] == [50, 75, 100, 200]
    assert [due.at for due in done] == sorted(due.at for due in done)


def test_that_a_clock_ran_out_is_noticed_without_a_step_for_it() -> None:
    silent = Policy((), (), timedelta(minutes=10), 2, 5)
    _, done = run_until(raised(), at(24 * 30), Policies(silent, silent))
    assert {(due.promise.clock, due.percent, due.step) for due in done} == {
        (Clock.FIRST_RESPONSE, WHOLE, None),
        (Clock.RESOLUTION, WHOLE, None),
        (Clock.NEXT_UPDATE, WHOLE, None),
    }


def test_a_clock_that_stands_still_schedules_nothing() -> None:
    asked = then(then(raised(), requests.Take(), 0), ASKED, 1)
    assert escalation.agenda(asked, POLICIES, terms_of) == []
    assert escalation.scheduled(asked, POLICIES, terms_of).next_at is None


def percents(done: Sequence[Due], which: Clock = Clock.RESOLUTION) -> list[int]:
    return [due.percent for due in done if due.promise.clock is which]


def test_a_tighter_target_fires_again_and_going_back_does_not() -> None:
    taken = then(raised(), requests.Take(), 0)
    ticket, done = run_until(taken, at(10))
    assert percents(done) == [50]
    ticket, done = run_until(then(ticket, classified(Priority.P2), 10), at(10))
    assert percents(done) == [50, 75, 100]
    ticket, done = run_until(then(ticket, classified(Priority.P3), 10), at(10))
    assert percents(done) == []
    _, done = run_until(ticket, at(33))
    assert percents(done) == [75, 100]


def test_a_category_changes_no_promise() -> None:
    taken = then(raised(), requests.Take(), 0)
    before = {promise.key for promise in promises(taken, terms_of)}
    other = then(taken, classified(Priority.P3, category="other"), 2)
    assert {promise.key for promise in promises(other, terms_of)} == before


def test_a_category_leaves_what_the_policy_raised_and_a_new_judgement_counts_again() -> None:
    by_policy = replace(then(raised(), requests.Take(), 0), priority=Priority.P2)
    other = then(by_policy, classified(Priority.P3, category="other"), 2)
    assert (other.priority, other.target_priority) == (Priority.P2, Priority.P3)
    judged = then(by_policy, classified(Priority.P2), 2)
    assert (judged.priority, judged.target_priority) == (Priority.P2, Priority.P2)


def test_another_line_promises_by_its_own_calendar_from_the_same_start() -> None:
    ticket, done = run_until(then(raised(), requests.Take(), 0), at(10))
    assert percents(done) == [50]
    moved = then(then(ticket, TO_NETWORK, 10), requests.Accept(), 10, actor="nina")
    assert clock(moved, Clock.RESOLUTION).due_at == at(16), "round the clock, but since Monday morning"
    assert clock(moved, Clock.RESOLUTION).since == MONDAY
    _, done = run_until(moved, at(12))
    assert percents(done) == [50, 75]


@pytest.mark.parametrize("which", [Clock.FIRST_RESPONSE, Clock.RESOLUTION, Clock.ACCEPTANCE])
def test_a_priority_that_the_policy_raised_changes_no_promise(which: Clock) -> None:
    offered = then(raised(), TO_NETWORK, 0)
    by_policy = replace(offered, priority=Priority.P1)
    assert clock(by_policy, which).key == clock(offered, which).key


def test_what_was_done_for_an_earlier_start_is_forgotten_and_for_another_target_kept() -> None:
    ticket, _ = run_until(then(raised(), requests.Take(), 0), at(200))
    resolved = then(ticket, requests.Resolve("x"), 200)
    again, done = run_until(then(resolved, requests.Reopen("y"), 201), at(24 * 30))
    assert percents(done) == [50, 75, 100, 200]
    resolutions = [key for key in again.fired if key.startswith("resolution|")]
    assert resolutions == [clock(again, Clock.RESOLUTION).key]


def test_a_policy_that_was_written_down_is_the_same_when_it_is_read() -> None:
    assert Policy.from_json(POLICY.as_json()) == POLICY
    assert Policy.from_json(POLICY.as_json()).digest() == POLICY.digest()
    other = replace(POLICY, reminders=3)
    assert other.digest() != POLICY.digest()


def test_every_open_ticket_that_owes_something_is_looked_at_again() -> None:
    for status in OPEN:
        ticket = raised(status=status, **({} if status is Status.NEW else {"assignee": "mara", "assigned_at": MONDAY}))
        if status is Status.PENDING:
            ticket = replace(ticket, pending_reason=PendingReason.SUPPLIER)
        assert escalation.scheduled(ticket, POLICIES, terms_of).next_at is not None
