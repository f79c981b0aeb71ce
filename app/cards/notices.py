"""Messages to a person or a ticket's thread: sent when somebody should look, in one or two sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from microsoft_teams.cards.core import Action, CardElement, Mention, MentionedEntity, TeamsCardProperties, TextBlock

from app.cards import text
from app.cards.clocks import estimate
from app.cards.parts import Card, card, execute, fitted, form_verb, long_text, on_ticket, run, runs, verb_button
from app.cards.story import short_title, solution
from app.domain.clocks import WHOLE, Clock
from app.domain.desk_events import ClockFired, EndingReached, OfClock
from app.domain.events import NO_CHANGES, NO_DATA, AboutOther, Changes, EventData, UntilDay
from app.domain.people import Person
from app.domain.verbs import VIEW, Verb
from app.domain.views import LineView, TicketView
from app.i18n import Text

CONFIDENTIAL_WORDS = "list.confidential"


@dataclass(frozen=True, slots=True)
class EventView:
    """What happened, as a message tells it. `data`, `changes` and `files` are the event's.

    Of a hand-over, `line` is the other line and `own_line` the one responsible: the ticket may be elsewhere by now.
    `mention` is the person a line in the channel speaks to. `number` is that of the ticket it happened to, where the
    message is about another one.
    """

    actor: Person
    at: datetime
    data: EventData = NO_DATA
    line: LineView | None = None
    own_line: LineView | None = None
    mention: Person | None = None
    changes: Changes = NO_CHANGES
    files: tuple[str, ...] = ()
    number: str | None = None

    @property
    def other_line_id(self) -> str | None:
        """The line a hand-over is about, as it was when it happened."""
        return self.data.other_line or self.changes.new_line

    @property
    def other_number(self) -> str:
        """The number of the other ticket the message names."""
        if self.number:
            return self.number
        return self.data.number if isinstance(self.data, AboutOther) else ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: either plain text or a card; `summary` is what the notification shows."""

    summary: str
    text: str | None = None
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one kind of message is told: the sentence, which of the event's texts follows it, which buttons.

    `names_title`: the sentence says which ticket it is, and no line below it repeats that. `estimates`: another one
    says by when it is probably solved now.
    """

    key: str
    words: bool = False
    buttons: tuple[Verb, ...] = ()
    opens: bool = False
    in_thread: bool = False
    mentions: bool = False
    until: bool = False
    ends: bool = False
    names_title: bool = False
    estimates: bool = False


_PLANS: Mapping[str, _Plan] = {
    # to the requester
    "taken": _Plan("notice.taken"),
    "assigned": _Plan("notice.assigned"),
    "replied": _Plan("notice.replied", words=True, buttons=(Verb.COMMENT,)),
    "offered": _Plan("notice.offered", estimates=True),
    "accepted": _Plan("notice.accepted", estimates=True),
    "returned": _Plan("notice.returned", estimates=True),
    "asked": _Plan("notice.asked", words=True, buttons=(Verb.COMMENT,)),
    "waiting": _Plan("notice.waiting", until=True),
    "resolved": _Plan("notice.resolved", words=True, buttons=(Verb.CONFIRM, Verb.REOPEN)),
    "reopened": _Plan("notice.reopened"),
    "promise_missed": _Plan("notice.promise_missed", buttons=(Verb.NUDGE, Verb.COMMENT), names_title=True),
    "remind_answer": _Plan("notice.remind_answer", buttons=(Verb.COMMENT,), ends=True, names_title=True),
    "warn_answer": _Plan("notice.warn_answer", buttons=(Verb.COMMENT,), ends=True, names_title=True),
    "warn_closing": _Plan("notice.warn_closing", buttons=(Verb.CONFIRM, Verb.REOPEN), ends=True, names_title=True),
    "closed": _Plan("notice.closed", buttons=(Verb.RATE,), names_title=True),
    "merged": _Plan("notice.merged"),
    "unmerged": _Plan("notice.unmerged"),
    # to a person of the desk
    "resumed_to_you": _Plan("notice.resumed_to_you", opens=True),
    "taken_from_you": _Plan("notice.taken_from_you", opens=True),
    "assigned_to_you": _Plan("notice.assigned_to_you", opens=True),
    "lead_offered": _Plan("notice.lead_offered", opens=True),
    "reopened_to_you": _Plan("notice.reopened_to_you", words=True, opens=True),
    "needs_somebody": _Plan("notice.needs_somebody", words=True, opens=True),
    # in the ticket's thread
    "thread_commented": _Plan(
        "notice.thread.commented", words=True, buttons=(Verb.REPLY,), in_thread=True, mentions=True
    ),
    "thread_duplicate_commented": _Plan("notice.thread.duplicate_commented", words=True, in_thread=True, mentions=True),
    "thread_replied": _Plan("notice.thread.replied", words=True, in_thread=True),
    "thread_noted": _Plan("notice.thread.noted", words=True, in_thread=True),
    "thread_offered": _Plan("notice.thread.offered", in_thread=True),
    "thread_accepted": _Plan("notice.thread.accepted", in_thread=True),
    "thread_returned": _Plan("notice.thread.returned", words=True, in_thread=True),
    "thread_reopened": _Plan("notice.thread.reopened", words=True, in_thread=True),
    "thread_withdrawn": _Plan("notice.thread.withdrawn", in_thread=True),
    "thread_edited": _Plan("notice.thread.edited", in_thread=True),
    "thread_clock": _Plan("notice.thread.clock", in_thread=True, mentions=True),
    "thread_nudged": _Plan("notice.thread.nudged", in_thread=True, mentions=True),
    "thread_notified": _Plan("notice.thread.notified", words=True, in_thread=True),
    "thread_raised": _Plan("notice.thread.raised", in_thread=True),
}

KINDS = tuple(_PLANS)


def notice(what: str, view: TicketView, event: EventView, t: Text, zone: tzinfo, *, in_chat: bool = False) -> Message:
    """The message of one kind (`KINDS`); raise `KeyError` for another.

    `in_chat`: what belongs into a thread is told to one person, who needs to know which ticket it is about.
    """
    plan = _PLANS[what]
    if in_chat and plan.in_thread:
        plan = replace(plan, in_thread=False, mentions=False, opens=True)
    said = _sentence(plan, view, event, t, zone)
    words = solution(event.data.words.strip(), t) if plan.words else ""
    if plan.in_thread and view.ticket.confidential:
        words = ""
    if not (words or plan.buttons or plan.opens or plan.mentions):
        return Message(said, text=said)

    def build(room: int) -> Card:
        return _card(plan, said, words, view, event, room, t)

    return Message(_summary(said, words), card=fitted(build))


def taken_back(name: str, t: Text) -> Message:
    """What stands in place of words that their author deleted."""
    said = t("notice.taken_back", name=text.name(name))
    return Message(said, card=card([runs(run(said, subtle=True))], fallback=said))


def not_yours(t: Text) -> Message:
    """What stands in the place of a message whose reader has no right to it any more."""
    said = t("notice.not_yours")
    return Message(said, card=card([runs(run(said, subtle=True))], fallback=said))


def _sentence(plan: _Plan, view: TicketView, event: EventView, t: Text, zone: tzinfo) -> str:
    ticket = view.ticket
    hidden = plan.in_thread and ticket.confidential
    line, own_line = _lines(view, event, t)
    values: dict[str, object] = {
        "number": ticket.number,
        "title": t(CONFIDENTIAL_WORDS) if hidden else short_title(ticket),
        "name": text.name(_who(plan, view, event).name),
        "line": line,
        "own_line": own_line,
        "priority": ticket.priority,
        "reason": t(event.data.reason_key) if event.data.reason_key else "",
        "other": event.other_number,
    }
    match event.data:
        case OfClock() as of_clock:
            return _about_clock(plan, view, of_clock, values, t, zone)
        case EndingReached(ends) if plan.ends and ends:
            values["ends"] = t.moment(ends, zone)
        case UntilDay(until=until) if plan.until and until:
            return t(f"{plan.key}_until", **values, date=t.date(until))
        case _:
            pass
    said = t(plan.key, **values)
    return f"{said} {estimate(view, t, zone)}".strip() if plan.estimates else said


def _about_clock(
    plan: _Plan, view: TicketView, data: OfClock, values: Mapping[str, object], t: Text, zone: tzinfo
) -> str:
    """What a clock does: how much of its time is used up, or by when there will be news after a missed promise."""
    promised = view.promise(Clock.NEXT_UPDATE)
    percent = data.percent if isinstance(data, ClockFired) else WHOLE
    told = {
        **values,
        "clock": t(f"clock.{data.clock}"),
        "percent": percent,
        "due": t.moment(data.due, zone),
        "by": t.moment(promised.due_at, zone) if promised and promised.due_at else "?",
    }
    if plan.key == "notice.promise_missed":
        is_resolution = data.clock is Clock.RESOLUTION
        return t(f"{plan.key}_resolution" if is_resolution else plan.key, **told)
    return t(f"{plan.key}_overdue" if percent >= WHOLE else plan.key, **told)


def _lines(view: TicketView, event: EventView, t: Text) -> tuple[str, str]:
    return _line(event.line, event.other_line_id, view, t), _line(event.own_line, event.data.own_line, view, t)


def _line(named: LineView | None, id: str | None, view: TicketView, t: Text) -> str:
    """The line's name; a neutral word for one that nobody named and the ticket has to do with no longer."""
    known = (view.line, view.offered_to, view.returned and view.returned.line)
    for line in (named,) if named else known:
        if line and id in {line.id, None}:
            return text.name(line.label.text(t.language))
    return t("notice.other_team")


