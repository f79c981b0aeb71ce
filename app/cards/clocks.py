"""What cards say about promises: a symbol and words for each clock, never a colour alone."""

from datetime import datetime, tzinfo

from microsoft_teams.cards.core import CardElement

from app.cards.parts import Color, fact, panel, run, runs
from app.domain.clocks import Clock, State
from app.domain.merging import merged_into
from app.domain.ticket import OPEN, Status
from app.domain.views import PromiseView, TicketView
from app.i18n import Text

PROMISE_COLORS: dict[State, Color] = {
    State.SOON: "Warning",
    State.OVERDUE: "Attention",
    State.MISSED: "Attention",
    State.MET: "Good",
}


def clocks(view: TicketView, t: Text, zone: tzinfo) -> list[CardElement]:
    """Every clock of the ticket with its due time and how it stands, for those who work on it.

    Of one that is handled with another ticket nobody can say yet whether it was solved in time.
    """
    is_unsolved = merged_into(view.ticket) is not None and view.ticket.resolved_at is None
    shown = [each for each in view.promises if not (is_unsolved and each.clock is Clock.RESOLUTION)]
    if view.ticket.status is Status.WITHDRAWN or not shown:
        return []
    return [panel([_line(each, t, zone) for each in shown])]


def _line(promise: PromiseView, t: Text, zone: tzinfo) -> CardElement:
    title = run(f"{t(f'clock.{promise.clock}')}: ", subtle=True, size="Small")
    stands = run(_state(promise, t, zone), color=PROMISE_COLORS.get(promise.state), size="Small")
    return runs(title, stands, spacing="None")


def _state(promise: PromiseView, t: Text, zone: tzinfo) -> str:
    moment = t.moment(promise.due_at, zone) if promise.due_at else ""
    ended = t.moment(promise.ended_at, zone) if promise.ended_at else ""
    return t(f"clock.state.{promise.state}", moment=moment, ended=ended)


def promises_to_requester(view: TicketView, t: Text, zone: tzinfo) -> list[CardElement]:
    """When the requester hears from the desk again, and when it is probably solved."""
    if view.ticket.status not in OPEN:
        return []
    update, resolution = view.promise(Clock.NEXT_UPDATE), view.promise(Clock.RESOLUTION)
    due = resolution.due_at if resolution else None
    is_late = resolution is not None and resolution.state is State.OVERDUE
    waits_beyond = due is not None and _waits_until_after(due, view, zone)
    estimate = due if not is_late else None
    shown: list[CardElement] = []
    if view.ticket.promises_missed and update:
        shown.append(runs(run(t("requester.promise.missed"), bold=True), spacing="Small"))
    if update and update.due_at:
        at = min(update.due_at, estimate) if estimate else update.due_at
        shown.append(fact(t("requester.promise.next"), run(t.moment(at, zone), bold=True)))
    if is_late or waits_beyond:
        shown.append(fact(t("requester.promise.estimate"), run(t("requester.promise.late"))))
    elif estimate:
        shown.append(fact(t("requester.promise.estimate"), run(t.moment(estimate, zone))))
    return shown


def estimate(view: TicketView, t: Text, zone: tzinfo) -> str:
    """In one sentence by when it is probably solved, or else by when there is news; empty where nothing is promised."""
    update, resolution = view.promise(Clock.NEXT_UPDATE), view.promise(Clock.RESOLUTION)
    due = resolution.due_at if resolution and resolution.state is not State.OVERDUE else None
    if view.ticket.status not in OPEN:
        return ""
    if due and not _waits_until_after(due, view, zone):
        return t("notice.estimate", moment=t.moment(due, zone))
    return t("notice.next_update", moment=t.moment(update.due_at, zone)) if update and update.due_at else ""


def _waits_until_after(due: datetime, view: TicketView, zone: tzinfo) -> bool:
    """Whether the ticket waits for somebody until a later day than the one on which it should be solved."""
    until = view.ticket.pending_until
    return view.ticket.status is Status.PENDING and until is not None and until > due.astimezone(zone).date()
