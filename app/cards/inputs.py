"""Inputs of forms: each one labelled, checked on the client, with what was typed and what was wrong with it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from microsoft_teams.cards.core import CardElement, Choice, ChoiceSetInput, DateInput, TextInput

from app.cards import text
from app.cards.parts import heading, run, runs
from app.domain.views import FormState
from app.i18n import Text

Options = Sequence[tuple[str, str]]
_FILTER_FROM = 10


class Inputs:
    """Collects a form's inputs, each below the problem it had."""

    def __init__(self, t: Text, state: FormState) -> None:
        self._t = t
        self._state = state
        self.elements: list[CardElement] = []

    def text(
        self,
        id: str,
        label: str,
        length: int,
        *,
        value: str = "",
        required: bool = True,
        multiline: bool = True,
        hint: str | None = None,
    ) -> "Inputs":
        """A text of at most `length` characters; `value` stands there until something was typed."""
        element = TextInput(
            id=id,
            label=label,
            value=text.typed(self._typed(id, value))[:length] or None,
            is_multiline=multiline or None,
            placeholder=hint and text.inert(hint),
            spacing="Medium",
            is_required=required or None,
            error_message=self._t("form.required") if required else None,
        )
        element.max_length = length  # given to the constructor it would be written as 100.0
        return self._add(id, element)

    def choice(
        self,
        id: str,
        label: str,
        options: Options,
        *,
        value: str = "",
        required: bool = True,
        style: Literal["compact", "expanded"] = "compact",
    ) -> "Inputs":
        """One of the options (value, title); an unknown value preselects nothing."""
        chosen = self._typed(id, value)
        return self._add(
            id,
            ChoiceSetInput(
                id=id,
                label=label,
                choices=[Choice(title=text.inert(text.name(title)), value=option) for option, title in options],
                value=chosen if chosen in {option for option, _ in options} else None,
                style="filtered" if style == "compact" and len(options) > _FILTER_FROM else style,
                wrap=True,
                spacing="Medium",
                is_required=required or None,
                error_message=self._t("form.required_choice") if required else None,
            ),
        )

    def date(self, id: str, label: str, *, value: str = "", required: bool = False) -> "Inputs":
        """A day, `YYYY-MM-DD`."""
        return self._add(
            id,
            DateInput(
                id=id,
                label=label,
                value=self._typed(id, value)[:10] or None,
                spacing="Medium",
                is_required=required or None,
                error_message=self._t("form.required") if required else None,
            ),
        )

    def part(self, title: str, hint: str | None) -> "Inputs":
        """The heading of the inputs that follow."""
        self.elements.append(heading(title, size="Default", separator=True))
        if hint:
            self.elements.append(runs(run(hint, subtle=True), spacing="None"))
        return self

    def _typed(self, id: str, otherwise: str) -> str:
        return self._state.typed.get(id, otherwise)

    def _add(self, id: str, element: TextInput | ChoiceSetInput | DateInput) -> "Inputs":
        if problem := self._state.problems.get(id):
            self.elements.append(runs(run(f"⚠ {problem}", color="Attention", bold=True), spacing="Medium"))
            element.spacing = "Small"  # nearer to its own field than to the one above
        self.elements.append(element)
        return self


def named(ids: Iterable[str], title: Callable[[str], str]) -> Options:
    """Options whose titles are made from their ids."""
    return [(id, title(id)) for id in ids]
