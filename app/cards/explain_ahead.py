"""What runs and what will happen to a ticket, in sentences: when, to whom, by which rule."""

from collections.abc import Iterator
from datetime import timedelta, tzinfo
from typing import NamedTuple

from app.cards import text
from app.cards.admin import reason_of, what_of
from app.cards.explain_past import NOTHING, cause, line_name, listed, person, prevention, quoted
from app.domain.clocks import WHOLE, State
from app.domain.duration import Duration
from app.domain.explanation import (
    Ahead,
    ClockView,
    CountAhead,
    DeferredAhead,
    EndingAhead,
    Explanation,
    OpenPing,
    PingAhead,
    PreventionAhead,
    Rule,
    StepAhead,
    Told,
)
from app.domain.merging import merged_into
from app.domain.ticket import OPEN, Status
from app.domain.views import Delivery, PreventionView, TicketView
from app.i18n import Text

IS_EXHAUSTED = "exhausted"


class Said(NamedTuple):
    """What will happen, and by which rule."""

    sentence: str
    rule: str


def what_it_is(explained: Explanation, t: Text, zone: tzinfo) -> list[str]:
    """Where the ticket stands."""
    view, ticket = explained.view, explained.view.ticket
    who = person(view.assignee) if view.assignee else t("line.nobody")
    facts = [
        f"{t('explain.property.status')}: {t(f'status.{ticket.status}')}",
        f"{t('explain.property.priority')}: {t(f'priority.{ticket.priority}')}",
        f"{t('explain.property.line')}: {line_name(view.line, t)}",
        f"{t('line.assignee')}: {who}",
        f"{t('line.requester')}: {person(view.requester)}",
    ]
    return [*facts, t("explain.older_policy")] if explained.is_older_policy else facts


def what_runs(explained: Explanation, t: Text, zone: tzinfo) -> list[str]:
    """Clocks, waits, offers, pings, preventive actions, and messages on their way."""
    return [
        *(_clock(each, t, zone) for each in explained.clocks),
        *_wait(explained.view, t),
        *_offer(explained.view, t, zone),
        *(_deferred(each, t) for each in explained.deferred),
        *(_ping(each, t) for each in explained.pings),
        *(_prevention(each, t) for each in explained.preventions),
        *(_message(each, explained, t, zone) for each in explained.messages),
    ]


def _clock(clock: ClockView, t: Text, zone: tzinfo) -> str:
    state = "running" if clock.state is State.SOON else clock.state.value
    said = t(
        f"explain.clock.{state}",
        clock=t(f"clock.{clock.clock}"),
        line=line_name(clock.line, t),
        used=clock.used,
        target=_target(clock.target, t),
        calendar=text.name(clock.calendar),
        due=t.moment(clock.due_at, zone) if clock.due_at else NOTHING,
        ended=t.moment(clock.ended_at, zone) if clock.ended_at else NOTHING,
    )
    if clock.paused_since is None:
        return said
    since, still = t.moment(clock.paused_since, zone), _left(clock, t)
    return f"{said} {t('explain.clock.stands_still', since=since, left=still)}"


def _target(target: Duration, t: Text) -> str:
    return t(f"explain.duration.{target.unit}", count=target.amount)


def _left(clock: ClockView, t: Text) -> str:
    if clock.target.days:
        return t("explain.share_left", percent=max(0, WHOLE - clock.used))
    return t.duration(timedelta(seconds=clock.left))


def _wait(view: TicketView, t: Text) -> Iterator[str]:
    ticket = view.ticket
    if ticket.status is Status.PENDING and ticket.pending_reason:
        reason = t(f"pending.{ticket.pending_reason}")
        if ticket.pending_until:
            yield t("line.waiting_until", reason=reason, date=t.date(ticket.pending_until))
        else:
            yield t("line.waiting", reason=reason)


def _offer(view: TicketView, t: Text, zone: tzinfo) -> Iterator[str]:
    offer = view.ticket.offer
    if offer and view.offered_to:
        yield t(
            "offer.open",
            to=line_name(view.offered_to, t),
            moment=t.moment(offer.at, zone),
            name=person(view.offered_by) if view.offered_by else NOTHING,
            reason=t(f"escalation.{offer.reason}"),
            line=line_name(view.line, t),
        )


def _deferred(each: DeferredAhead, t: Text) -> str:
    after, line = line_name(each.after, t), line_name(each.line, t)
    return t("explain.deferred", after=after, line=line, rule=_rule(each.rule, t))


def _prevention(action: PreventionView, t: Text) -> str:
    if action.is_owed:
        return t("explain.prevention.owed", name=person(action.owner))
    return prevention(action.text, action.owner, action.due, t)


