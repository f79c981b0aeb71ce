"""Links to files, and what others make of them."""

import random
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest

from app.services.file_links import GOOD_FOR, Claim, FileLinks, link_key
from tests.domain.samples import NOON
from tests.store.samples import opened

FILE, ADA = "0123456789abcdef" * 2, "8c1f6a52-51a8-4b6e-9b69-6d2f2f0d1a11"
LINKS = FileLinks(b"k" * 32)


def token(reader: str = ADA) -> str:
    return LINKS.link("https://desk.example/bot/", FILE, reader, NOON).removeprefix("https://desk.example/bot/files/")


@pytest.mark.parametrize("reader", [ADA, "user-id-0", "Jörg: mit.Punkt"])
def test_a_link_is_read_as_it_was_made(reader: str) -> None:
    assert LINKS.read(token(reader), NOON) == Claim(FILE, reader)


def test_a_link_ends_after_a_quarter_of_an_hour() -> None:
    assert LINKS.read(token(), NOON + GOOD_FOR - timedelta(seconds=1))
    assert LINKS.read(token(), NOON + GOOD_FOR) is None


def test_a_link_of_another_desk_is_worth_nothing() -> None:
    assert FileLinks(b"x" * 32).read(token(), NOON) is None


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


def test_of_ten_thousand_forged_links_none_is_read() -> None:
    chance, good = random.Random(50), token()
    letters = string.ascii_letters + string.digits + "-_.:%/ äß\0"
    hits = 0
    for turn in range(10_000):
        made_up = "".join(chance.choices(letters, k=chance.randrange(200)))
        claim = good.partition(".")[0]
        forged = (made_up, f"{claim}.{made_up}", good[: chance.randrange(len(good))], f"{good}{made_up or 'x'}")[
            turn % 4
        ]
        hits += LINKS.read(forged, NOON) is not None
    assert hits == 0


async def test_every_replica_signs_with_the_same_key(address: str) -> None:
    async with opened(address) as one, opened(address) as another:
        key = await one.write(lambda tx: link_key(tx, NOON))
        assert await another.write(lambda tx: link_key(tx, NOON + timedelta(days=9))) == key
    assert len(key) == 32
