"""Where files are fetched from and where never; rows T50 and T51 of the threat table."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from botbuilder.schema import Activity, Attachment

from app.bot.files.file_addresses import FileHosts, Lookup, OpenInternet, PrivateAddress, is_public, parse
from app.bot.files.file_fetcher import FileFetcher, Offered, file_session, offered
from app.bot.out.addresses import ServiceHosts
from app.bot.out.credentials import TokenProvider
from app.domain.errors import DomainError
from app.domain.files import FileHostRefused, FileNotFetched
from tests.support.files import ELSEWHERE, FakeFileHost, pasted, png, upload

PUBLIC = "93.184.215.14"


def answers(*told: Sequence[str]) -> tuple[Lookup, list[str]]:
    """A name server that answers one after the other, and the names it was asked for."""
    asked: list[str] = []

    async def lookup(host: str) -> Sequence[str]:
        asked.append(host)
        return told[min(len(asked), len(told)) - 1]

    return lookup, asked


@dataclass
class Wire:
    evil: FakeFileHost
    fetcher: FileFetcher


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """A bot with Microsoft's hosts, whose every name leads to somebody listening on this machine."""
    lookup, _ = answers(["127.0.0.1"])
    async with AsyncExitStack() as stack:
        evil = await stack.enter_async_context(FakeFileHost())
        session = await stack.enter_async_context(file_session(lookup))
        hosts = ServiceHosts(["smba.trafficmanager.net"])
        tokens = TokenProvider(lambda _: {"access_token": "secret", "expires_in": 3600}, monotonic=lambda: 0.0)
        yield Wire(evil, FileFetcher(session, FileHosts(["*.sharepoint.com"]), hosts, tokens=tokens, scope="s"))


@pytest.mark.parametrize("kind", ["download", "picture"])
@pytest.mark.parametrize("url", ELSEWHERE)
async def test_t50_nothing_is_fetched_from_elsewhere(wire: Wire, url: str, kind: str) -> None:
    named = url.format(port=wire.evil.port)
    offer = Offered("download" if kind == "download" else "picture", "x.log", named)
    with pytest.raises(FileHostRefused):
        await wire.fetcher.fetch(offer, "https://smba.trafficmanager.net/amer/")
    assert wire.evil.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil-trafficmanager.net/v3/attachments/1/views/original",
        "https://evil.trafficmanager.net/v3/attachments/1/views/original",
        "https://smba.trafficmanager.net.evil.example/v3/attachments/1/views/original",
        "https://smba.trafficmanager.net:8443/v3/attachments/1/views/original",
        "https://contoso.sharepoint.com/v3/attachments/1/views/original",
    ],
)
async def test_t51_no_picture_is_asked_for_at_a_host_that_looks_like_the_connector(wire: Wire, url: str) -> None:
    (offer,) = offered(pasted(url))
    with pytest.raises(FileHostRefused):
        await wire.fetcher.fetch(offer, "https://smba.trafficmanager.net/amer/")


async def test_t51_no_picture_is_asked_for_where_the_activity_itself_came_from_elsewhere(wire: Wire) -> None:
    (offer,) = offered(pasted(wire.evil.address("x", png())))
    with pytest.raises(FileHostRefused):
        await wire.fetcher.fetch(offer, f"{wire.evil.url}/teams/")
    assert wire.evil.seen == []


async def test_t51_only_the_connector_sees_the_token_of_the_bot() -> None:
    async with AsyncExitStack() as stack:
        share = await stack.enter_async_context(FakeFileHost())
        teams = await stack.enter_async_context(FakeFileHost())
        session = await stack.enter_async_context(file_session())
        tokens = TokenProvider(lambda _: {"access_token": "secret", "expires_in": 3600}, monotonic=lambda: 0.0)
        service = f"{teams.url}/teams/"
        hosts = ServiceHosts([teams.host])
        fetcher = FileFetcher(session, FileHosts(["127.0.0.1"]), hosts, tokens=tokens, scope="s")
        (log,) = offered(upload(share.address("a.log", b"line")))
        (picture,) = offered(pasted(teams.picture(png())))
        (stray,) = offered(pasted(share.address("stray", png())))
        (await fetcher.fetch(log, service)).content.close()
        (await fetcher.fetch(picture, service)).content.close()
        with pytest.raises(FileHostRefused):
            await fetcher.fetch(stray, service)
        assert [(seen.path, seen.authorization) for seen in share.seen] == [("a.log", None)]
        assert [seen.authorization for seen in teams.seen] == ["Bearer secret"]