def _who(plan: _Plan, view: TicketView, event: EventView) -> Person:
    """Whom the sentence is about: with an assignment the one who has it now, else the one who acted."""
    if plan.key == "notice.assigned" and view.assignee:
        return view.assignee
    return event.actor


_SUMMARY_LENGTH = 200


def _summary(said: str, words: str) -> str:
    return text.cut(f"{said} {text.one_line(words, _SUMMARY_LENGTH)}".strip(), _SUMMARY_LENGTH)


def _card(plan: _Plan, said: str, words: str, view: TicketView, event: EventView, room: int, t: Text) -> Card:
    ticket = view.ticket
    body: list[CardElement] = []
    mentions = None
    spoken_to = event.mention or view.assignee
    files = _files(event)
    if plan.mentions and spoken_to and spoken_to.name:
        block, mentions = _mention(spoken_to)
        body.append(block)
    body.append(runs(run(said, bold=True), spacing="None"))
    if words:
        body += long_text(words, room, t)
    if files and not (plan.in_thread and ticket.confidential):
        body.append(runs(run(t("notice.files", names=files), subtle=True), spacing="Small"))
    if not (plan.in_thread or plan.names_title):
        body.append(runs(run(f"{ticket.number} · {short_title(ticket)}", subtle=True, size="Small"), spacing="Small"))
    return card(body, _buttons(plan, view, t), fallback=_summary(said, words), mentions=mentions)


def _files(event: EventView) -> str:
    """The names of the files that came with the words, unless they are all that was said."""
    names = ", ".join(event.files)
    return text.cut(text.plain(names), 400) if names != event.data.words else ""


def _buttons(plan: _Plan, view: TicketView, t: Text) -> list[Action]:
    if plan.opens:
        return [execute(t("action.open"), VIEW, on_ticket(view.ticket))]
    answers_words = plan.in_thread or plan.key == "notice.replied"
    if answers_words:
        return [execute(t("action.reply"), form_verb(verb), on_ticket(view.ticket)) for verb in plan.buttons]
    possible = {button.code: button for button in view.buttons}
    return [verb_button(possible[verb], view.ticket, t) for verb in plan.buttons if verb in possible]


def _mention(person: Person) -> tuple[TextBlock, TeamsCardProperties]:
    """The only mentions there are: built here, from the roster's id, or the directory's of whoever is in no roster."""
    name = text.inert(text.name(person.name))
    words = f"<at>{name}</at>"
    entity = Mention(text=words, mentioned=MentionedEntity(id=person.teams_id or person.id, name=name))
    return TextBlock(text=words, wrap=True), TeamsCardProperties(entities=[entity])
