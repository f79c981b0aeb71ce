"""The form for a new ticket, and the inputs for a preventive action, wherever they stand."""

from collections.abc import Sequence

from microsoft_teams.cards.core import Action, CardElement

from app.cards.form import problems
from app.cards.inputs import Inputs, Options, named
from app.cards.parts import Card, card, execute, heading, run, runs
from app.domain.priority import Impact, Urgency
from app.domain.requests import LONG_TEXT, SHORT_TEXT, TITLE
from app.domain.ticket import (
    Kind,
)
from app.domain.verbs import MINE, NEW, SUBMIT
from app.domain.views import FieldView, FormState, Label
from app.i18n import Text


def ticket_form(
    t: Text,
    *,
    categories: Sequence[tuple[str, Label]],
    fields: Sequence[FieldView],
    state: FormState,
    nonce: str,
    more_fields: bool,
    draft: str = "",
) -> Card:
    """The form for a new ticket; with `more_fields` a button shows it again with the chosen category's own fields."""
    data = {"form": nonce, **({"draft": draft} if draft else {})}
    actions: list[Action] = [execute(t("action.submit"), SUBMIT, data, inputs=True)]
    if more_fields:
        actions.append(execute(t("action.category_fields"), NEW, data, inputs=True))
    actions.append(execute(t("action.cancel"), MINE, {}))
    title = t("form.submit.title")
    body = [heading(title, size="Large"), *ticket_inputs(t, categories=categories, fields=fields, state=state)]
    return card(body, actions, fallback=title)


def ticket_inputs(
    t: Text, *, categories: Sequence[tuple[str, Label]], fields: Sequence[FieldView], state: FormState
) -> list[CardElement]:
    """What a new ticket asks for, wherever the form stands."""
    urgencies = named(Urgency, lambda id: t(f"urgency.{id}.choice"))
    impacts = named(Impact, lambda id: t(f"impact.{id}.choice"))
    kinds = named(Kind, lambda id: t(f"kind.{id}.choice"))
    inputs = (
        Inputs(t, state)
        .text("title", t("form.submit.title_input"), TITLE, multiline=False)
        .text("description", t("form.submit.description"), LONG_TEXT, hint=t("form.submit.description_hint"))
        .choice("category", t("form.submit.category"), _categories(categories, t))
        .fields(fields)
        .choice("urgency", t("form.submit.urgency"), urgencies, value=Urgency.NORMAL)
        .choice("impact", t("form.submit.impact"), impacts, value=Impact.ME)
        .choice("kind", t("form.submit.kind"), kinds, value=Kind.INCIDENT, style="expanded")
    )
    intro = runs(run(t("form.submit.intro"), subtle=True), spacing="None")
    return [intro, *problems(state, t), *inputs.elements]


def ask_prevention(t: Text, inputs: Inputs, owners: Options, *, required: bool = True) -> None:
    """What is done, by whom, until when."""
    inputs.text("prevention", t("form.prevention.text"), SHORT_TEXT, required=required)
    inputs.choice("prevention_owner", t("form.prevention.owner"), owners, required=required)
    inputs.date("prevention_due", t("form.prevention.due"), required=required)


def _categories(categories: Sequence[tuple[str, Label]], t: Text) -> Options:
    return [(id, name.text(t.language)) for id, name in categories]
