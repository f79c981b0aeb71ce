"""The requester's living card: one message in their chat that always shows how the ticket stands."""

from datetime import tzinfo

from microsoft_teams.cards.core import Action, CardElement, TextRun

from app.cards import text
from app.cards.clocks import promises_to_requester
from app.cards.files import files
from app.cards.parts import (
    Card,
    card,
    chat_with,
    execute,
    fitted,
    label,
    long_text,
    on_ticket,
    panel,
    run,
    runs,
    verb_button,
)
from app.cards.story import fallback, head, short_title, solution, status_mark
from app.domain.merging import merged_into
from app.domain.ticket import OPEN, PendingReason, Status
from app.domain.verbs import RATE_AGAIN
from app.domain.views import Entry, TicketView
from app.domain.waiting import NO_ANSWER
from app.i18n import Text


def living_card(view: TicketView, t: Text, zone: tzinfo, *, may_rate_again: bool = False) -> Card:
    """What the requester sees of their ticket; `may_rate_again` while a rating can still be changed."""

    def build(room: int) -> Card:
        body = [
            *head(view.ticket, t, marks=(status_mark(view.ticket.status, t),)),
            panel([_track(view, t), *_who(view, t, zone)]),
            *_next(view, t, zone),
            *promises_to_requester(view, t, zone),
            *_resolution(view, room, t),
            *_last_comment(view, room, t, zone),
            *files(view, room, t),
        ]
        return card(body, _actions(view, t, may_rate_again=may_rate_again), fallback=fallback(view, t))

    return fitted(build)


def _track(view: TicketView, t: Text) -> CardElement:
    """The levels in a row; the present one is filled and named, one that was asked for help is dotted and says so."""
    stops: list[TextRun] = []
    for level in view.levels:
        if stops:
            stops.append(run("\u2002─\u2002", subtle=True))
        if level == view.line.level:
            stops.append(run(f"● {level} {text.name(view.line.label.text(t.language))}", bold=True, color="Accent"))
        elif view.offered_to and level == view.offered_to.level:
            stops.append(run(f"◌ {level} {t('track.asked')}", bold=True))
        else:
            stops.append(run(f"○ {level}", subtle=True))
    return runs(*stops)


def _who(view: TicketView, t: Text, zone: tzinfo) -> list[CardElement]:
    if view.ticket.status is Status.WITHDRAWN or merged_into(view.ticket):
        return []
    return [runs(run(_who_sentence(view, t, zone)), spacing="Small")]


def _who_sentence(view: TicketView, t: Text, zone: tzinfo) -> str:
    ticket, line = view.ticket, text.name(view.line.label.text(t.language))
    if not view.assignee:
        return t("requester.waiting_at", line=line, moment=t.moment(ticket.line_since, zone))
    name = text.name(view.assignee.name)
    if ticket.resolved_at and ticket.resolution == NO_ANSWER:
        return t("requester.ended_unanswered", moment=t.moment(ticket.resolved_at, zone))
    if ticket.resolved_at:
        return t("requester.solved_by", name=name, moment=t.moment(ticket.resolved_at, zone))
    return t("requester.with_person", name=name, moment=t.moment(ticket.assigned_at or ticket.line_since, zone))


def _next(view: TicketView, t: Text, zone: tzinfo) -> list[CardElement]:
    """What happens next, in plain words."""
    sentences = [_next_sentence(view, t)]
    if view.ticket.status is Status.PENDING and view.ticket.pending_until:
        sentences.append(t("requester.next.until", date=t.date(view.ticket.pending_until)))
    if view.ends_at:
        sentences.append(t("requester.next.ends", moment=t.moment(view.ends_at, zone)))
    return [runs(run(" ".join(sentences)), spacing="Medium")]


def _next_sentence(view: TicketView, t: Text) -> str:
    ticket, line = view.ticket, text.name(view.line.label.text(t.language))
    if main := merged_into(ticket):
        return t("requester.next.merged", number=main)
    if ticket.status is Status.PENDING:
        return t(f"requester.next.pending_{ticket.pending_reason or PendingReason.CHANGE}")
    if view.offered_to and ticket.status in OPEN:
        return t("requester.next.offer", to=text.name(view.offered_to.label.text(t.language)), line=line)
    if ticket.status is Status.IN_PROGRESS and view.assignee:
        return t("requester.next.in_progress_person", name=text.name(view.assignee.name))
    if ticket.rating:
        return t("requester.next.rated", rating=t(f"rating.{ticket.rating}"))
    return t(f"requester.next.{ticket.status}", line=line)


def _resolution(view: TicketView, room: int, t: Text) -> list[CardElement]:
    if not view.ticket.resolution or merged_into(view.ticket):
        return []
    words = solution(view.ticket.resolution, t)
    return [panel([label(f"✓ {t('requester.resolution')}"), *long_text(words, room, t)], style="good")]


def _last_comment(view: TicketView, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    public = [entry for entry in view.entries if not entry.internal]
    return _comment(public[-1], room, t, zone) if public else []


def _comment(entry: Entry, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    said = t("requester.comment", name=text.name(entry.author.name), moment=t.moment(entry.at, zone))
    return [runs(run(said, subtle=True, size="Small"), spacing="Medium"), *long_text(entry.text, room // 2, t)]


def _actions(view: TicketView, t: Text, *, may_rate_again: bool) -> list[Action]:
    ticket = view.ticket
    if ticket.rating is not None and may_rate_again:
        return [execute(t("action.rate_again"), RATE_AGAIN, on_ticket(ticket))]
    if ticket.status is Status.WITHDRAWN or ticket.rating is not None:
        return []
    actions: list[Action] = [verb_button(button, ticket, t) for button in view.buttons]
    if view.assignee and (chat := chat_with(view.assignee, f"{ticket.number} {short_title(ticket)}", t)):
        actions.append(chat)
    return actions
