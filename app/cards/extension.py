"""What a message extension shows: a ticket inserted into any chat, its preview in the list, and the form as a dialog.

Everybody in the chat sees an inserted card, whoever put it there: it tells what a ticket is about and how it stands,
and of a confidential one the number alone. What more there is to see, its button shows to whoever may.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from microsoft_teams.cards.core import CardElement, Column, ColumnSet, OpenUrlAction, SubmitAction, TextBlock

from app.cards import text
from app.cards.forms import ticket_body
from app.cards.parts import Card, card, execute, run, runs
from app.cards.story import STATUS_COLORS, TITLE_LENGTH
from app.domain.ticket import Status
from app.domain.verbs import VIEW
from app.domain.views import FormState, Row
from app.i18n import Text

AGAIN = "again"
"""Marks the button that shows the dialog again with the chosen category's own fields."""


def inserted_card(row: Row, t: Text, zone: tzinfo, *, at: datetime) -> Card:
    """The ticket as it stood `at` that moment: nobody edits an inserted card later."""
    opens = execute(t("action.open"), VIEW, {"ticket": row.id})
    return card(_inserted(row, t, zone, at), [opens], fallback=_told(row, t))


def unfolded_card(row: Row, t: Text, zone: tzinfo, *, at: datetime, link: str) -> Card:
    """The same in the place of a link: Teams takes no newer card there, and none that asks the bot."""
    opens = OpenUrlAction(title=text.inert(t("action.open")), url=link)
    return card(_inserted(row, t, zone, at), [opens], fallback=_told(row, t), version="1.3")


def _inserted(row: Row, t: Text, zone: tzinfo, at: datetime) -> list[CardElement]:
    if row.is_stub:
        return [
            _first_row(row, run(f"⊘ {t('list.confidential')}", bold=True)),
            runs(run(t("extension.confidential"), subtle=True), spacing="Small"),
        ]
    status = Status(row.status)
    return [
        _first_row(row, run(t(f"status.{status}"), bold=True, color=STATUS_COLORS.get(status))),
        runs(run(_title(row), bold=True, size="Large"), spacing="Small"),
        runs(run(_whereabouts(row, t)), spacing="Small"),
        runs(run(t("extension.as_of", moment=t.moment(at, zone)), subtle=True, size="Small"), spacing="Small"),
    ]


def _told(row: Row, t: Text) -> str:
    """The card in one line."""
    return row.number if row.is_stub else f"{row.number} · {_title(row)} · {t(f'status.{Status(row.status)}')}"


def preview(row: Row, t: Text) -> dict[str, str]:
    """A thumbnail card's content: one line of the list, which some clients also show in the chat."""
    if row.is_stub:
        return {"title": row.number, "text": text.inert(t("list.confidential"))}
    told = f"{t(f'status.{Status(row.status)}')} · {_whereabouts(row, t)}"
    return {"title": text.inert(f"{row.number} · {_title(row)}"), "text": text.inert(told)}


def ticket_dialog(
    t: Text, state: FormState, asked: Sequence[CardElement], data: Mapping[str, Any], *, more_fields: bool
) -> Card:
    """The ticket's form for a dialog, which has its own title, its own way out, and no `Action.Execute`."""
    submits = [SubmitAction(title=text.inert(t("action.submit")), data={"desk": dict(data)}, associated_inputs="auto")]
    if more_fields:
        again = {"desk": {**data, AGAIN: True}}
        title = text.inert(t("action.category_fields"))
        submits.append(SubmitAction(title=title, data=again, associated_inputs="auto"))
    return card(ticket_body(t, state, asked), submits, fallback=t("form.submit.title"))


def _first_row(row: Row, mark: Any) -> CardElement:
    number = TextBlock(text=row.number, style="heading", size="Default", weight="Default", wrap=True)
    right = runs(mark)
    right.horizontal_alignment = "Right"
    return ColumnSet(columns=[Column(width="stretch", items=[number]), Column(width="auto", items=[right])])


def _title(row: Row) -> str:
    return text.one_line(row.title, TITLE_LENGTH)


def _whereabouts(row: Row, t: Text) -> str:
    line = text.name(row.line.label.text(t.language))
    return f"{line} · {text.name(row.assignee) if row.assignee else t('list.assigned.nobody')}"
