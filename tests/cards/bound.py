"""The notices of a line's channel: new, in another one's place, undone, and what the channel it left shows."""

from dataclasses import replace
from datetime import timedelta

from app.cards.binding import binding_card, taken_out_card
from app.cards.parts import Card
from app.domain.views import BindingView
from app.i18n import Text
from tests.cards.people import BERLIN, LEA, MARA, NETWORK, RAISED


def bindings(t: Text) -> dict[str, Card]:
    bound = BindingView(3, NETWORK, "Tickets", "Contoso IT", MARA, RAISED, former="Netz", now_in="Tickets")
    ended = replace(bound, ended_by=LEA, ended_at=RAISED + timedelta(hours=2))
    made = {
        "bound": bound,
        "first": replace(bound, former=None),
        "undone": replace(ended, undone=True, now_in="Netz"),
        "undone_first": replace(ended, undone=True, former=None, now_in=None),
        "replaced": replace(ended, now_in="Störungen"),
        "in_desk_file": replace(bound, now_in=None, in_desk_file=True),
    }
    cards = {f"binding/{name}": binding_card(view, t, BERLIN) for name, view in made.items()}
    return {**cards, "binding/taken_out": taken_out_card("INC-1042", t)}
