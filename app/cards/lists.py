"""Lists of tickets: one's own, a line's queue, one's work and the others, with the way to the pages next to them."""

from datetime import tzinfo

from microsoft_teams.cards.core import (
    Action,
    CardElement,
    Column,
    ColumnSet,
    Container,
    TargetElement,
    TextBlock,
    TextRun,
    ToggleVisibilityAction,
)

from app.cards import list_choices, text
from app.cards.clocks import PROMISE_COLORS
from app.cards.parts import Card, card, execute, fitted, heading, run, runs
from app.cards.story import PRIORITY_COLORS, STATUS_COLORS
from app.domain.lists import ListName, ListQuery, Wanted
from app.domain.priority import Priority
from app.domain.ticket import Status
from app.domain.verbs import LIST, MINE, NEW, VIEW
from app.domain.views import EMPTY_FORM, FormState, ListView, Row
from app.i18n import Text

_ROOM_PER_TITLE, _ROOM_PER_NAME = 20, 40
_FILTERS = "filters"


def title(shown: ListView, t: Text) -> str:
    """What the list is called: a saved view by its name, any other by what it is and where."""
    if shown.view:
        return f"★ {text.name(shown.view.name)}"
    name = t(f"list.title.{shown.query.list}")
    place = list_choices.place_name(shown.query, shown, t)
    return f"{name}: {place}" if place else name


def my_tickets(shown: ListView, t: Text, zone: tzinfo) -> Card:
    """The requester's own tickets, newest first: all of them, or those that are open."""
    query = shown.query

    def build(room: int) -> Card:
        body = [*_head(shown, t), *_rows(shown, room, t, zone)]
        only_open = query.status is Wanted.OPEN
        other = ListQuery(ListName.MINE, status=None if only_open else Wanted.OPEN)
        narrows = [execute(t("list.all" if only_open else "list.only_open"), MINE, other.as_json())]
        actions: list[Action] = [
            execute(t("action.new"), NEW, {}),
            *(narrows if shown.rows or only_open else []),
            *_pages(shown, MINE, t),
        ]
        return card(body, actions, fallback=title(shown, t))

    return fitted(build)


def list_card(shown: ListView, t: Text, zone: tzinfo, state: FormState = EMPTY_FORM) -> Card:
    """A list for agents; in a chat with everything that narrows it, hidden until it is wanted.

    `state` is what was typed into that part and what was wrong with it.
    """

    def build(room: int) -> Card:
        panel = list_choices.filters(shown, t, state, room)
        hidden = Container(
            items=panel, id=_FILTERS, is_visible=bool(state.problems), style="emphasis", spacing="Medium"
        )
        body = [*_head(shown, t), *list_choices.lists(shown, t, room), *_rows(shown, room, t, zone), hidden]
        toggle = ToggleVisibilityAction(title=t("list.filter"), target_elements=[TargetElement(element_id=_FILTERS)])
        return card(body, [*_pages(shown, LIST, t), toggle], fallback=title(shown, t))

    return fitted(build)


def _head(shown: ListView, t: Text) -> list[CardElement]:
    said = [t(f"list.rule.{shown.query.list}")]
    if shown.query.page > 1:
        said.append(t("list.page", number=shown.query.page))
    head: list[CardElement] = [heading(title(shown, t), size="Large")]
    if shown.view:
        head.append(runs(run(list_choices.described(shown.query, shown, t)), spacing="None"))
    elif words := list_choices.narrowed(shown.query, shown, t):
        head.append(runs(run(f"{t('list.filter')}: ", subtle=True), run(words, bold=True), spacing="None"))
    return [*head, runs(run(" ".join(said), subtle=True, size="Small"), spacing="None")]


def _pages(shown: ListView, verb: str, t: Text) -> list[Action]:
    others = ((shown.following, "list.next"), (shown.previous, "list.previous"), (shown.first, "list.first"))
    return [execute(t(key), verb, query.as_json()) for query, key in others if query]


def _rows(shown: ListView, room: int, t: Text, zone: tzinfo) -> list[CardElement]:
    if not shown.rows:
        return [runs(run(_nothing(shown, t), subtle=True), spacing="Medium")]
    return [_row(row, shown, room, t, zone) for row in shown.rows]


