"""The form for a new ticket, and the inputs for a preventive action, wherever they stand."""

from collections.abc import Mapping, Sequence
from typing import Any

from microsoft_teams.cards.core import Action, CardElement

from app.cards.form import problems
from app.cards.inputs import Inputs, Options
from app.cards.parts import Card, card, execute, heading, run, runs
from app.domain.requests import SHORT_TEXT
from app.domain.verbs import MINE, NEW, SUBMIT
from app.domain.views import FormState
from app.i18n import Text


def ticket_form(
    t: Text, state: FormState, asked: Sequence[CardElement], data: Mapping[str, Any], *, more_fields: bool
) -> Card:
    """The form for a new ticket; `data` is what its buttons carry. With `more_fields` one shows it again with the
    chosen category's own fields.
    """
    actions: list[Action] = [execute(t("action.submit"), SUBMIT, dict(data), inputs=True)]
    if more_fields:
        actions.append(execute(t("action.category_fields"), NEW, dict(data), inputs=True))
    actions.append(execute(t("action.cancel"), MINE, {}))
    title = t("form.submit.title")
    return card([heading(title, size="Large"), *ticket_body(t, state, asked)], actions, fallback=title)


def ticket_body(t: Text, state: FormState, asked: Sequence[CardElement]) -> list[CardElement]:
    """What a new ticket asks for, with what was wrong with it."""
    intro = runs(run(t("form.submit.intro"), subtle=True), spacing="None")
    return [intro, *problems(state, t), *asked]


def ask_prevention(t: Text, inputs: Inputs, owners: Options, *, required: bool = True) -> None:
    """What is done, by whom, until when."""
    inputs.text("prevention", t("form.prevention.text"), SHORT_TEXT, required=required)
    inputs.choice("prevention_owner", t("form.prevention.owner"), owners, required=required)
    inputs.date("prevention_due", t("form.prevention.due"), required=required)
