"""What the caller is told once the turn has run, or could not."""

import json

import pytest
from botbuilder.schema.teams import TaskModuleMessageResponse, TaskModuleResponse

from tests.support.edge import DatabaseAway, Edge, LogLines

CARD = {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": {"type": "AdaptiveCard"}}


@pytest.mark.parametrize(
    "answer", [CARD, {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Grüße 👋"}]
)
async def test_a_click_is_answered_with_the_card_or_the_sentence(edge: Edge, answer: dict[str, object]) -> None:
    edge.handler.answer = answer
    assert await edge.post(edge.inbound.card_action(edge.person, "ticket.take", {"desk": {"ticket": 1}})) == (
        200,
        answer,
    )
    assert edge.handler.turns[0].value["action"]["data"] == {"desk": {"ticket": 1}}


async def test_a_dialog_may_be_answered_with_botbuilders_own_types(edge: Edge) -> None:
    edge.handler.answer = TaskModuleResponse(task=TaskModuleMessageResponse(value="Danke"))
    _, answer = await edge.post(edge.inbound.invoke(edge.person, "task/submit", {}))
    assert answer == {"task": {"type": "message", "value": "Danke"}}


async def test_an_empty_answer_is_empty(edge: Edge) -> None:
    edge.handler.answer = None
    assert await edge.post(edge.inbound.invoke(edge.person, "task/submit", {})) == (200, None)


async def test_what_the_handler_says_in_a_turn_is_sent_to_the_conversation(edge: Edge) -> None:
    edge.handler.reply = "Guten Tag"
    assert (await edge.post(edge.inbound.message(edge.person)))[0] == 201
    (sent,) = edge.teams.accepted
    assert (sent.conversation_id, sent.activity["text"]) == (edge.person.chat_id, "Guten Tag")


async def test_a_message_that_breaks_something_is_answered_500_and_logged_once(edge: Edge, log_lines: LogLines) -> None:
    edge.handler.problem = KeyError("her very own words")
    status, answer = await edge.post(edge.inbound.message(edge.person))
    assert status == 500
    (line,) = [line for line in log_lines.all() if line["level"] == "error"]
    assert (line["event"], line["correlation"]) == ("request.failed", answer["error"])
    assert line["error"][0]["type"] == "builtins.KeyError"
    assert any("on_turn" in frame for frame in line["error"][0]["at"])
    assert "very own words" not in log_lines.text + json.dumps(answer)


async def test_a_click_that_breaks_something_is_answered_with_a_reference(edge: Edge, log_lines: LogLines) -> None:
    edge.handler.problem = RuntimeError("her very own words")
    status, answer = await edge.post(edge.inbound.card_action(edge.person, "ticket.take"))
    assert (status, answer["statusCode"], answer["type"]) == (200, 500, "application/vnd.microsoft.error")
    (line,) = log_lines.of("turn.failed")
    assert line["correlation"] in answer["value"]["message"]
    assert "very own words" not in log_lines.text + json.dumps(answer)


@pytest.mark.parametrize("click", [True, False])
async def test_while_the_database_is_away_everybody_is_told_to_come_again(edge: Edge, click: bool) -> None:
    edge.handler.problem = DatabaseAway()
    activity = edge.inbound.card_action(edge.person, "ticket.take") if click else edge.inbound.message(edge.person)
    status, answer = await edge.post(activity)
    assert (status, list(answer)) == (503, ["error"])


async def test_an_unknown_path_says_nothing_about_us(edge: Edge) -> None:
    async with edge.session.get(edge.url + "/../../etc/passwd") as response:
        assert response.status == 404
        assert list(await response.json()) == ["error"]


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00secretish\r\n\r\n", b"GET secretish\r\n\r\n", b"POST / HTTP/1.1\r\nsecretish\r\n\r\n"],
)
async def test_what_is_no_http_is_not_repeated(edge: Edge, garbage: bytes, log_lines: LogLines) -> None:
    answer = await edge.raw(garbage + b"\r\n\r\n")
    assert b" 400 " in answer.splitlines()[0]
    assert b"secretish" not in answer
    assert "secretish" not in log_lines.text


async def test_the_operator_sees_whether_the_desk_is_well(edge: Edge) -> None:
    base = edge.url.removesuffix("/api/messages")
    async with edge.session.get(f"{base}/livez") as response:
        assert (response.status, await response.json()) == (200, {"live": True})
    async with edge.session.get(f"{base}/readyz") as response:
        assert (response.status, await response.json()) == (503, {"keys": False})
    await edge.post(edge.inbound.message(edge.person))
    async with edge.session.get(f"{base}/readyz") as response:
        assert (response.status, await response.json()) == (200, {"keys": True})
    async with edge.session.get(f"{base}/metrics") as response:
        text = await response.text()
    assert 'ticketbot_inbound_total{result="done",type="message"} 1.0' in text
    assert edge.person.aad_id not in text
