"""What a ticket belongs together with: the ticket it is handled with, its children, what it follows."""

from microsoft_teams.cards.core import CardElement, Container

from app.cards import text
from app.cards.parts import execute, label, run, runs
from app.domain.ticket import OPEN, Relation
from app.domain.verbs import VIEW
from app.domain.views import LinkView, TicketView
from app.i18n import Text

_FEWEST, _MOST, _ROOM_PER_LINK = 3, 8, 200
_TITLE_LENGTH = 60
_CHILD = f"{Relation.CHILD_OF}_this"


def links(view: TicketView, room: int, t: Text) -> list[CardElement]:
    """The other tickets, each of which opens with a tap, children that ended last; and how many are still open."""
    if not view.links:
        return []
    most = min(_MOST, max(_FEWEST, room // _ROOM_PER_LINK))
    more = len(view.links) - most
    open_first = sorted(view.links, key=_is_ended_child)
    return [
        label(t("line.links")),
        *_open_children(view, t),
        *(_link(link, t) for link in open_first[:most]),
        *([runs(run(t("link.more", count=more), subtle=True, size="Small"), spacing="Small")] if more > 0 else []),
    ]


def _is_ended_child(link: LinkView) -> bool:
    return link.relation == _CHILD and link.status not in OPEN


def _open_children(view: TicketView, t: Text) -> list[CardElement]:
    children = [each for each in view.links if each.relation == _CHILD]
    still_open = sum(each.status in OPEN for each in children)
    if not still_open:
        return []
    return [runs(run(f"◔ {t('link.children', count=still_open, all=len(children))}", bold=True), spacing="Small")]


def _link(link: LinkView, t: Text) -> CardElement:
    title = text.one_line(link.title, _TITLE_LENGTH) or t("list.confidential")
    words = runs(
        run(f"{t(f'link.{link.relation}')} ", subtle=True),
        run(link.number, bold=True),
        run(f" {title} · {t(f'status.{link.status}')}"),
    )
    opens = execute(t("action.open_number", number=link.number), VIEW, {"ticket": link.id})
    return Container(items=[words], select_action=opens, spacing="Small")
