"""Who is let in: rows T1 to T15 of the threat table, with real tokens over HTTP."""

import random
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.bot.edge.token_check import TokenCheck
from tests.support.edge import Edge, LogLines
from tests.support.entra import APP_ID, ISSUER, FakeEntra, private_key
from tests.support.teams import FakeTeams

EMULATOR_ISSUERS = (
    "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/",
    "https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0",
    "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/",
)


async def assert_refused(edge: Edge, token: str | None) -> None:
    body = edge.inbound.message(edge.person)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with edge.session.post(edge.url, json=body, headers=headers) as response:
        answer = await response.json()
        assert response.status == 401
        assert list(answer) == ["error"]
        assert len(answer["error"]) == 16
    assert edge.handler.turns == []


async def test_teams_itself_is_let_in(edge: Edge) -> None:
    status, _ = await edge.post(edge.inbound.message(edge.person))
    assert status == 201
    assert edge.handler.turns[0].text == "hi"


async def test_t1_nobody_comes_in_without_a_token(edge: Edge, log_lines: LogLines) -> None:
    await assert_refused(edge, None)
    assert [line["reason"] for line in log_lines.all()] == ["no_token"]


async def test_t2_a_token_check_without_an_app_id_cannot_be_built(edge: Edge) -> None:
    with pytest.raises(ValueError, match="app id"):
        TokenCheck(edge.keys, app_id="", issuer=ISSUER, now=edge.clock.now)


async def test_t3_garbage_is_refused_without_an_error_of_ours(edge: Edge) -> None:
    dice, good = random.Random(3), edge.token()
    letters = "abcXYZ019-_.=%{}\"'/\\ "
    for _ in range(200):
        token = "".join(dice.choices(letters, k=dice.randrange(1, 60))).strip() or "."
        if dice.random() < 0.5:
            cut = dice.randrange(len(good))
            token = good[:cut] + dice.choice(".x%") + good[cut + 1 + dice.randrange(3) :]
        if token == good:
            continue
        await assert_refused(edge, token)


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "bearer x y", "x.y.z"])
async def test_t3_another_scheme_is_refused(edge: Edge, header: str) -> None:
    async with edge.session.post(edge.url, json={}, headers={"Authorization": header}) as response:
        assert response.status == 401


async def test_t3_a_giant_header_is_answered_400_with_nothing_of_it_repeated(edge: Edge, log_lines: LogLines) -> None:
    answer = await edge.raw(
        b"POST /api/messages HTTP/1.1\r\nHost: x\r\nAuthorization: " + b"SECRETISH" * 2000 + b"\r\n\r\n"
    )
    assert b" 400 Bad Request" in answer.splitlines()[0]
    assert b"SECRETISH" not in answer
    assert "SECRETISH" not in log_lines.text


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", 5, None])
async def test_t4_t5_only_rs256_is_believed(edge: Edge, algorithm: Any) -> None:
    await assert_refused(edge, edge.token(headers={"alg": algorithm}))


async def test_t4_a_public_key_is_no_shared_secret(edge: Edge) -> None:
    public = private_key().public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    secret = pem.hex()  # PyJWT itself refuses to sign with the PEM
    await assert_refused(edge, jwt.encode({"iss": ISSUER}, secret, "HS256", headers={"kid": edge.entra.key_id}))


async def test_t5_a_token_really_signed_otherwise_is_refused(edge: Edge) -> None:
    payload, head = {"iss": ISSUER, "aud": APP_ID}, {"kid": edge.entra.key_id}
    await assert_refused(edge, jwt.encode(payload, private_key(), "RS512", headers=head))
    await assert_refused(edge, jwt.encode(payload, private_key(), "PS256", headers=head))
    await assert_refused(edge, jwt.encode(payload, ec.generate_private_key(ec.SECP256R1()), "ES256", headers=head))


async def test_t6_a_changed_signature_or_payload_is_refused(edge: Edge) -> None:
    head, payload, signature = edge.token().split(".")
    await assert_refused(edge, f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}")
    other = edge.token(appid="somebody").split(".")[1]
    await assert_refused(edge, f"{head}.{other}.{signature}")


async def test_t7_a_token_five_minutes_over_is_refused_and_a_little_less_is_not(edge: Edge) -> None:
    now = edge.clock.now().timestamp()
    await assert_refused(edge, edge.token(exp=now - 301))
    await assert_refused(edge, edge.token(nbf=now + 301))
    assert (await edge.post(edge.inbound.message(edge.person), token=edge.token(exp=now - 299, nbf=now + 299)))[
        0
    ] == 201


