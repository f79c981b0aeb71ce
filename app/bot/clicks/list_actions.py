"""Clicks on lists: another page, another list, other filters, and the views somebody saves."""

from collections.abc import Mapping

from sqlalchemy import Connection

from app.actions.fields import TextField, read_fields
from app.bot.clicks.click import Answer, Answering, Click, card_answer
from app.bot.directory.rosters import Rosters
from app.cards import list_choices
from app.cards import lists as cards
from app.desk.model import Desk
from app.domain import verbs
from app.domain.errors import InvalidInput, NotAllowed
from app.domain.lists import VIEW_NAME, ListName, ListQuery
from app.domain.views import EMPTY_FORM, FormState, ListView
from app.services import lists, saved_views
from app.services.lists import Reader
from app.services.unit_of_work import Database


class ListActions:
    """Answers the verbs of lists. What a button says of them is a wish; what may be seen is decided by who clicked."""

    def __init__(self, desk: Desk, database: Database, rosters: Rosters) -> None:
        self._desk = desk
        self._database = database
        self._rosters = rosters
        self.verbs: Mapping[str, Answering] = {
            verbs.MINE: self._mine,
            verbs.QUEUE: self._queue,
            verbs.LIST: self._page,
            verbs.LIST_OPEN: self._open,
            verbs.SAVE_VIEW: self._save,
            verbs.FORGET_VIEW: self._forget,
        }

    async def _mine(self, click: Click) -> Answer:
        query = ListQuery.from_json({**click.of_desk, "list": ListName.MINE.value})
        return await self._answer(click, query)

    async def _queue(self, click: Click) -> Answer:
        """The queue of one line, as buttons of older cards ask for it."""
        query = ListQuery.from_json({**click.of_desk, "list": ListName.QUEUE.value})
        reader = await self._reader(click)
        line = reader.here or query.line
        if line not in click.actor.lines:
            raise NotAllowed(verb=verbs.QUEUE)
        return await self._answer(click, ListQuery(line=line, after=query.after), reader)

    async def _page(self, click: Click) -> Answer:
        return await self._answer(click, _wanted(click))

    async def _open(self, click: Click) -> Answer:
        """Another list at the same place, or a saved view."""
        kind, _, number = click.typed.get("list", "").partition(":")
        if kind != "view":
            wanted = ListQuery.from_json({**click.of_desk, "list": kind}).first()
            return await self._answer(click, wanted)
        theirs = await self._database.read(lambda tx: saved_views.of(tx, click.actor.id))
        opened = next((view.query for view in theirs if str(view.id) == number), ListQuery())
        return await self._answer(click, opened)

    async def _save(self, click: Click) -> Answer:
        query, reader = _wanted(click), await self._reader(click)
        values, wrong_fields = read_fields([TextField(id="view_name", limit=VIEW_NAME)], click.inputs)

        def unit(tx: Connection) -> ListView:
            page = lists.listed(tx, self._desk, reader, query, click.turn.now)
            saved = saved_views.save(tx, click.actor.id, values["view_name"], page.query, now=click.turn.now)
            return lists.listed(tx, self._desk, reader, saved, click.turn.now)

        try:
            if wrong_fields:
                raise InvalidInput(wrong_fields)
            shown = await self._database.write(unit)
        except InvalidInput as wrong:
            problems = {field: click.t(key, **values) for field, (key, values) in wrong.problems.items()}
            return await self._answer(click, query, reader, FormState(click.typed, problems))
        return card_answer(cards.list_card(shown, click.t, click.zone))

    async def _forget(self, click: Click) -> Answer:
        named, reader = ListQuery.from_json(click.of_desk).view, await self._reader(click)

        def unit(tx: Connection) -> ListView:
            if named is not None:
                saved_views.forget(tx, click.actor.id, named)
            return lists.listed(tx, self._desk, reader, ListQuery(), click.turn.now)

        return card_answer(list_choices.saved_views(await self._database.write(unit), click.t))

    async def _reader(self, click: Click) -> Reader:
        if click.said.is_personal:
            return Reader(click.actor)
        here = await self._rosters.line_in(click.said.conversation)
        return Reader(click.actor, here, in_public=True)

    async def _answer(
        self, click: Click, query: ListQuery, reader: Reader | None = None, state: FormState = EMPTY_FORM
    ) -> Answer:
        looking = reader or await self._reader(click)
        shown = await self._database.read(lambda tx: lists.listed(tx, self._desk, looking, query, click.turn.now))
        if shown.query.list is ListName.MINE:
            return card_answer(cards.my_tickets(shown, click.t, click.zone))
        return card_answer(cards.list_card(shown, click.t, click.zone, state))


def _wanted(click: Click) -> ListQuery:
    """What the button says, with what was chosen in the filters where it sends them along."""
    query = ListQuery.from_json(click.of_desk)
    return query.narrowed(click.inputs) if click.of_desk.get("narrow") is True else query
