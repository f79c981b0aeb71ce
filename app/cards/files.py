"""The files of a ticket: their names on its cards, and the way to one of them for whoever asks."""

from microsoft_teams.cards.core import CardElement, Container, OpenUrlAction

from app.cards import text
from app.cards.parts import Card, card, execute, fitted, heading, label, on_ticket, run, runs
from app.cards.story import short_title
from app.domain.files import MEGABYTE, Attachment
from app.domain.verbs import FILE, VIEW
from app.domain.views import Files, FileView, TicketView
from app.i18n import Text

_FEWEST, _ROOM_PER_FILE = 3, 200
_SHORTEST_NAME, _ROOM_PER_LETTER = 24, 10


def files(view: TicketView, room: int, t: Text) -> list[CardElement]:
    """The names of the ticket's files, each with the button that opens it; the latest where there are very many."""
    return [label(t("file.title")), *_listed(view, view.files, room, t)] if view.files.latest else []


def earlier_files_card(view: TicketView, earlier: Files, t: Text) -> Card:
    """The files that a card had no room for."""
    title = t("file.title_earlier")
    about = t("form.about", number=view.ticket.number, title=short_title(view.ticket))

    def build(room: int) -> Card:
        body = [heading(title), runs(run(about, subtle=True), spacing="None"), *_listed(view, earlier, room, t)]
        return card(body, [execute(t("action.back"), VIEW, {"ticket": view.ticket.id})], fallback=title)

    return fitted(build)


def _listed(view: TicketView, some: Files, room: int, t: Text) -> list[CardElement]:
    """The last of some files as far as there is room, below the way to those before them."""
    most = max(_FEWEST, room // _ROOM_PER_FILE)
    shown = some.latest[-most:]
    before = some.earlier + len(some.latest) - len(shown)
    return [*_earlier(view, before, t), *(_file(each, view, room, t) for each in shown)]


def _earlier(view: TicketView, count: int, t: Text) -> list[CardElement]:
    if not count:
        return []
    said = t("file.more", count=count)
    opens = execute(said, FILE, on_ticket(view.ticket, before=count))
    return [Container(items=[runs(run(f"‹ {said}", color="Accent"))], select_action=opens, spacing="Small")]


def _file(file: FileView, view: TicketView, room: int, t: Text) -> CardElement:
    name = text.cut(text.name(file.name), max(_SHORTEST_NAME, room // _ROOM_PER_LETTER))
    opens = execute(t("action.file", name=name), FILE, on_ticket(view.ticket, file=file.id))
    said = (run(f"▫ {name}", bold=True), run(f"  {size(file.size, t)}", subtle=True, size="Small"))
    return Container(items=[runs(*said)], select_action=opens, spacing="Small")


def size(count: int, t: Text) -> str:
    """A file's size in words."""
    if count >= MEGABYTE:
        return t("file.megabytes", size=t.number(count / MEGABYTE))
    return t("file.kilobytes", size=max(1, count // 1024))


def file_card(file: Attachment, address: str, ticket: int, t: Text) -> Card:
    """The link to a file, good for a few minutes and for this reader alone."""
    title = text.name(file.name)
    body = [
        heading(title),
        runs(run(size(file.size, t), subtle=True), spacing="None"),
        runs(run(t("file.link_hint"), subtle=True, size="Small")),
    ]
    back = execute(t("action.back"), VIEW, {"ticket": ticket})
    return card(body, [OpenUrlAction(title=t("action.download"), url=address), back], fallback=title)
