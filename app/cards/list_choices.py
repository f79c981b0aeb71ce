"""What a list can be narrowed by, the other lists, and the views somebody saved."""

from collections.abc import Sequence

from microsoft_teams.cards.core import Action, ActionSet, CardElement, Column, ColumnSet, Container

from app.cards import text
from app.cards.inputs import Inputs, Options
from app.cards.parts import Card, card, execute, fitted, heading, run, runs
from app.domain.lists import ALL, FILTERS, VIEW_NAME, Assigned, Filter, ListName, ListQuery, Wanted
from app.domain.priority import Priority
from app.domain.verbs import FORGET_VIEW, LIST, LIST_OPEN, SAVE_VIEW
from app.domain.views import EMPTY_FORM, FormState, ListView
from app.i18n import Text

_ROOM_PER_CHOICE = 25
_ROOM_PER_NAME = 40


def lists(shown: ListView, t: Text, room: int) -> list[CardElement]:
    """The other lists and the saved views, and the button that opens one."""
    options = [(name.value, t(f"list.title.{name}")) for name in shown.lists]
    options += [(f"view:{view.id}", f"★ {_short(view.name, room)}") for view in shown.views[: _most(room)]]
    if len(options) < 2:
        return []
    here = f"view:{shown.query.view}" if shown.view else shown.query.list.value
    chosen = Inputs(t, EMPTY_FORM).choice(
        "list", t("list.lists" if shown.is_personal else "list.lists_here"), options, value=here, required=False
    )
    opens: list[Action] = [execute(t("list.open"), LIST_OPEN, _where(shown.query), inputs=True)]
    columns = [
        Column(width="stretch", items=chosen.elements),
        Column(width="auto", items=[ActionSet(actions=opens)], vertical_content_alignment="Bottom"),
    ]
    return [ColumnSet(columns=columns, spacing="Small")]


def filters(shown: ListView, t: Text, state: FormState, room: int) -> list[CardElement]:
    """One choice for each filter the list has, and in a chat what saves it as a view."""
    by = {name: _choice(name, shown, t, state, room) for name in FILTERS[shown.query.list]}
    side_by_side = [each for each in by.values() if each]
    pairs = [side_by_side[at : at + 2] for at in range(0, len(side_by_side), 2)]
    data = shown.query.first().as_json()
    applies: list[Action] = [execute(t("list.apply"), LIST, {**data, "narrow": True}, inputs=True)]
    if shown.query.is_narrowed or shown.query.place != ALL:
        applies.append(execute(t("list.unfiltered"), LIST, ListQuery(shown.query.list).as_json()))
    panel: list[CardElement] = [*map(_beside, pairs), ActionSet(actions=applies, spacing="Medium")]
    return [*panel, *_saving(shown, t, state)] if shown.is_personal else panel


def _saving(shown: ListView, t: Text, state: FormState) -> list[CardElement]:
    data = shown.query.first().as_json()
    name = shown.view.name if shown.view else ""
    named = Inputs(t, state).text(
        "view_name", t("list.view_name"), VIEW_NAME, value=name, required=False, multiline=False
    )
    buttons: list[Action] = [execute(t("list.save"), SAVE_VIEW, {**data, "narrow": True}, inputs=True)]
    if shown.view:
        buttons.append(execute(t("list.forget"), FORGET_VIEW, {"view": shown.view.id}))
    return [*named.elements, ActionSet(actions=buttons, spacing="Small")]


def _choice(name: Filter, shown: ListView, t: Text, state: FormState, room: int) -> list[CardElement]:
    options = _options(name, shown, t)[: _most(room)]
    if len(options) < 3:  # all, and the only one there is
        return []
    short = [(value, _short(title, room)) for value, title in options]
    present = getattr(shown.query, name.value)
    return (
        Inputs(t, state).choice(name.value, t(f"list.by.{name}"), short, value=present or ALL, required=False).elements
    )