def _nothing(shown: ListView, t: Text) -> str:
    if shown.following:
        return t("list.empty.so_far")
    if shown.query.page > 1:
        return t("list.empty.page")
    return t("list.empty.narrowed" if shown.query.is_narrowed else f"list.empty.{shown.query.list}")


def _row(row: Row, shown: ListView, room: int, t: Text, zone: tzinfo) -> CardElement:
    """One ticket; the whole row opens it."""
    whose = _with_whom if shown.query.list is ListName.MINE else _of_whom
    length = room // _ROOM_PER_TITLE
    subject = text.cut(f"⊘ {t('list.confidential')}", length) if row.is_stub else text.one_line(row.title, length)
    words: list[CardElement] = [
        runs(*_marks(row, shown, room, t)),
        runs(run(subject, bold=True), spacing="None"),
        runs(
            run(f"{whose(row, shown, room, t)} · {_when(row, shown, t, zone)}", subtle=True, size="Small"),
            spacing="None",
        ),
    ]
    if row.promise:
        words.append(_promise(row, t, zone))
    if not row.may_open:
        return Container(items=words, separator=True, spacing="Medium")
    columns = [
        Column(width="stretch", items=words),
        Column(
            width="auto",
            items=[TextBlock(text="›", size="ExtraLarge", is_subtle=True)],
            vertical_content_alignment="Center",
        ),
    ]
    opens = execute(t("action.open_number", number=row.number), VIEW, {"ticket": row.id})
    return Container(items=[ColumnSet(columns=columns)], select_action=opens, separator=True, spacing="Medium")


def _marks(row: Row, shown: ListView, room: int, t: Text) -> list[TextRun]:
    """Priority and status by symbol and word, the number, and who offers it."""
    status, priority = Status(row.status), Priority(row.priority)
    said = run(t(f"status.{status}"), bold=True, color=STATUS_COLORS.get(status), size="Small")
    marks = [said, run(f"  {row.number}", subtle=True, size="Small")]
    if shown.query.list is not ListName.MINE:
        urgent = run(t(f"priority.{priority}"), bold=True, color=PRIORITY_COLORS.get(priority), size="Small")
        marks = [urgent, run("  ", size="Small"), *marks]
    if row.is_offer:
        by = t("list.offered_by", line=_short(row.line.label.text(t.language), room))
        marks.append(run(f"  ⇢ {by}", bold=True, color="Accent", size="Small"))
    return marks


def _promise(row: Row, t: Text, zone: tzinfo) -> CardElement:
    promise = row.promise
    assert promise is not None  # noqa: S101 - the caller looked
    moment = t.moment(promise.due_at, zone) if promise.due_at else ""
    state = t(f"list.promise.{promise.state}", clock=t(f"clock.{promise.clock}"), moment=moment)
    return runs(run(state, size="Small", color=PROMISE_COLORS.get(promise.state)), spacing="None")


def _when(row: Row, shown: ListView, t: Text, zone: tzinfo) -> str:
    if shown.query.list is ListName.RESOLVED and row.resolved_at:
        return t("list.resolved_at", moment=t.moment(row.resolved_at, zone))
    return t("list.raised_at", moment=t.moment(row.raised_at, zone))


def _with_whom(row: Row, shown: ListView, room: int, t: Text) -> str:
    line = _short(row.line.label.text(t.language), room)
    return f"{line} · {_short(row.assignee, room)}" if row.assignee else line


def _of_whom(row: Row, shown: ListView, room: int, t: Text) -> str:
    assignee = _short(row.assignee, room) if row.assignee else t("list.nobody")
    people = assignee if row.is_stub else f"{_short(row.requester, room)} → {assignee}"
    is_of_one_line = shown.query.line is not None or len(shown.lines) == 1
    return people if is_of_one_line else f"{_short(row.line.label.text(t.language), room)} · {people}"


def _short(name: str, room: int) -> str:
    return text.cut(text.name(name), max(4, room // _ROOM_PER_NAME))