@pytest.mark.parametrize("moment", ["soon", True, None, [1], float("nan"), float("inf"), -1e30])
async def test_t7_an_expiry_that_is_no_time_is_refused(edge: Edge, moment: Any) -> None:
    await assert_refused(edge, edge.token(exp=moment))


@pytest.mark.parametrize("claim", ["exp", "iss", "aud", "serviceurl"])
async def test_t8_t9_t13_a_token_that_leaves_out_what_counts_is_refused(edge: Edge, claim: str) -> None:
    await assert_refused(edge, edge.token(without=(claim,)))


@pytest.mark.parametrize("issuer", [[ISSUER], f"{ISSUER}/", "https://api.botframework.us", None, {}, ""])
async def test_t9_t10_another_issuer_is_refused(edge: Edge, issuer: Any) -> None:
    await assert_refused(edge, edge.token(iss=issuer))


@pytest.mark.parametrize("audience", ["00000000-0000-0000-0000-000000000000", [APP_ID], [APP_ID, "x"], None, ""])
async def test_t10_another_audience_is_refused(edge: Edge, audience: Any) -> None:
    await assert_refused(edge, edge.token(aud=audience))


@pytest.mark.parametrize("key_id", ["unknown", "", None, 7, ["key-0"]])
async def test_t11_a_key_nobody_published_is_refused(edge: Edge, key_id: Any) -> None:
    await assert_refused(edge, edge.token(headers={"kid": key_id}))


async def test_t11_a_key_the_caller_brings_along_is_never_fetched(edge: Edge) -> None:
    async with FakeEntra() as evil:
        address = f"{evil.url}/v1/.well-known/keys"
        for header in ({"jku": address}, {"x5u": address}, {"jwk": {"kty": "RSA"}}, {"crit": ["exp"]}):
            await assert_refused(edge, edge.token(headers=header))
            await assert_refused(edge, edge.token(headers=header | {"kid": "evil"}))
        assert evil.key_requests == 0


async def test_t12_a_token_for_another_service_url_is_refused(edge: Edge) -> None:
    await assert_refused(edge, edge.token(serviceurl="https://smba.trafficmanager.net/emea/"))


async def test_t13_an_activity_without_a_service_url_is_refused(edge: Edge) -> None:
    activity = edge.inbound.message(edge.person)
    del activity["serviceUrl"]
    assert (await edge.post(activity))[0] == 400
    assert edge.handler.turns == []


@pytest.mark.parametrize("issuer", EMULATOR_ISSUERS)
async def test_t14_an_emulator_token_is_refused_and_nobody_else_is_told_anything(edge: Edge, issuer: str) -> None:
    async with FakeTeams() as evil:
        token = edge.token(iss=issuer, appid=APP_ID, ver="1.0", serviceurl=evil.service_url)
        status, _ = await edge.post(edge.inbound.message(edge.person) | {"serviceUrl": evil.service_url}, token=token)
        assert status == 401
        assert evil.seen == []


@pytest.mark.parametrize("claim", ["appid", "azp"])
async def test_t15_another_bot_that_calls_us_as_a_skill_is_refused(edge: Edge, claim: str) -> None:
    await assert_refused(edge, edge.token(**{claim: "00000000-0000-0000-0000-000000000000", "ver": "2.0"}))


@pytest.mark.parametrize("endorsements", [None, [], ["webchat", "directline"]])
async def test_a_key_not_endorsed_for_teams_is_refused(edge: Edge, endorsements: list[str] | None) -> None:
    edge.entra.endorsements = endorsements
    await assert_refused(edge, edge.token())


async def test_a_token_seen_before_is_refused_once_it_has_expired(edge: Edge) -> None:
    token = edge.token()
    assert (await edge.post(edge.inbound.message(edge.person), token=token))[0] == 201
    edge.clock.advance(minutes=66)
    edge.handler.turns.clear()
    await assert_refused(edge, token)


async def test_a_token_seen_before_is_refused_once_its_key_was_withdrawn(edge: Edge) -> None:
    token = edge.token(exp=edge.clock.now().timestamp() + 10 * 24 * 3600)
    assert (await edge.post(edge.inbound.message(edge.person), token=token))[0] == 201
    edge.entra.rotate()
    await edge.keys.refresh()
    edge.handler.turns.clear()
    await assert_refused(edge, token)


async def test_refusals_are_counted_by_reason(edge: Edge) -> None:
    await assert_refused(edge, None)
    await assert_refused(edge, edge.token(aud="x"))
    async with edge.session.get(edge.url.replace("/api/messages", "/metrics")) as response:
        text = await response.text()
    assert 'ticketbot_auth_refusals_total{reason="no_token"} 1.0' in text
    assert 'ticketbot_auth_refusals_total{reason="audience"} 1.0' in text
