"""The way to Microsoft Graph: bounded, never elsewhere, and left alone while it is down; rows I21 and T72."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.bot.directory.graph import AT_ONCE, GraphRefused, GraphUnavailable
from tests.bot.directories import Company, company
from tests.support.edge import LogLines
from tests.support.graph import FakeGraph

ADA = "5e0c3c39-2b4f-4d0c-9d0b-3a3b7a2c0001"


@pytest.fixture
async def here() -> AsyncIterator[Company]:
    async with company() as running:
        running.graph.person(ADA)
        yield running


async def ask(here: Company) -> object:
    return await here.client.get("user", f"users/{ADA}", {"$select": "id"})


async def unavailable(here: Company) -> str:
    with pytest.raises(GraphUnavailable) as away:
        await ask(here)
    return away.value.reason


async def test_a_question_goes_out_with_the_bots_own_token_for_graph(here: Company) -> None:
    assert await ask(here) == {"id": ADA}
    [seen] = here.graph.seen
    assert (seen.method, seen.path, seen.authorization) == ("GET", f"/v1.0/users/{ADA}?$select=id", "Bearer token-1")
    assert [asked["scope"] for asked in here.entra.token_requests] == [f"{here.graph.url}/.default"]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504])
async def test_after_an_answer_that_is_none_graph_is_left_alone_for_a_moment(here: Company, status: int) -> None:
    here.graph.fail(status, body="<html>no JSON</html>")
    assert await unavailable(here) == f"http_{status}"
    here.clock.advance(seconds=1.5)
    assert await unavailable(here) == "paused"
    assert len(here.graph.seen) == 1
    here.clock.advance(seconds=0.5)
    assert await ask(here) == {"id": ADA}


async def test_while_it_is_down_graph_is_asked_ever_more_seldom_and_at_least_every_half_a_minute(here: Company) -> None:
    for pause in (2, 4, 8, 16, 30, 30):
        here.graph.fail(503)
        assert await unavailable(here) == "http_503"
        here.clock.advance(seconds=pause - 0.5)
        assert await unavailable(here) == "paused"
        here.clock.advance(seconds=0.5)
    assert await ask(here) == {"id": ADA}
    here.graph.fail(503)
    assert await unavailable(here) == "http_503"
    here.clock.advance(seconds=2)
    assert await ask(here) == {"id": ADA}


async def test_a_long_error_page_is_an_outage_like_a_short_one(here: Company) -> None:
    here.graph.fail(502, body="<html>" * 1_000_000)
    assert await unavailable(here) == "http_502"


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "[]", "7", "{"])
async def test_an_odd_answer_is_none_and_the_next_question_is_asked(here: Company, body: str) -> None:
    here.graph.fail(200, body=body)
    assert await unavailable(here) == "odd_answer"
    assert await ask(here) == {"id": ADA}


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("7", 7), ("120", 120), ("99999", 300), ("9" * 400, 300), ("soon", 2), ("-5", 2), ("1e9", 2), ("", 2)],
)
async def test_graph_is_left_alone_as_long_as_it_asks_but_five_minutes_at_most(
    here: Company, asked: str, seconds: int
) -> None:
    here.graph.fail(429, headers={"Retry-After": asked})
    await unavailable(here)
    here.clock.advance(seconds=seconds - 0.5)
    assert await unavailable(here) == "paused"
    here.clock.advance(seconds=0.5)
    assert await ask(here) == {"id": ADA}


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410])
async def test_a_refusal_concerns_one_question_only(here: Company, status: int) -> None:
    here.graph.fail(status, body={"error": {"code": "Request_No"}})
    with pytest.raises(GraphRefused) as refused:
        await ask(here)
    assert refused.value.status == status
    assert await ask(here) == {"id": ADA}


async def test_an_answer_too_large_to_be_one_is_not_read_to_its_end(here: Company) -> None:
    here.graph.users[ADA]["id"] = "x" * 10_000_000
    with pytest.raises(GraphRefused) as refused:
        await ask(here)
    assert refused.value.status == 200
    here.graph.person(ADA)
    assert await ask(here) == {"id": ADA}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_t72_a_redirect_takes_the_token_nowhere(here: Company, status: int) -> None:
    async with FakeGraph() as elsewhere:
        elsewhere.person(ADA)
        here.graph.fail(status, headers={"Location": f"{elsewhere.url}/v1.0/users/{ADA}"})
        await unavailable(here)
        assert elsewhere.seen == []


async def test_a_refused_token_is_replaced_once(here: Company) -> None:
    here.graph.fail(401)
    assert await ask(here) == {"id": ADA}
    assert [seen.authorization for seen in here.graph.seen] == ["Bearer token-1", "Bearer token-2"]
    here.graph.fail(401, times=2)
    assert await unavailable(here) == "http_401"


async def test_without_a_token_nothing_is_asked(here: Company) -> None:
    here.entra.error = "invalid_client"
    assert await unavailable(here) == "no_token"
    assert here.graph.seen == []


async def test_where_nobody_listens_the_answer_comes_at_once(here: Company) -> None:
    await ask(here)
    await here.graph.stop()
    assert await unavailable(here) == "unreachable"


async def test_i21_a_graph_that_hangs_is_given_up_and_nobody_queues_behind_it() -> None:
    async with company(within=1.5) as here:
        here.graph.person(ADA)
        await ask(here)
        here.graph.answering.clear()
        async with asyncio.timeout(5):
            reasons = await asyncio.gather(*[unavailable(here) for _ in range(50)])
        assert {"timeout"} <= set(reasons) <= {"timeout", "busy", "paused"}
        assert await unavailable(here) == "paused"
        assert len(here.graph.seen) == 1 + AT_ONCE


async def test_i21_an_entra_that_hangs_is_given_up_like_graph() -> None:
    async with company(within=0.1) as here:
        here.entra.answering.clear()
        assert await unavailable(here) == "timeout"
        assert await unavailable(here) == "paused"
        assert here.graph.seen == []


async def test_i21_whoever_waits_behind_a_failure_does_not_ask_any_more(here: Company) -> None:
    here.graph.fail(503, times=30)
    assert set(await asyncio.gather(*[unavailable(here) for _ in range(30)])) == {"http_503", "paused"}
    assert len(here.graph.seen) <= AT_ONCE


async def test_a_crowd_is_answered(here: Company) -> None:
    assert await asyncio.gather(*[ask(here) for _ in range(60)]) == [{"id": ADA}] * 60


async def test_a_question_whose_turn_does_not_come_is_no_outage() -> None:
    async with company(within=1.5) as here:
        here.graph.person(ADA)
        await ask(here)
        here.graph.answering.clear()
        slow = [asyncio.create_task(ask(here)) for _ in range(AT_ONCE)]
        await asyncio.sleep(0)  # they are in front
        assert await unavailable(here) == "busy"
        here.graph.answering.set()
        assert await asyncio.gather(*slow) == [{"id": ADA}] * AT_ONCE
        assert await ask(here) == {"id": ADA}


async def test_questions_are_counted_by_what_came_of_them(here: Company) -> None:
    await ask(here)
    for status in (404, 403, 409, 503):
        here.graph.fail(status)
        with pytest.raises((GraphRefused, GraphUnavailable)):
            await ask(here)
    await unavailable(here)
    for outcome in ("answered", "not_found", "refused", "there_already", "unavailable", "not_asked"):
        assert f'ticketbot_graph_questions_total{{outcome="{outcome}",what="user"}} 1.0' in here.figures


async def test_the_log_tells_an_outage_once_and_names_nobody(here: Company, log_lines: LogLines) -> None:
    here.graph.fail(403, body={"error": {"code": "Authorization_RequestDenied", "message": "Ada may not"}})
    with pytest.raises(GraphRefused):
        await ask(here)
    here.graph.fail(503)
    await unavailable(here)
    await unavailable(here)
    [refused], [away] = log_lines.of("graph.refused"), log_lines.of("graph.unavailable")
    assert (refused["what"], refused["status"], refused["codes"]) == ("user", 403, "Authorization_RequestDenied")
    assert away["reason"] == "http_503"
    assert all(hidden not in log_lines.text for hidden in (ADA, "Ada", "token-"))
