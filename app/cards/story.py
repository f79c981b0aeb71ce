"""The parts that several cards of one ticket share: its head, its facts, what was said."""

from datetime import date, tzinfo

from microsoft_teams.cards.core import CardElement, Column, ColumnSet, RichTextBlock, TextBlock, TextRun

from app.cards import text
from app.cards.parts import Color, fact, label, link, long_text, run, runs
from app.domain.merging import main_ticket
from app.domain.priority import Priority
from app.domain.ticket import MESSAGE_AUTHOR, MESSAGE_LINK, FieldValue, OfferCause, Status, Ticket
from app.domain.views import Entry, TicketView
from app.domain.waiting import NO_ANSWER
from app.i18n import Text

TITLE_LENGTH = 100
FIELD_LENGTH = 400

STATUS_COLORS: dict[Status, Color] = {
    Status.NEW: "Accent",
    Status.IN_PROGRESS: "Accent",
    Status.PENDING: "Warning",
    Status.RESOLVED: "Good",
}
PRIORITY_COLORS: dict[Priority, Color] = {Priority.P1: "Attention", Priority.P2: "Warning"}


def head(ticket: Ticket, t: Text, *, marks: tuple[TextRun, ...], title: bool = True) -> list[CardElement]:
    """Number and kind, the marks (status, priority) at the right, and the title."""
    number = TextBlock(
        text=f"{ticket.number} · {t(f'kind.{ticket.kind}')}",
        style="heading",
        size="Default",
        weight="Default",
        wrap=True,
    )
    columns = [Column(width="stretch", items=[number]), Column(width="auto", items=[_side_by_side(marks)])]
    row: CardElement = ColumnSet(columns=columns, spacing="Medium")
    if not title:
        return [row]
    return [row, runs(run(short_title(ticket), bold=True, size="Large"), spacing="Small")]


def short_title(ticket: Ticket) -> str:
    """The title on one line."""
    return text.one_line(ticket.title, TITLE_LENGTH)


def status_mark(status: Status, t: Text) -> TextRun:
    """Symbol and word; the colour only repeats them."""
    return run(t(f"status.{status}"), bold=True, color=STATUS_COLORS.get(status))


def priority_mark(priority: Priority, t: Text) -> TextRun:
    """Symbol, number and word; the colour only repeats them."""
    return run(t(f"priority.{priority}"), bold=True, color=PRIORITY_COLORS.get(priority))


def _side_by_side(marks: tuple[TextRun, ...]) -> RichTextBlock:
    row = runs(marks[0], *(piece for mark in marks[1:] for piece in (run("\u2003"), mark)))
    row.horizontal_alignment = "Right"
    return row


def own_fields(view: TicketView, room: int, t: Text) -> list[CardElement]:
    """The category's own fields with the labels they had when they were filled in.

    Who wrote a quoted message stands there as what the requester states: their client says it, nobody has checked it.
    """
    facts: list[CardElement] = []
    for field in view.ticket.fields:
        title = _title(field, t)
        if field.id == MESSAGE_LINK:
            facts.append(fact(text.name(title), link(t("extension.open_message"), field.value)))
            continue
        if field.id == MESSAGE_AUTHOR:
            names = {"author": text.name(field.value), "requester": text.name(view.requester.name)}
            facts.append(fact(text.name(title), run(t("extension.author_stated", **names))))
            continue
        value = text.cut_lines(text.plain(field.value), min(room, FIELD_LENGTH))
        facts.append(fact(text.name(title), run(_readable(value, t))))
    return facts


def _title(field: FieldValue, t: Text) -> str:
    if field.label:
        return field.label.get(t.language) or next(iter(field.label.values()))
    key = f"field.{field.id}"
    return t(key) if t.has(key) else field.id


def _readable(value: str, t: Text) -> str:
    """A stored day or yes/no in the reader's words; everything else as it was filled in."""
    if value in ("yes", "no"):
        return t(f"yes_no.{value}")
    try:
        return t.date(date.fromisoformat(value)) if len(value) == len("2026-11-23") else value
    except ValueError:
        return value


def entries(view: TicketView, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    """What was said last, oldest first; work notes are marked as internal."""
    shown: list[CardElement] = []
    for entry in view.entries:
        shown.append(_said(entry, t, zone))
        shown.extend(long_text(entry.text, room // 2, t, spacing="None"))
    return [label(t("line.entries")), *shown] if shown else []


def _said(entry: Entry, t: Text, zone: tzinfo) -> CardElement:
    who = run(text.name(entry.author.name), bold=True)
    when = run(f"  {t.moment(entry.at, zone)}", subtle=True, size="Small")
    if not entry.internal:
        return runs(who, when, spacing="Small")
    return runs(who, when, run(f"  ⊘ {t('card.internal')}", color="Warning", size="Small", bold=True), spacing="Small")


def because(cause: OfferCause, t: Text, zone: tzinfo) -> str:
    """What made the desk itself offer a ticket."""
    clock, moment = t(f"clock.{cause.clock}"), t.moment(cause.due, zone)
    return t("offer.because", clock=clock, percent=cause.percent, moment=moment)


def solution(words: str, t: Text) -> str:
    """What solved it; where nobody wrote that, how it ended in the reader's words."""
    if number := main_ticket(words):
        return t("resolution.together", number=number)
    return t("resolution.no_answer") if words == NO_ANSWER else words


def fallback(view: TicketView, t: Text) -> str:
    """One sentence for clients without cards."""
    return f"{view.ticket.number} · {short_title(view.ticket)} · {t(f'status.{view.ticket.status}')}"


def summary(view: TicketView, t: Text) -> str:
    """What the notification of a ticket's card says."""
    return t("summary.ticket", number=view.ticket.number, status=t(f"status.{view.ticket.status.value}"))
