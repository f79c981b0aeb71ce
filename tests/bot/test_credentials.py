"""The bot's own tokens, from a small Entra through the real msal."""

import asyncio
import ssl
import threading
from pathlib import Path

import jwt
import pytest
import trustme

from app.bot.out.credentials import TokenProvider, TokenUnavailable, app_registration
from tests.support.edge import Clock, LogLines
from tests.support.entra import APP_ID, TENANT_ID, FakeEntra

SCOPE = "https://api.botframework.com/.default"


def provider(entra: FakeEntra, clock: Clock) -> TokenProvider:
    fetch = app_registration(APP_ID, TENANT_ID, entra.login_url, password="sesame-open")
    return TokenProvider(fetch, monotonic=clock.monotonic)


async def test_many_who_need_a_token_cause_one_request() -> None:
    clock = Clock()
    async with FakeEntra() as entra:
        tokens = provider(entra, clock)
        assert set(await asyncio.gather(*[tokens.token(SCOPE) for _ in range(30)])) == {"token-1"}
        clock.advance(minutes=40)
        assert await tokens.token(SCOPE) == "token-1"
        (asked,) = entra.token_requests
        assert (asked["client_id"], asked["scope"], asked["grant_type"]) == (APP_ID, SCOPE, "client_credentials")


async def test_a_login_server_on_this_machine_may_name_its_addresses_without_https() -> None:
    async with FakeEntra() as entra:
        entra.names = "http"
        assert await provider(entra, Clock()).token(SCOPE) == "token-1"


async def test_each_scope_has_its_own_token() -> None:
    async with FakeEntra() as entra:
        tokens = provider(entra, Clock())
        assert await tokens.token(SCOPE) == "token-1"
        assert await tokens.token("https://graph.microsoft.com/.default") == "token-2"
        assert await tokens.token(SCOPE) == "token-1"


async def test_at_four_fifths_of_its_life_a_token_is_renewed_without_anybody_waiting() -> None:
    clock = Clock()
    async with FakeEntra() as entra:
        tokens = provider(entra, clock)
        await tokens.token(SCOPE)
        clock.advance(minutes=49)
        assert await tokens.token(SCOPE) == "token-1"
        assert await tokens.token(SCOPE, unlike="token-1") == "token-2"  # the one already under way
        assert len(entra.token_requests) == 2


async def test_while_entra_is_away_the_old_token_serves_until_its_end(log_lines: LogLines) -> None:
    clock = Clock()
    async with FakeEntra() as entra:
        tokens = provider(entra, clock)
        await tokens.token(SCOPE)
        entra.error = "invalid_client"
        for _ in range(10):
            clock.advance(minutes=5)
            assert await tokens.token(SCOPE) == "token-1"
        clock.advance(minutes=10)
        with pytest.raises(TokenUnavailable, match="invalid_client"):
            await tokens.token(SCOPE)
        entra.error = None
        clock.advance(seconds=5)
        assert await tokens.token(SCOPE) != "token-1"
    assert "sesame-open" not in log_lines.text
    assert "AADSTS" not in log_lines.text


async def test_while_entra_is_away_it_is_not_asked_for_every_message() -> None:
    clock = Clock()
    async with FakeEntra() as entra:
        entra.error = "temporarily_unavailable"
        tokens = provider(entra, clock)
        for _ in range(20):
            with pytest.raises(TokenUnavailable):
                await tokens.token(SCOPE)
        assert len(entra.token_requests) == 1


async def test_an_entra_that_hangs_is_given_up_and_stops_nobody_else() -> None:
    released = threading.Event()
    tokens = TokenProvider(lambda _: {"waited": released.wait()}, monotonic=Clock().monotonic, timeout=0.05)
    with pytest.raises(TokenUnavailable, match="TimeoutError"):
        await tokens.token(SCOPE)
    released.set()


async def test_a_token_just_refused_is_replaced_by_a_fresh_one() -> None:
    async with FakeEntra() as entra:
        tokens = provider(entra, Clock())
        refused = await tokens.token(SCOPE)
        assert await tokens.token(SCOPE, unlike=refused) == "token-2"
        assert await tokens.token(SCOPE, unlike=refused) == "token-2"


async def test_one_caller_who_gives_up_does_not_take_the_token_from_the_others() -> None:
    async with FakeEntra() as entra:
        tokens = provider(entra, Clock())
        entra.answering.clear()
        impatient, patient = (asyncio.create_task(tokens.token(SCOPE)) for _ in range(2))
        await asyncio.sleep(0)
        impatient.cancel()
        entra.answering.set()
        assert await patient == "token-1"


async def test_a_certificate_serves_instead_of_a_secret_over_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    identity = authority.issue_cert("bot.example", key_type=trustme.KeyType.RSA)
    identity.private_key_and_cert_chain_pem.write_to_path(tmp_path / "bot.pem")
    async with FakeEntra(tls) as entra:
        fetch = app_registration(APP_ID, TENANT_ID, entra.login_url, certificate_file=tmp_path / "bot.pem")
        assert await TokenProvider(fetch, monotonic=Clock().monotonic).token(SCOPE) == "token-1"
        (asked,) = entra.token_requests
    assert "client_secret" not in asked
    claims = jwt.decode(asked["client_assertion"], options={"verify_signature": False})
    assert (claims["iss"], claims["aud"]) == (APP_ID, f"{entra.url}/{TENANT_ID}/oauth2/v2.0/token")
