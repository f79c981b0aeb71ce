"""Which hosts a token may be sent to."""

import pytest

from app.bot.out.addresses import ServiceHosts, is_loopback, parse


@pytest.mark.parametrize(
    "address",
    [
        "https://smba.trafficmanager.net/amer/",
        "https://SMBA.trafficmanager.net/amer/b7a3f0de/",
        "https://smba.trafficmanager.net/amer/b7a3f0de-0000-4000-8000-000000000001",
        "https://smba.trafficmanager.net/amer-client-ss.msg/",
        "https://smba.trafficmanager.net/teams",
        "https://smba.trafficmanager.net:443/",
        "https://connector.example:8443/x",
        "http://127.0.0.1:5000/",
        "http://[::1]:5000/",
    ],
)
def test_a_listed_host_is_allowed(address: str) -> None:
    names = ["smba.trafficmanager.net", "connector.example:8443", "127.0.0.1:5000", "[::1]:5000"]
    assert ServiceHosts(names).allow(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://trafficmanager.net/",
        "https://a.smba.trafficmanager.net/",
        "https://smba.trafficmanager.net:8443/",
        "https://connector.example/",
        "http://smba.trafficmanager.net/",
        "https://smba.trafficmanager.net./",
        "https://user@smba.trafficmanager.net/",
        "https://evil.example/?https://smba.trafficmanager.net/",
        "https://smba.trafficmanager.net/?x=1",
        "https://smba.trafficmanager.net/#x",
        "https://smba.trafficmanager.net\\.evil.example/",
        "https://smba.trafficmanager.net:99999/",
        "https:///",
        "https://smba。trafficmanager.net/",
        " https://smba.trafficmanager.net/",
        "https://smba.trafficmanager.net/\n",
        "https://smba.trafficmanager.net/v3/conversations/19:it/members",
        "https://smba.trafficmanager.net/v3/",
        "https://smba.trafficmanager.net/amer/v3",
        "https://smba.trafficmanager.net/amer/../v3/",
        "https://smba.trafficmanager.net/amer/%2e%2e/",
        "https://smba.trafficmanager.net/amer%2f..%2fv3/",
        "https://smba.trafficmanager.net/amer//",
        "https://smba.trafficmanager.net/./",
        "https://smba.trafficmanager.net/a/b/c/d/",
        "https://smba.trafficmanager.net/" + "a" * 2000,
    ],
)
def test_any_other_is_not(address: str) -> None:
    assert not ServiceHosts(["smba.trafficmanager.net", "connector.example:8443"]).allow(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", "0.0.0.0", "2130706433", ""]
)
def test_nothing_else_is(host: str) -> None:
    assert not is_loopback(host)


def test_without_encryption_only_this_machine_is_spoken_to() -> None:
    assert parse("http://localhost:3978/x") is not None
    assert parse("http://example.com/x") is None
