"""What stands above the inputs of a form, so that nobody writes from memory."""

from collections.abc import Sequence

from microsoft_teams.cards.core import CardElement

from app.cards import text
from app.cards.parts import label, long_text, panel, run, runs
from app.domain.views import Label, Similar, TicketView
from app.i18n import Text


def last_public_words(view: TicketView, t: Text, room: int) -> list[CardElement]:
    """The last public words."""
    public = [entry for entry in view.entries if not entry.internal]
    if not public:
        return []
    who = label(text.name(public[-1].author.name))
    return [panel([who, *long_text(public[-1].text, room // 2, t, spacing="None")])]


def words_to_answer(view: TicketView, t: Text, room: int) -> list[CardElement]:
    """What an answer answers: the last public words, before there are any the description."""
    said = last_public_words(view, t, room)
    return said or [panel([label(t("line.description")), *long_text(view.ticket.description, room // 2, t)])]


def guideline_panel(guideline: Label, t: Text, room: int) -> CardElement:
    """What the company wrote about when to escalate."""
    words = long_text(guideline.text(t.language), room, t, spacing="None")
    return panel([label(f"▸ {t('form.escalate.guideline')}"), *words], style="accent")


def similar_tickets(similar: Sequence[Similar], t: Text, room: int) -> list[CardElement]:
    """What solved tickets like this one."""
    if not similar:
        return []
    shown: list[CardElement] = [label(f"▸ {t('form.similar')}")]
    for each in similar:
        title = text.one_line(each.title, 80)
        shown.append(runs(run(f"{each.number} · {title}", bold=True), spacing="Small"))
        shown += long_text(text.cut(each.resolution, max(80, room // 12)), room, t, spacing="None")
    return [panel(shown)]
