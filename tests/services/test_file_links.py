"""Links to files, and what others make of them."""

import random
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

import pytest

from app.services import file_links
from app.services.file_links import ACCEPTED_FOR, GOOD_FOR, TAKES_OVER_AFTER, Claim, FileLinks, link_keys, rotate
from app.store import secrets
from app.store.secrets import StoredKey
from tests.domain.samples import NOON
from tests.store.samples import opened

FILE, ADA = "0123456789abcdef" * 2, "8c1f6a52-51a8-4b6e-9b69-6d2f2f0d1a11"
LINKS = FileLinks([StoredKey(b"k" * 32, NOON)])
SECOND = timedelta(seconds=1)


def token(reader: str = ADA, links: FileLinks = LINKS, at: datetime = NOON) -> str:
    return links.link("https://desk.example/bot/", FILE, reader, at).removeprefix("https://desk.example/bot/files/")


@pytest.mark.parametrize("reader", [ADA, "user-id-0", "Jörg: mit.Punkt"])
def test_a_link_is_read_as_it_was_made(reader: str) -> None:
    assert LINKS.read(token(reader), NOON) == Claim(FILE, reader)


def test_a_link_ends_after_a_quarter_of_an_hour() -> None:
    assert LINKS.read(token(), NOON + GOOD_FOR - timedelta(seconds=1))
    assert LINKS.read(token(), NOON + GOOD_FOR) is None


def test_a_link_of_another_desk_is_worth_nothing() -> None:
    assert FileLinks([StoredKey(b"x" * 32, NOON)]).read(token(), NOON) is None


def test_a_link_with_any_letter_changed_is_worth_nothing() -> None:
    good = token()
    for place in range(len(good)):
        for other in "A.-":
            if good[place] != other:
                assert LINKS.read(good[:place] + other + good[place + 1 :], NOON) is None


def test_nobody_makes_a_link_for_somebody_else() -> None:
    claim, _, signature = token().partition(".")
    signed = urlsafe_b64decode(claim + "==")
    for forged in (signed.replace(ADA.encode(), b"eve"), signed.replace(FILE.encode(), b"f" * 32), b"9" + signed):
        assert LINKS.read(f"{urlsafe_b64encode(forged).rstrip(b'=').decode()}.{signature}", NOON) is None


def test_t37_of_ten_thousand_forged_links_none_is_read() -> None:
    """Nor while two keys are believed, one of them new."""
    chance, good = random.Random(50), token()
    links = FileLinks([StoredKey(b"k" * 32, NOON), StoredKey(b"n" * 32, NOON)])
    letters = string.ascii_letters + string.digits + "-_.:%/ äß\0"
    claim, _, signature = good.partition(".")
    hits = 0
    for turn in range(10_000):
        made_up = "".join(chance.choices(letters, k=chance.randrange(200)))
        as_long = "".join(chance.choices(string.ascii_letters + string.digits + "-_", k=len(signature)))
        forged = (made_up, f"{claim}.{as_long}", good[: chance.randrange(len(good))], f"{good}{made_up or 'x'}")
        hits += links.read(forged[turn % 4], NOON) is not None
    assert (hits, links.read(good, NOON)) == (0, Claim(FILE, ADA))


async def test_every_replica_signs_with_the_same_key(address: str) -> None:
    async with opened(address) as one, opened(address) as another:
        [key] = await one.write(lambda tx: link_keys(tx, NOON))
        assert await another.write(lambda tx: link_keys(tx, NOON + timedelta(days=9))) == (key,)
    assert len(key.value) == 32


async def test_a_new_key_takes_over_on_every_replica_and_no_link_breaks(address: str) -> None:
    """One replica looks at once, the other as late as it may: whatever one signs, the other reads."""
    async with opened(address) as database:
        first = FileLinks(await database.write(lambda tx: link_keys(tx, NOON)))
        late = FileLinks(await database.write(lambda tx: link_keys(tx, NOON)))
        rotated = NOON + timedelta(days=9)
        takes_over = await database.write(lambda tx: rotate(tx, rotated))
        assert takes_over - rotated == TAKES_OVER_AFTER > 2 * timedelta(seconds=file_links.LEARNT_EVERY)
        first.learn(await database.read(file_links.known_keys))
        old = token(links=first, at=rotated)
        assert late.read(old, rotated) == first.read(old, rotated) == Claim(FILE, ADA)
        last_old = token(links=late, at=takes_over - SECOND)
        assert first.read(last_old, takes_over) == Claim(FILE, ADA)
        late.learn(await database.read(file_links.known_keys))
        new = token(links=first, at=takes_over)
        assert late.read(new, takes_over) == Claim(FILE, ADA)
        assert late.read(last_old, takes_over - SECOND + GOOD_FOR - SECOND) == Claim(FILE, ADA)
        started_now = FileLinks(await database.write(lambda tx: link_keys(tx, takes_over)))
        assert started_now.read(new, takes_over) == Claim(FILE, ADA)
        assert token(links=started_now, at=takes_over) == new


async def test_t37_an_hour_after_a_new_key_took_over_the_old_one_opens_nothing(address: str) -> None:
    async with opened(address) as database:
        [stolen] = await database.write(lambda tx: link_keys(tx, NOON))
        rotated = NOON + timedelta(days=9)
        takes_over = await database.write(lambda tx: rotate(tx, rotated))
        links = FileLinks(await database.read(file_links.known_keys))
        for moment, is_believed in ((-SECOND, True), (timedelta(), False)):
            at = takes_over + ACCEPTED_FOR + moment
            assert (links.read(token(links=FileLinks([stolen]), at=at), at) is not None) is is_believed


async def test_who_rotates_again_and_again_breaks_no_link_and_keeps_no_old_key(address: str) -> None:
    async with opened(address) as database:
        await database.write(lambda tx: link_keys(tx, NOON))
        made: list[tuple[datetime, str]] = []
        for minute in range(0, 200, 5):
            now = NOON + timedelta(minutes=minute)
            await database.write(lambda tx, now=now: rotate(tx, now))  # type: ignore[misc]
            links = FileLinks(await database.read(file_links.known_keys))
            made.append((now, token(links=links, at=now)))
            under_way = [link for at, link in made if now < at + GOOD_FOR]
            assert [links.read(link, now) for link in under_way] == [Claim(FILE, ADA)] * len(under_way)
        kept = await database.read(lambda tx: secrets.keys(tx, "file_links"))
        assert len(kept) <= 15
        assert len({link.partition(".")[2] for _, link in made}) == len(made)


async def test_keys_of_another_name_are_left_alone(address: str) -> None:
    async with opened(address) as database:
        await database.write(lambda tx: secrets.make_first(tx, "filexlinks.7", now=NOON))
        await database.write(lambda tx: secrets.make_first(tx, "file_linksmore", now=NOON))
        assert len(await database.write(lambda tx: link_keys(tx, NOON))) == 1