@pytest.mark.parametrize(
    "path",
    [
        "v3/conversations/19:it@thread.tacv2/members",
        "v3/conversations/19:it@thread.tacv2/pagedmembers?pageSize=500",
        "v3/conversations/a:ada/activities",
        "v3/attachments/1",
        "v3/attachments/1/views",
        "v3/attachments/1/views/",
        "v3/attachments/1/views/original/",
        "v3/attachments/1/views/original/more",
        "v3/attachments//views/original",
        "v3/attachments/1/views/original?x=1",
        "v3/attachments/1/views/original#x",
        "v3/attachments/1/views/original;x=1",
        "v3/attachments/../conversations/views/original",
        "v3/attachments/./views/original",
        "v3/attachments/%2e%2e/views/original",
        "v3/attachments/..%2fconversations%2f1/views/original",
        "v3/attachments/..%5cconversations/views/original",
        "v3/attachments/1/views/..",
        "v3/attachments/1/views/%2e%2e",
        "v3/attachments/1/views/original%00",
        "v3/attachments/1/views/original%3f",
        "v3/conversations/v3/attachments/1/views/original",
        "emea/../v3/attachments/1/views/original",
        "emea/%2e%2e/v3/attachments/1/views/original",
        "emea//v3/attachments/1/views/original",
        "v3/conversations/19%3ait/members/../../../v3/attachments/1/views/original",
        "emea/V3/Attachments/1/Views/original",
        "a/b/c/d/v3/attachments/1/views/original",
        "",
    ],
)
async def test_t51_the_connector_is_asked_for_what_somebody_attached_and_for_nothing_else(path: str) -> None:
    async with FakeFileHost() as teams, file_session() as session:
        tokens = TokenProvider(lambda _: {"access_token": "secret", "expires_in": 3600}, monotonic=lambda: 0.0)
        hosts = ServiceHosts([teams.host])
        fetcher = FileFetcher(session, FileHosts([]), hosts, tokens=tokens, scope="s")
        for kind in ("image/*", "audio/ogg"):
            named = Activity(attachments=[Attachment(content_type=kind, content_url=f"{teams.url}/{path}")])
            (offer,) = offered(named)
            with pytest.raises(FileHostRefused):
                await fetcher.fetch(offer, f"{teams.url}/teams/")
        assert teams.seen == []


@pytest.mark.parametrize(
    "address",
    [
        "{service}v3/attachments/0-weu-d8-c0eefd41d5780e60966d61f934e5de0b/views/original",
        "{origin}/emea/v3/attachments/0-weu-d8-c0eefd41d5780e60966d61f934e5de0b/views/original",
        "{origin}/emea/v3/attachments/0-weu-d9-2d6e2684c00a619f481fb8d0ca1d1ff1/views/imgo",
        "{origin}/amer-client-ss.msg/v3/attachments/0-cus-d7-e0ee4ec513aecf2e64124d1b11de2878/views/original",
        "{origin}/amer/def57894-de93-412b-8ce2-87faabe44453/v3/attachments/0-eus-d6-0d3d/views/original",
    ],
)
async def test_a_picture_is_fetched_from_every_address_that_teams_writes(address: str) -> None:
    async with FakeFileHost() as teams, file_session() as session:
        tokens = TokenProvider(lambda _: {"access_token": "secret", "expires_in": 3600}, monotonic=lambda: 0.0)
        fetcher = FileFetcher(session, FileHosts([]), ServiceHosts([teams.host]), tokens=tokens, scope="s")
        service = f"{teams.url}/amer/def57894-de93-412b-8ce2-87faabe44453/"
        url = address.format(service=service, origin=teams.url)
        teams.files[url.removeprefix(f"{teams.url}/")] = png()
        (offer,) = offered(pasted(url))
        with await fetcher.fetch(offer, service) as fetched:
            assert fetched.size == len(png())
        assert [seen.authorization for seen in teams.seen] == ["Bearer secret"]


async def test_t51_where_the_connector_leads_elsewhere_nobody_follows_with_the_token() -> None:
    async with FakeFileHost() as teams, FakeFileHost() as evil, file_session() as session:
        tokens = TokenProvider(lambda _: {"access_token": "secret", "expires_in": 3600}, monotonic=lambda: 0.0)
        fetcher = FileFetcher(session, FileHosts([]), ServiceHosts([teams.host]), tokens=tokens, scope="s")
        url = teams.picture(png())
        for status in (301, 302, 303, 307, 308):
            teams.redirects[url.removeprefix(f"{teams.url}/")] = (status, evil.picture(png()))
            (offer,) = offered(pasted(url))
            with pytest.raises(FileNotFetched):
                await fetcher.fetch(offer, f"{teams.url}/teams/")
        assert (len(teams.seen), evil.seen) == (5, [])


