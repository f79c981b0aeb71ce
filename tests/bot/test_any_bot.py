"""A bot as botbuilder's own samples have them, with its middleware, behind the entry and the connector of the desk."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from botbuilder.core import (
    ActivityHandler,
    AutoSaveStateMiddleware,
    ConversationState,
    InvokeResponse,
    MemoryStorage,
    MessageFactory,
    Middleware,
    TurnContext,
)
from botbuilder.integration.aiohttp.bot_framework_http_adapter_integration_base import (
    BotFrameworkHttpAdapterIntegrationBase,
)
from botbuilder.schema import Activity, ActivityTypes

from tests.support.edge import Edge, LogLines, running_edge

Next = Callable[[], Awaitable[Any]]


class Echo(ActivityHandler):  # type: ignore[misc]
    """Says what it hears, and counts it."""

    def __init__(self) -> None:
        self.state = ConversationState(MemoryStorage())
        self._heard = self.state.create_property("heard")

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        text = turn_context.activity.text
        if text == "break":
            raise KeyError("her very own words")
        if text == "change":
            sent = await turn_context.send_activity("Wait")
            changed = MessageFactory.text("Done")
            changed.id = sent.id
            await turn_context.update_activity(changed)
        elif text == "take back":
            sent = await turn_context.send_activity("Never mind")
            await turn_context.delete_activity(sent.id)
        elif text == "trace":
            await turn_context.send_trace_activity("trace")
        else:
            heard = (await self._heard.get(turn_context) or 0) + 1
            await self._heard.set(turn_context, heard)
            await turn_context.send_activity(f"Echo {heard}: {text}")

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse | None:
        value = turn_context.activity.value
        if value.get("break"):
            raise KeyError("her very own words")
        return None if value.get("silent") else InvokeResponse(status=200, body={"echo": value})


class Noting(Middleware):  # type: ignore[misc]
    """Notes what comes in and what goes out."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def on_turn(self, context: TurnContext, logic: Next) -> Any:
        async def sending(_: TurnContext, activities: list[Activity], send: Next) -> None:
            self.seen += [f"out {ActivityTypes(activity.type).value}" for activity in activities]
            await send()

        self.seen.append(f"in {context.activity.type}")
        context.on_send_activities(sending)
        return await logic()


@pytest.fixture
async def echo() -> AsyncIterator[Edge]:
    bot = Echo()
    async with running_edge(bot=bot) as edge:
        edge.adapter.use(AutoSaveStateMiddleware([bot.state]))
        yield edge


def test_the_adapter_is_one_for_aiohttp_as_botbuilder_means_it(edge: Edge) -> None:
    assert isinstance(edge.adapter, BotFrameworkHttpAdapterIntegrationBase)


async def test_a_message_is_replied_to_through_the_connector(echo: Edge) -> None:
    assert (await echo.post(echo.inbound.message(echo.person, "Hello")))[0] == 201
    (sent,) = echo.teams.accepted
    assert (sent.conversation_id, sent.activity["text"]) == (echo.person.chat_id, "Echo 1: Hello")


async def test_what_a_bot_keeps_is_there_in_the_next_turn(echo: Edge) -> None:
    for text in ("Hello", "again"):
        await echo.post(echo.inbound.message(echo.person, text))
    assert [sent.activity["text"] for sent in echo.teams.accepted] == ["Echo 1: Hello", "Echo 2: again"]


@pytest.mark.parametrize("is_watched", [False, True])
async def test_an_invoke_is_answered_in_its_response_and_nothing_is_sent(echo: Edge, is_watched: bool) -> None:
    if is_watched:
        echo.adapter.use(Noting())
    answer = await echo.post(echo.inbound.invoke(echo.person, "task/fetch", {"number": 7}))
    assert answer == (200, {"echo": {"number": 7}})
    assert not echo.teams.accepted


async def test_an_invoke_that_a_bot_does_not_answer_is_not_implemented(echo: Edge) -> None:
    assert (await echo.post(echo.inbound.invoke(echo.person, "task/fetch", {"silent": True})))[0] == 501


async def test_a_middleware_sees_what_comes_in_and_what_goes_out(echo: Edge) -> None:
    noting = Noting()
    echo.adapter.use(noting)
    await echo.post(echo.inbound.message(echo.person, "Hello"))
    await echo.post(echo.inbound.invoke(echo.person, "task/fetch", {"number": 7}))
    assert noting.seen == ["in message", "out message", "in invoke", "out invokeResponse"]


async def test_a_bot_changes_what_it_said_and_takes_it_back(echo: Edge) -> None:
    for text in ("change", "take back", "trace"):
        assert (await echo.post(echo.inbound.message(echo.person, text)))[0] == 201
    (left,) = echo.teams.messages[echo.person.chat_id].values()
    assert left.activity["text"] == "Done"


async def test_a_bot_that_breaks_is_answered_like_the_desk(echo: Edge, log_lines: LogLines) -> None:
    status, answer = await echo.post(echo.inbound.message(echo.person, "break"))
    assert (status, list(answer)) == (500, ["error"])
    status, answer = await echo.post(echo.inbound.invoke(echo.person, "task/fetch", {"break": True}))
    assert (status, answer["statusCode"], answer["type"]) == (200, 500, "application/vnd.microsoft.error")
    assert "very own words" not in log_lines.text


async def test_on_turn_error_takes_what_a_bot_raises(echo: Edge) -> None:
    async def sorry(turn: TurnContext, error: Exception) -> None:
        await turn.send_activity(f"Sorry: {type(error).__name__}")

    echo.adapter.on_turn_error = sorry
    assert (await echo.post(echo.inbound.message(echo.person, "break")))[0] == 201
    (sent,) = echo.teams.accepted
    assert sent.activity["text"] == "Sorry: KeyError"


async def test_whoever_has_no_good_token_reaches_no_bot(echo: Edge) -> None:
    noting = Noting()
    echo.adapter.use(noting)
    forged = echo.token(app_id="00000000-0000-0000-0000-000000000000")
    assert (await echo.post(echo.inbound.message(echo.person, "Hello"), token=forged))[0] == 401
    assert noting.seen == []
