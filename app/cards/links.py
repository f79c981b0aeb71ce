"""What a ticket belongs together with: the ticket it is handled with, its children, what it follows."""

from microsoft_teams.cards.core import CardElement, Container

from app.cards import text
from app.cards.parts import execute, label, run, runs
from app.cards.story import STATUS_COLORS
from app.domain.ticket import OPEN, Relation, Status
from app.domain.verbs import VIEW
from app.domain.views import LinkView, TicketView
from app.i18n import Text

_FEWEST, _ROOM_PER_LINK = 3, 200
_TITLE_LENGTH = 80
_CHILD = f"{Relation.CHILD_OF}_this"


def links(view: TicketView, room: int, t: Text) -> list[CardElement]:
    """The other tickets, each of which opens with a tap, and how many of the children are still open."""
    if not view.links:
        return []
    most = max(_FEWEST, room // _ROOM_PER_LINK)
    elements: list[CardElement] = [label(t("link.title")), *_children(view, t)]
    elements += [_link(each, t) for each in view.links[:most]]
    if len(view.links) > most:
        elements.append(runs(run(t("link.more", count=len(view.links) - most), subtle=True, size="Small")))
    return elements


def _children(view: TicketView, t: Text) -> list[CardElement]:
    children = [each for each in view.links if each.relation == _CHILD]
    still_open = sum(each.status in OPEN for each in children)
    if not still_open:
        return []
    return [runs(run(f"◔ {t('link.children', count=still_open, all=len(children))}", bold=True), spacing="Small")]


def _link(other: LinkView, t: Text) -> CardElement:
    status = Status(other.status)
    title = text.cut(" ".join(text.plain(other.title).split()), _TITLE_LENGTH) if other.title else ""
    relation = run(t(f"link.{other.relation}", number=other.number))
    mark = run(f"  {t(f'status.{status}')}", bold=True, color=STATUS_COLORS.get(status), size="Small")
    words: list[CardElement] = [runs(relation, mark, spacing="Small")]
    words.append(runs(run(title or t("list.confidential"), subtle=True, size="Small"), spacing="None"))
    opens = execute(t("action.open_number", number=other.number), VIEW, {"ticket": other.id})
    return Container(items=words, select_action=opens, spacing="Small")