@pytest.mark.parametrize(
    "inside",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fe80::1%1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1", "::7f00:1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
    ],
)
async def test_t50_a_listed_name_that_leads_inside_is_refused(inside: str) -> None:
    assert not is_public(inside)
    for told in ([inside], [PUBLIC, inside], [inside, PUBLIC]):
        lookup, _ = answers(told)
        with pytest.raises(PrivateAddress):
            await OpenInternet(lookup).resolve("contoso.sharepoint.com", 443)


@pytest.mark.parametrize("address", [PUBLIC, "13.107.136.10", "2606:2800:21f:cb07::1", "64:ff9b::0d6b:880a"])
async def test_a_listed_name_leads_to_the_open_internet(address: str) -> None:
    lookup, _ = answers([address])
    (found,) = await OpenInternet(lookup).resolve("contoso.sharepoint.com", 443)
    assert (found["host"], found["port"]) == (address, 443)


async def test_this_machine_is_where_it_says_it_is() -> None:
    lookup, _ = answers([PUBLIC])
    with pytest.raises(PrivateAddress):
        await OpenInternet(lookup).resolve("localhost", 443)


async def test_t50_a_name_is_looked_up_once_and_the_address_checked_is_the_one_connected_to() -> None:
    lookup, asked = answers(["127.0.0.1"], ["127.0.0.9"])
    async with FakeFileHost() as share, file_session(lookup) as session:
        fetcher = FileFetcher(session, FileHosts(["localhost"]), ServiceHosts([]), tokens=None, scope="")
        url = share.address("a.log", b"line").replace("127.0.0.1", "localhost")
        (offer,) = offered(upload(url))
        with await fetcher.fetch(offer, "") as fetched:
            assert fetched.size == 4
        assert asked == ["localhost"]


async def test_a_name_nobody_knows_is_told_as_what_could_not_be_downloaded() -> None:
    async def unknown(_: str) -> Sequence[str]:
        raise OSError("no such name")

    async with file_session(unknown) as session:
        fetcher = FileFetcher(session, FileHosts(["*.sharepoint.com"]), ServiceHosts([]), tokens=None, scope="")
        with pytest.raises(DomainError) as refused:
            await fetcher.fetch(Offered("download", "x", "https://contoso.sharepoint.com/x"), "")
        assert refused.value.key == "error.file.not_fetched"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://contoso.sharepoint.com/x", True),
        ("https://contoso-my.SharePoint.com/x", True),
        ("https://files.example.com/x", True),
        ("https://a.files.example.com/x", False),
        ("https://contoso.de.sharepoint.com/x", False),
        ("https://contoso.sharepoint.com:8443/x", False),
        ("https://files.example.com:8443/x", False),
        ("https://Store.example.com:8443/x", True),
        ("https://store.example.com/x", False),
    ],
)
def test_a_star_is_one_label_and_the_port_is_the_usual_one_or_the_listed(url: str, allowed: bool) -> None:
    parsed = parse(url)
    assert parsed is not None
    assert FileHosts(["*.sharepoint.com", "files.example.com", "store.example.com:8443"]).allow(parsed) is allowed


@pytest.mark.parametrize("listed", ["10.0.0.5", "93.184.215.14", "169.254.169.254"])
def test_a_listed_number_is_no_host(listed: str) -> None:
    parsed = parse(f"https://{listed}/x")
    assert parsed is not None
    assert not FileHosts([listed], any_loopback=True).allow(parsed)


@pytest.mark.parametrize("url", ["http://contoso.sharepoint.com/x", "http://contoso.sharepoint.com:443/x"])
def test_a_file_is_fetched_with_https_only(url: str) -> None:
    assert parse(url) is None


@pytest.mark.parametrize(
    ("listed", "allowed"), [("127.0.0.1", True), ("127.0.0.1:5000", True), ("127.0.0.1:5001", False)]
)
def test_this_machine_can_be_listed_with_or_without_a_port(listed: str, allowed: bool) -> None:
    parsed = parse("https://127.0.0.1:5000/x")
    assert parsed is not None
    assert FileHosts([listed]).allow(parsed) is allowed


def test_a_signature_is_asked_for_letter_by_letter() -> None:
    signed = "https://contoso.sharepoint.com/_layouts/15/download.aspx?UniqueId=1&tempauth=v1.eyJ%2Fzp%3D~a+b%20c"
    assert str(parse(signed)) == signed


def test_without_sign_in_files_may_lie_on_this_machine() -> None:
    parsed = parse("http://127.0.0.1:5000/x")
    assert parsed is not None
    assert FileHosts(["*.sharepoint.com"], any_loopback=True).allow(parsed)
    assert not FileHosts(["*.sharepoint.com"]).allow(parsed)
