"""Lists of tickets: one's own, and a line's queue."""

from datetime import tzinfo

from microsoft_teams.cards.core import Action, CardElement, Column, ColumnSet, Container, TextBlock

from app.cards import text
from app.cards.parts import Card, card, execute, fitted, heading, run, runs
from app.cards.story import PRIORITY_COLORS, STATUS_COLORS
from app.domain.priority import Priority
from app.domain.ticket import Status
from app.domain.verbs import MINE, NEW, QUEUE, VIEW
from app.domain.views import LineView, Page, Row
from app.i18n import Text

_ROOM_PER_TITLE = 20


def my_tickets(page: Page, t: Text, zone: tzinfo) -> Card:
    """The requester's own tickets, newest first."""
    title = t("list.mine.title")

    def build(room: int) -> Card:
        rows = [_row(row, _with_whom(row, t), room, t, zone) for row in page.rows]
        actions: list[Action] = [execute(t("action.new"), NEW, {})]
        if page.after:
            actions.append(execute(t("action.next"), MINE, {"after": page.after}))
        return card([heading(title, size="Large"), *(rows or _empty("list.mine.empty", t))], actions, fallback=title)

    return fitted(build)


def queue(page: Page, line: LineView, t: Text, zone: tzinfo) -> Card:
    """The open tickets of a line, in the order in which they want to be worked."""
    title = t("list.queue.title", line=text.name(line.label.text(t.language)))

    def build(room: int) -> Card:
        rows = [_row(row, _of_whom(row, t), room, t, zone, urgent=True) for row in page.rows]
        more = [execute(t("action.next"), QUEUE, {"line": line.id, "after": page.after})] if page.after else []
        return card([heading(title, size="Large"), *(rows or _empty("list.queue.empty", t))], more, fallback=title)

    return fitted(build)


def _empty(key: str, t: Text) -> list[CardElement]:
    return [runs(run(t(key), subtle=True))]


def _row(row: Row, who: str, room: int, t: Text, zone: tzinfo, *, urgent: bool = False) -> CardElement:
    """One ticket; the whole row opens it."""
    status = Status(row.status)
    mark = run(t(f"status.{status}"), bold=True, color=STATUS_COLORS.get(status), size="Small")
    first = [mark, run(f"  {row.number}", subtle=True, size="Small")]
    if urgent:
        priority = Priority(row.priority)
        first.append(
            run(f"  {t(f'priority.{priority}')}", bold=True, color=PRIORITY_COLORS.get(priority), size="Small")
        )
    title = " ".join(text.plain(row.title).split())
    if urgent and row.confidential:
        title = f"⊘ {t('list.confidential')}"
    age = t("list.age", moment=t.moment(row.updated_at, zone))
    words: list[CardElement] = [
        runs(*first),
        runs(run(text.cut(title, room // _ROOM_PER_TITLE), bold=True), spacing="None"),
        runs(run(f"{who} · {age}", subtle=True, size="Small"), spacing="None"),
    ]
    arrow = TextBlock(text="›", size="ExtraLarge", is_subtle=True)
    columns = [
        Column(width="stretch", items=words),
        Column(width="auto", items=[arrow], vertical_content_alignment="Center"),
    ]
    opens = execute(t("action.open_number", number=row.number), VIEW, {"ticket": row.id})
    return Container(items=[ColumnSet(columns=columns)], select_action=opens, separator=True, spacing="Medium")


def _with_whom(row: Row, t: Text) -> str:
    line = text.name(row.line.label.text(t.language))
    return f"{line} · {text.name(row.assignee)}" if row.assignee else line


def _of_whom(row: Row, t: Text) -> str:
    assignee = text.name(row.assignee) if row.assignee else t("list.nobody")
    if row.confidential:
        return assignee
    return f"{text.name(row.requester)} → {assignee}"
