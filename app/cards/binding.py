"""What whoever answers for a line reads when it was bound to a channel, and how it is undone."""

from datetime import tzinfo

from app.cards import text
from app.cards.parts import Card, card, execute, fact, heading, run, runs
from app.domain.verbs import UNBIND
from app.domain.views import BindingView
from app.i18n import Text


def binding_card(view: BindingView, t: Text, zone: tzinfo) -> Card:
    """Who bound which line to which channel when; undone with one press as long as it holds."""
    body = [
        heading(summary(view, t)),
        fact(t("binding.line"), run(_line(view, t), bold=True)),
        fact(t("binding.channel"), run(text.name(view.channel), bold=True)),
        fact(t("binding.team"), run(text.name(view.team))),
        fact(t("binding.by"), run(text.name(view.by.name or view.by.id))),
        fact(t("binding.at"), run(t.moment(view.at, zone))),
        fact(t("binding.before"), run(text.name(view.former) if view.former else t("binding.nowhere"))),
        runs(run(_state(view, t, zone), subtle=view.may_be_undone), spacing="Medium"),
    ]
    undoes = [execute(t("action.unbind"), UNBIND, {"binding": view.id})] if view.may_be_undone else []
    return card(body, undoes, fallback=summary(view, t))


def summary(view: BindingView, t: Text) -> str:
    """What the notification says."""
    return t("binding.undone_title" if view.undone else "binding.title", line=_line(view, t))


def taken_out_card(number: str, t: Text) -> Card:
    """What stands in place of a ticket's card in a channel that its line has left: the channel reads no more of it."""
    said = t("binding.taken_out", number=number)
    return card([runs(run(said, subtle=True))], fallback=said)


def _line(view: BindingView, t: Text) -> str:
    return text.name(view.line.label.text(t.language))


def _state(view: BindingView, t: Text, zone: tzinfo) -> str:
    if view.ended_at is None or view.ended_by is None:
        return t("binding.in_desk_file" if view.in_desk_file else "binding.hint")
    name, moment = text.name(view.ended_by.name or view.ended_by.id), t.moment(view.ended_at, zone)
    ended = t("binding.undone" if view.undone else "binding.replaced", name=name, moment=moment)
    if view.in_desk_file:
        return f"{ended} {t('binding.in_desk_file')}"
    return f"{ended} {t('binding.now_in', channel=text.name(view.now_in)) if view.now_in else t('binding.now_nowhere')}"
