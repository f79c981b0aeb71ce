"""The form for a new ticket, to whoever typed the word for it."""

from dataclasses import dataclass

from app.actions.new_ticket import choosable_categories, draw_ticket_inputs, ticket_fields
from app.cards import forms
from app.domain.views import EMPTY_FORM, Label
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register
from app.screens.forms import has_fields


@dataclass(frozen=True, slots=True)
class FormChoices:
    """What the form lets choose from; `has_fields`: some category asks for more."""

    categories: tuple[tuple[str, Label], ...]
    has_fields: bool


@register
@dataclass(frozen=True, slots=True)
class TicketForm(Message[FormChoices]):
    """`nonce` makes the form this form: sent twice, it has one effect."""

    nonce: str
    code = "form"

    def look_up(self, at: Frame) -> FormChoices:
        return FormChoices(tuple(choosable_categories(at.desk)), has_fields(at.desk))

    def show(self, view: FormChoices, reader: Reader) -> Shown:
        t = reader.text
        asked = draw_ticket_inputs(ticket_fields(view.categories, ()), t, EMPTY_FORM)
        form = forms.ticket_form(t, EMPTY_FORM, asked, {"form": self.nonce}, more_fields=view.has_fields)
        return Shown(t("form.submit.title"), card=form)

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[FormChoices]:
        return Example("form/ticket", cls("n0nce"), FormChoices(samples.categories, has_fields=True))