def _ping(each: OpenPing, t: Text) -> str:
    what = cause(each.ping.cause, t)
    if each.ping.state == IS_EXHAUSTED:
        return t("explain.ping.exhausted", what=what, names=listed(each.asked))
    return t("explain.ping.open" if each.asked else "explain.ping.begins", what=what, names=listed(each.asked))


def _message(message: Delivery, explained: Explanation, t: Text, zone: tzinfo) -> str:
    line = next((each for each in explained.lines if each.id == message.recipient), None)
    said = t(
        "explain.message",
        what=what_of(message, t),
        recipient=line_name(line, t) if line else text.name(message.recipient),
        state=t(f"delivery.state.{message.state}"),
        moment=t.moment(message.created_at, zone),
    )
    return f"{said}: {reason_of(message, t)}" if message.reason else said


def what_comes(ahead: Ahead, explained: Explanation, t: Text, zone: tzinfo) -> Said:
    """One thing that will happen as long as nobody does anything."""
    match ahead:
        case StepAhead():
            return _step(ahead, explained, t, zone)
        case PingAhead():
            key = f"explain.ping.{ahead.move}{'_estimate' if ahead.is_estimate else ''}"
            what = cause(ahead.ping.cause, t)
            return Said(t(key, what=what, names=told(ahead.told, t)), t("explain.rule.pings"))
        case EndingAhead():
            name, key = person(explained.view.requester), f"explain.ending.{ahead.ending}"
            return Said(t(key, name=name), t("explain.rule.patience"))
        case PreventionAhead():
            name, words = person(ahead.action.owner), quoted(ahead.action.text, t)
            key = "explain.prevention.asked" if ahead.action.is_owed else "explain.prevention.reminder"
            return Said(t(key, name=name, text=words), t("explain.rule.prevention"))


def _step(step: StepAhead, explained: Explanation, t: Text, zone: tzinfo) -> Said:
    clock = t(f"clock.{step.clock}")
    said = [t("explain.step.over" if step.percent == WHOLE else "explain.step.used", clock=clock, percent=step.percent)]
    if step.told != Told():
        said.append(t("explain.step.told", names=told(step.told, t)))
    if step.raised_to:
        said.append(t("explain.step.raised", priority=t(f"priority.{step.raised_to}")))
    if step.offered_to:
        said.append(t("explain.step.offered", line=line_name(step.offered_to, t)))
    if step.deferred:
        after, line = line_name(step.deferred.after, t), line_name(step.deferred.line, t)
        said.append(t("explain.step.deferred", after=after, line=line))
    if step.new_promise_by:
        name, moment = person(explained.view.requester), t.moment(step.new_promise_by, zone)
        said.append(t("explain.step.promised", name=name, moment=moment))
    return Said(" ".join(said), _rule_of(step, t))


def _rule_of(step: StepAhead, t: Text) -> str:
    rules = [_rule(rule, t) for rule in (step.rule, step.resumed_rule) if rule and rule.number]
    if step.new_promise_by:
        rules.append(t("explain.rule.new_promise"))
    return "; ".join(rules) or t("explain.rule.shown")


def _rule(rule: Rule, t: Text) -> str:
    if rule.number is None:
        return t("explain.rule.every_desk")
    return t("explain.rule.older" if rule.is_older else "explain.rule.file", rule=rule.number)


def what_counts(each: CountAhead, t: Text) -> Said:
    """What happens once something has happened often enough."""
    said = t(f"explain.count.{each.count}", count=each.times, so_far=each.so_far, names=told(each.told, t))
    return Said(said, _rule(each.rule, t))


def told(whom: Told, t: Text) -> str:
    """Everybody who is told, by name."""
    names = [t("explain.away", name=person(each)) if each in whom.absent else person(each) for each in whom.people]
    names += [t("explain.in_thread", line=line_name(line, t)) for line in whom.lines]
    if whom.manager_of:
        names.append(t("explain.manager_of", name=person(whom.manager_of), names=listed(whom.otherwise)))
    return ", ".join(names) or NOTHING


def at_the_end(explained: Explanation, t: Text, zone: tzinfo) -> list[str]:
    """What is left to say where there is little or nothing ahead."""
    if main := merged_into(explained.view.ticket):
        return [t("explain.merged", number=main)]
    if explained.reopen_until:
        return [t("explain.reopen_until", moment=t.moment(explained.reopen_until, zone))]
    if explained.view.ticket.status not in OPEN:
        return [t("explain.not_reopened")]
    return [] if explained.ahead else [t("explain.nothing_ahead")]