def _options(name: Filter, shown: ListView, t: Text) -> Options:
    every = (ALL, t("list.every"))
    match name:
        case Filter.PLACE:
            return [(ALL, t("list.everywhere")), *_places(shown, t)]
        case Filter.PRIORITY:
            return [every, *((each.value, t(f"priority.{each}")) for each in Priority)]
        case Filter.CATEGORY:
            return [every, *((each.id, each.label.text(t.language)) for each in shown.categories)]
        case Filter.STATUS:
            open_ones = (each for each in Wanted if each is not Wanted.OPEN)
            return [every, *((each.value, t(f"status.{each}")) for each in open_ones)]
        case Filter.ASSIGNED:
            return [every, *((each.value, t(f"list.assigned.{each}")) for each in Assigned)]


def _places(shown: ListView, t: Text) -> list[tuple[str, str]]:
    """The lines by level; a level that has several can be chosen as a whole."""
    places = []
    for level in sorted({line.level for line in shown.lines}):
        lines = [line for line in shown.lines if line.level == level]
        if len(lines) > 1:
            places.append((f"level:{level}", t("list.level", level=level)))
        places += [(f"line:{line.id}", f"{level} · {line.label.text(t.language)}") for line in lines]
    return places


def place_name(query: ListQuery, shown: ListView, t: Text) -> str:
    """Where the list looks; nothing where it looks everywhere its reader may."""
    if query.list is ListName.MINE:
        return ""
    if query.level is not None:
        return t("list.level", level=query.level)
    only = shown.lines[0].id if len(shown.lines) == 1 and query.list is not ListName.WORK else None
    line = next((line for line in shown.lines if line.id == (query.line or only)), None)
    return text.name(line.label.text(t.language)) if line else ""


def narrowed(query: ListQuery, shown: ListView, t: Text) -> str:
    """What the list is narrowed to, in words."""
    category = next((each for each in shown.categories if each.id == query.category), None)
    words = (
        t(f"priority.{query.priority}") if query.priority else "",
        text.name(category.label.text(t.language)) if category else "",
        t(f"list.status.{query.status}") if query.status is Wanted.OPEN else "",
        t(f"status.{query.status}") if query.status and query.status is not Wanted.OPEN else "",
        t(f"list.assigned.{query.assigned}") if query.assigned else "",
    )
    return " · ".join(filter(None, words))


def described(query: ListQuery, shown: ListView, t: Text) -> str:
    """A saved view in words."""
    words = (t(f"list.title.{query.list}"), place_name(query, shown, t), narrowed(query, shown, t))
    return " · ".join(filter(None, words))


def saved_views(shown: ListView, t: Text) -> Card:
    """Somebody's views, each with what it shows; the whole row opens it."""
    title = t("list.views.title")

    def build(room: int) -> Card:
        body: list[CardElement] = [heading(title, size="Large")]
        body.append(runs(run(t("list.views.hint" if shown.views else "list.views.empty"), subtle=True), spacing="None"))
        for view in shown.views:
            words = text.cut(described(view.query, shown, t), room // 10)
            name = text.cut(text.name(view.name), VIEW_NAME)
            opens = execute(t("list.open_view", name=name), LIST, view.query.as_json())
            gone: list[Action] = [execute(t("list.forget_short"), FORGET_VIEW, {"view": view.id})]
            said = [runs(run(f"★ {name}", bold=True)), runs(run(words, subtle=True, size="Small"), spacing="None")]
            columns = [
                Column(width="stretch", items=list(said), select_action=opens),
                Column(width="auto", items=[ActionSet(actions=gone)], vertical_content_alignment="Center"),
            ]
            body.append(Container(items=[ColumnSet(columns=columns)], separator=True, spacing="Medium"))
        standard: list[Action] = [
            execute(t(f"list.title.{each}"), LIST, ListQuery(each).as_json()) for each in shown.lists[:2]
        ]
        return card(body, standard, fallback=title)

    return fitted(build)


def _short(name: str, room: int) -> str:
    return text.cut(text.name(name), max(8, room // _ROOM_PER_NAME))


def _most(room: int) -> int:
    return max(5, room // _ROOM_PER_CHOICE)


def _where(query: ListQuery) -> dict[str, object]:
    """What stays when another list is opened: the place."""
    return ListQuery(line=query.line, level=query.level).as_json()


def _beside(pair: Sequence[list[CardElement]]) -> CardElement:
    return ColumnSet(columns=[Column(width="stretch", items=each) for each in pair], spacing="Small")
