"""Clicks on articles: read one, say whether it helped, and make one of what solved a ticket."""

from collections.abc import Mapping
from datetime import datetime

from app.actions.fields import ChoiceField, Option, TextField, read_fields
from app.bot.clicks.click import Answer, Answering, Click, card_answer, id_in
from app.cards.articles import answered_card, article_card, article_form
from app.desk.model import Desk
from app.domain import verbs
from app.domain.article import FORM_BODY, FORM_TAGS, TITLE_LENGTH, Article, Audience
from app.domain.errors import InvalidInput
from app.domain.views import EMPTY_FORM, FormState
from app.services import articles
from app.services.articles import Edition
from app.services.unit_of_work import Database


class ArticleActions:
    """Answers the verbs of articles."""

    def __init__(self, desk: Desk, database: Database) -> None:
        self._desk = desk
        self._database = database
        self.verbs: Mapping[str, Answering] = {
            verbs.ARTICLE: self._read,
            verbs.ARTICLE_HELPED: self._answered,
            verbs.ARTICLE_NOT_HELPED: self._answered,
            verbs.ARTICLE_DRAFT: self._draft,
            verbs.ARTICLE_EDIT: self._edit,
            verbs.ARTICLE_PUBLISH: self._publish,
        }

    async def _read(self, click: Click) -> Answer:
        article_id = id_in(click.of_desk, "article")
        found = await self._database.read(lambda tx: articles.read(tx, self._desk, click.actor, article_id))
        return _shown(click, found)

    async def _answered(self, click: Click) -> Answer:
        article_id = id_in(click.of_desk, "article")
        helped = click.verb == verbs.ARTICLE_HELPED
        found = await self._database.write(
            lambda tx: articles.answer(tx, self._desk, click.actor, article_id, helped=helped, now=click.turn.now)
        )
        return card_answer(answered_card(found, click.t, helped=helped, draft=click.draft))

    async def _draft(self, click: Click) -> Answer:
        """The form with what solved the ticket; whoever leaves it finds the draft where agents find articles."""
        ticket, now = click.ticket, click.turn.now
        made = await self._database.write(lambda tx: articles.draft_from(tx, self._desk, click.actor, ticket, now=now))
        return card_answer(article_form(made, click.t, EMPTY_FORM))

    async def _edit(self, click: Click) -> Answer:
        return await self._form(click, EMPTY_FORM)

    async def _publish(self, click: Click) -> Answer:
        article_id = id_in(click.of_desk, "article")
        try:
            edition = _edition(click)
            published = await self._database.write(
                lambda tx: articles.publish(tx, self._desk, click.actor, article_id, edition, now=click.turn.now)
            )
        except InvalidInput as wrong:
            problems = {name: click.t(key, **values) for name, (key, values) in wrong.problems.items()}
            return await self._form(click, FormState(click.typed, problems))
        return _shown(click, published)

    async def _form(self, click: Click, state: FormState) -> Answer:
        article_id = id_in(click.of_desk, "article")
        found = await self._database.read(lambda tx: articles.to_edit(tx, self._desk, click.actor, article_id))
        return card_answer(article_form(found, click.t, state))


def _edition(click: Click) -> Edition:
    values, problems = read_fields(_FIELDS, click.inputs)
    if problems:
        raise InvalidInput(problems)
    return Edition(
        title=values["title"],
        audience=values["audience"],
        body=values["body"],
        tags=tuple(tag for each in values["tags"].split(",") if (tag := " ".join(each.split()))),
        of=_moment(click.of_desk.get("of")),
    )


_FIELDS = (
    TextField(id="title", limit=TITLE_LENGTH),
    ChoiceField(id="audience", options=[Option(each) for each in Audience], kind=Audience),
    TextField(id="body", limit=FORM_BODY),
    TextField(id="tags", limit=FORM_TAGS, required=False),
)


def _moment(written: object) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None


def _shown(click: Click, article: Article) -> Answer:
    may_edit = articles.may_edit(click.actor, article)
    return card_answer(article_card(article, click.t, click.zone, draft=click.draft, may_edit=may_edit))
