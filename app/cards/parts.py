"""What every card is built from: texts, facts, buttons, and the frame that keeps to Teams' limits."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

import orjson
from microsoft_teams.cards.core import (
    Action,
    AdaptiveCard,
    CardElement,
    Container,
    ExecuteAction,
    OpenUrlAction,
    RichTextBlock,
    TeamsCardProperties,
    TextBlock,
    TextRun,
)

from app.cards import text
from app.domain.people import Person
from app.domain.ticket import Ticket
from app.domain.views import Button
from app.i18n import Text

Card = dict[str, Any]
Color = Literal["Default", "Accent", "Good", "Warning", "Attention"]
Size = Literal["Small", "Default", "Medium", "Large"]
PanelStyle = Literal["emphasis", "good", "attention", "warning", "accent"]
Spacing = Literal["None", "Small", "Default", "Medium", "Large"]

LARGEST_CARD = 28_000
_ROOMS = (4000, 2000, 1000, 500, 250, 100, 50)


def fitted(build: Callable[[int], Card]) -> Card:
    """Build the card with as much room (characters) for each long text as fits into the largest card Teams takes."""
    card: Card = {}
    for room in _ROOMS:
        card = build(room)
        if len(orjson.dumps(card)) <= LARGEST_CARD:
            break
    return card


def card(
    body: Iterable[CardElement],
    actions: Sequence[Action] = (),
    *,
    fallback: str,
    mentions: TeamsCardProperties | None = None,
    version: Literal["1.3", "1.5"] = "1.5",
) -> Card:
    """The frame; `fallback` is what clients show that cannot show cards."""
    elements, buttons = list(body), list(actions)
    frame = AdaptiveCard(version=version, body=elements, fallback_text=text.inert(fallback))
    if buttons:
        frame.actions = buttons
    if mentions:
        frame.msteams = mentions
    return frame.model_dump(by_alias=True, exclude_none=True)


def heading(words: str, *, size: Size = "Medium", separator: bool = False) -> TextBlock:
    """Our own words as the heading of a card or of a part of it (`separator`); screen readers jump to it."""
    block = TextBlock(text=text.inert(words), style="heading", weight="Bolder", size=size, wrap=True)
    if separator:
        block.separator, block.spacing = True, "Large"
    return block


@lru_cache(maxsize=1000)
def label(words: str, *, spacing: Spacing = "Medium") -> TextBlock:
    """Our own words above a part of the card."""
    return TextBlock(text=text.inert(words), weight="Bolder", size="Small", is_subtle=True, wrap=True, spacing=spacing)


def run(
    words: str,
    *,
    bold: bool = False,
    subtle: bool = False,
    color: Color | None = None,
    size: Size | None = None,
    italic: bool = False,
) -> TextRun:
    """Anybody's words, shown as they are. The same words are the same object: whoever changes it changes a copy."""
    return _run(words, bold, subtle, color, size, italic)


@lru_cache(maxsize=1000)
def _run(words: str, bold: bool, subtle: bool, color: Color | None, size: Size | None, italic: bool) -> TextRun:
    """Built once: a card has dozens, and nearly all of them stand on other cards as well."""
    return TextRun(
        text=text.plain(words),
        weight="Bolder" if bold else None,
        is_subtle=subtle or None,
        color=color,
        size=size,
        italic=italic or None,
    )


def link(words: str, url: str) -> TextRun:
    """Our own words that lead somewhere we have judged."""
    return TextRun(text=text.plain(words), color="Accent", select_action=OpenUrlAction(url=url))


def runs(*inlines: TextRun, spacing: Spacing | None = None, separator: bool = False) -> RichTextBlock:
    """One paragraph; it always wraps and parses nothing."""
    pieces: list[CardElement] = [*inlines]
    return RichTextBlock(inlines=pieces, spacing=spacing, separator=separator or None)


def fact(title: str, *value: TextRun) -> RichTextBlock:
    """A title and its value on one line."""
    return runs(run(f"{title}: ", subtle=True), *value, spacing="Small")


def long_text(words: str, room: int, t: Text, *, spacing: Spacing = "Small") -> list[CardElement]:
    """What somebody wrote, cut to the room with a hint where it had to be."""
    looked_at = words[: text.WRITTEN_PER_SHOWN * room]
    whole = text.plain(looked_at).strip()
    shown = text.cut_lines(whole, room)
    block = runs(TextRun(text=shown), spacing=spacing)
    if shown == whole and looked_at == words:
        return [block]
    return [block, runs(run(t("card.cut"), subtle=True, size="Small", italic=True), spacing="None")]


def panel(items: Iterable[CardElement], *, style: PanelStyle = "emphasis") -> Container:
    """A part of the card that stands out."""
    return Container(items=list(items), style=style, spacing="Medium", rounded_corners=True)


def execute(
    title: str,
    verb: str,
    data: dict[str, Any],
    *,
    secondary: bool = False,
    inputs: bool = False,
) -> ExecuteAction:
    """A button; `inputs` says whether the card's inputs travel with it and are validated first."""
    return _button(title, verb, secondary, inputs).model_copy(update={"data": {"desk": data}})


@lru_cache(maxsize=1000)
def _button(title: str, verb: str, secondary: bool, inputs: bool) -> ExecuteAction:
    """Built once: it differs from card to card only in what it is about."""
    return ExecuteAction(
        title=text.inert(title),
        verb=verb,
        mode="secondary" if secondary else None,
        associated_inputs="auto" if inputs else "none",
    )


def on_ticket(ticket: Ticket, **extra: Any) -> dict[str, Any]:
    """What a button says about its ticket: which one, and the version the card showed."""
    return {"ticket": ticket.id, "version": ticket.version, **extra}


def form_verb(verb: str) -> str:
    """The verb that answers with the form of another one."""
    return f"{verb}.form"


def verb_button(button: Button, ticket: Ticket, t: Text) -> ExecuteAction:
    """The button of a verb that the reader has now."""
    verb = form_verb(button.code) if button.has_form else button.code
    title = t(button.title_key)
    return execute(title, verb, on_ticket(ticket), secondary=button.more, inputs=button.carries_inputs)


def chat_with(person: Person, topic: str, t: Text, *, secondary: bool = False) -> OpenUrlAction | None:
    """Opens Teams' own chat with the person; None where no address is known."""
    address = (person.email or "").strip()
    if "@" not in address:
        return None
    url = f"https://teams.microsoft.com/l/chat/0/0?users={quote(address, safe='@')}&topicName={quote(topic, safe='')}"
    return OpenUrlAction(title=t("action.chat"), url=url, mode="secondary" if secondary else None)
