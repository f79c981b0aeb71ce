"""Articles: the whole one, and the few that are offered."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Any

from microsoft_teams.cards.core import (
    Action,
    ActionSet,
    CardElement,
    Container,
    ExecuteAction,
    OpenUrlAction,
    RichTextBlock,
    TextRun,
)

from app.cards import text
from app.cards.form import problems
from app.cards.inputs import Inputs, named
from app.cards.parts import Card, Spacing, card, execute, fitted, heading, label, run, runs
from app.domain import markdown
from app.domain.article import FORM_BODY, FORM_TAGS, SUMMARY_LENGTH, TITLE_LENGTH, Article, Audience
from app.domain.markdown import Block, Kind, Span
from app.domain.verbs import ARTICLE, ARTICLE_EDIT, ARTICLE_HELPED, ARTICLE_NOT_HELPED, ARTICLE_PUBLISH, NEW, VIEW
from app.domain.views import FormState
from app.i18n import Text

MOST_BLOCKS = 100
MOST_OFFERED = 3
_INDENT = "\u2003"
_ROOM_OF_CARD = 4  # an article has the card to itself


def article_card(
    article: Article, t: Text, zone: tzinfo | None = None, *, draft: str = "", may_edit: bool = False
) -> Card:
    """The article with its steps, and whether it helped (a draft: the way to publish it); `zone` is the reader's, for
    the day it was last changed.
    """
    title = _title(article)

    def build(room: int) -> Card:
        body = [
            heading(title, size="Large"),
            *_marks(article, t, zone),
            *_text(article.body, room * _ROOM_OF_CARD, t),
        ]
        answers: list[Action] = [_helped(article, t, draft), _not_helped(article, t, draft)]
        actions = [] if article.draft else answers  # nobody was offered a draft
        if may_edit:
            edits = t("action.article_publish" if article.draft else "action.edit")
            actions.append(execute(edits, ARTICLE_EDIT, {"article": article.id}, secondary=not article.draft))
        if may_edit and article.ticket:
            opens = t("action.open_number", number=article.name.upper())
            actions.append(execute(opens, VIEW, {"ticket": article.ticket}, secondary=not article.draft))
        return card(body, actions, fallback=title)

    return fitted(build)


def article_form(article: Article, t: Text, state: FormState) -> Card:
    """What an agent makes of an article before others read it: title, text, for whom, and words people use for it."""
    title = t("form.article.title")
    audiences = named(Audience, lambda id: t(f"article.audience.{id}"))
    inputs = (
        Inputs(t, state)
        .text("title", t("form.article.name"), TITLE_LENGTH, value=article.title, multiline=False)
        .text("body", t("form.article.body"), FORM_BODY, value=article.body)
        .choice("audience", t("form.article.audience"), audiences, value=article.audience, style="expanded")
        .text("tags", t("form.article.tags"), FORM_TAGS, value=", ".join(article.tags), required=False, multiline=False)
    )
    about = runs(run(t("form.article.hint"), subtle=True), spacing="None")
    body = [heading(title, size="Large"), about, *problems(state, t), *inputs.elements]
    data = {"article": article.id, "of": article.updated_at.isoformat()}
    is_new = article.draft and article.ticket
    back = (VIEW, {"ticket": article.ticket}) if is_new else (ARTICLE, {"article": article.id})
    actions: list[Action] = [
        execute(t("action.article_publish"), ARTICLE_PUBLISH, data, inputs=True),
        execute(t("action.cancel"), *back),
    ]
    return card(body, actions, fallback=title)


def answered_card(article: Article, t: Text, *, helped: bool, draft: str = "") -> Card:
    """What stands in place of the article once somebody said whether it helped."""
    said = t("article.thanks") if helped else t("article.sorry")
    body = [heading(_title(article)), runs(run(said))]
    buttons = [execute(t("action.article"), ARTICLE, _on(article, draft))]
    form = {"draft": draft, "form": draft} if draft else {}
    return card(body, buttons if helped else [execute(t("action.new"), NEW, form), *buttons], fallback=said)


def offered(articles: Sequence[Article], t: Text, *, draft: str = "") -> list[CardElement]:
    """The part of a card that offers up to three articles; nothing where there is none.

    `draft` names what the reader had said: it stays with them on the way through the articles.
    """
    shown = [_offer(article, t, draft) for article in articles[:MOST_OFFERED]]
    return [label(t("article.offered")), *shown] if shown else []


def _offer(article: Article, t: Text, draft: str) -> CardElement:
    buttons = [
        execute(t("action.article"), ARTICLE, _on(article, draft)),
        _helped(article, t, draft, secondary=True),
        _not_helped(article, t, draft, secondary=True),
    ]
    words: list[CardElement] = [runs(run(_title(article), bold=True))]
    if summary := text.one_line(article.summary, SUMMARY_LENGTH):
        words.append(runs(run(summary, subtle=True), spacing="None"))
    return Container(items=[*words, ActionSet(actions=[*buttons], spacing="Small")], separator=True, spacing="Small")


def _helped(article: Article, t: Text, draft: str, *, secondary: bool = False) -> ExecuteAction:
    return execute(t("action.article_helped"), ARTICLE_HELPED, _on(article, draft), secondary=secondary)


def _not_helped(article: Article, t: Text, draft: str, *, secondary: bool = False) -> ExecuteAction:
    return execute(t("action.article_not_helped"), ARTICLE_NOT_HELPED, _on(article, draft), secondary=secondary)


def _on(article: Article, draft: str) -> dict[str, Any]:
    return {"article": article.id, **({"draft": draft} if draft else {})}


def _title(article: Article) -> str:
    return text.one_line(article.title, TITLE_LENGTH) or "?"


def _marks(article: Article, t: Text, zone: tzinfo | None) -> list[CardElement]:
    """Whom it is for where that is not everyone, and how old it is."""
    marks = []
    if article.draft:
        marks.append(run(f"◌ {t('article.draft')}", bold=True, color="Warning", size="Small"))
    if article.audience is Audience.AGENTS:
        marks.append(run(f"⊘ {t('article.agents')}", bold=True, color="Warning", size="Small"))
    if zone:
        day = t.date(article.updated_at.astimezone(zone).date())
        marks.append(run(t("article.updated", day=day), subtle=True, size="Small"))
    between = [piece for mark in marks[1:] for piece in (run("  "), mark)]
    return [runs(*marks[:1], *between, spacing="None")] if marks else []


def _text(source: str, room: int, t: Text) -> list[CardElement]:
    """The blocks that fit into the room, with a hint where some did not."""
    shown: list[CardElement] = []
    blocks = markdown.blocks(source if len(source) <= room else source[:room].rpartition("\n")[0] or source[:room])
    for block in blocks[:MOST_BLOCKS]:
        if words := _block(block, room):
            shown.append(words)
    if len(source) > room or len(blocks) > MOST_BLOCKS:
        shown.append(runs(run(t("card.cut"), subtle=True, size="Small", italic=True), spacing="Small"))
    return shown


def _block(block: Block, room: int) -> RichTextBlock | None:
    if block.kind is Kind.CODE:
        return _paragraph([run(text.cut_lines(block.text, room))], "Small")
    inlines = list(_inlines(markdown.spans(block.text), bold=block.kind is Kind.HEADING))
    if not inlines:
        return None
    if block.kind is Kind.HEADING:
        return _paragraph(inlines, "Medium")
    if block.kind is Kind.STEP:
        return _paragraph([run(f"{_INDENT * block.depth}{block.number}.  ", bold=True), *inlines], "Small")
    if block.kind is Kind.BULLET:
        return _paragraph([run(f"{_INDENT * block.depth}•  "), *inlines], "None" if block.depth else "Small")
    return _paragraph(inlines, "Small")


def _inlines(spans: Iterable[Span], *, bold: bool) -> Iterable[TextRun]:
    for span in spans:
        if words := text.plain(span.text):
            url = span.url if span.url and text.plain(span.url) == span.url else None
            piece = run(words, bold=bold or span.bold, italic=span.italic, color="Accent" if url else None)
            if url:
                opens = OpenUrlAction(title=text.inert(words), url=url)
                piece = piece.model_copy(update={"underline": True, "select_action": opens})
            yield piece


def _paragraph(inlines: list[TextRun], spacing: Spacing) -> RichTextBlock:
    return runs(*inlines, spacing=spacing)
