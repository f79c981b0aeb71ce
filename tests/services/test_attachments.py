"""How much anybody may send, where a file belongs, and when it goes; row T55 of the threat table."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, text

from app.domain.errors import DomainError
from app.domain.files import MEGABYTE, Attachment
from app.domain.views import NO_FILES
from app.services import attachments
from app.services.attachments import Place
from app.store.database import Database
from tests.domain.samples import NOON
from tests.store.samples import added, opened

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FORM = Place(form="f1")


def kept(
    tx: Connection,
    person: str = "ada",
    place: Place = FORM,
    content: tuple[bytes, ...] = (b"line",),
    now: datetime = NOON,
) -> Attachment:
    """A file that went all the way."""
    begun = attachments.begin(tx, person, "a.log", place, now)
    attachments.measured(tx, begun, person, "a.log", sum(map(len, content)), NOON)
    for number, part in enumerate(content):
        attachments.add_part(tx, begun, number, part)
    whole = attachments.finish(tx, begun, name="a.log", content_type="text/plain", sha256="0" * 64)
    assert whole
    return whole


async def sends(database: Database, person: str, *, size: int = 0, after: timedelta = timedelta()) -> str | None:
    """Whether a person's file was taken, or the key of the refusal."""

    def unit(tx: Connection) -> None:
        begun = attachments.begin(tx, person, "a.log", FORM, NOON + after)
        attachments.measured(tx, begun, person, "a.log", size, NOON + after)

    try:
        await database.write(unit)
    except DomainError as refused:
        return refused.key.removeprefix("error.file.")
    return None


async def test_a_file_is_read_back_as_it_came(address: str) -> None:
    async with opened(address) as database:
        whole = await database.write(partial(kept, content=(b"Zeile\0", b"\xff\xfe")))
        assert await database.read(lambda tx: attachments.find(tx, whole.id)) == whole
        parts = [await database.read(partial(attachments.part, attachment=whole.id, number=n)) for n in range(3)]
    assert parts == [b"Zeile\0", b"\xff\xfe", None]
    assert (whole.name, whole.size, whole.person, whole.ticket, whole.created_at) == ("a.log", 8, "ada", None, NOON)


async def test_nobody_sees_a_file_that_is_not_whole(address: str) -> None:
    async with opened(address) as database:
        begun = await database.write(lambda tx: attachments.begin(tx, "ada", "a.log", FORM, NOON))
        await database.write(lambda tx: attachments.add_part(tx, begun, 0, b"half"))
        assert await database.read(lambda tx: attachments.find(tx, begun)) is None
        assert await database.read(lambda tx: attachments.of_form(tx, "ada", "f1")) == ()


async def test_files_wait_for_their_form_and_become_the_tickets(address: str) -> None:
    async with opened(address) as database:
        first = await database.write(kept)
        late = await database.write(lambda tx: attachments.begin(tx, "ada", "late.log", FORM, NOON + DAY))
        await database.write(partial(kept, place=Place(form="other")))
        await database.write(partial(kept, person="eve"))
        ticket = (await database.write(added)).id
        joined = await database.write(lambda tx: attachments.join(tx, "ada", "f1", ticket=ticket, event=7))
        assert joined == 2
        whole = await database.write(
            lambda tx: attachments.finish(tx, late, name="late.log", content_type="text/plain", sha256="0" * 64)
        )
        its = await database.read(lambda tx: attachments.of_ticket(tx, ticket))
        assert ([each.id for each in its.latest], its.earlier) == ([first.id, late], 0)
        assert whole is not None
        assert (whole.ticket, whole.event) == (ticket, 7)
        assert await database.read(lambda tx: attachments.of_form(tx, "ada", "f1")) == ()
        assert len(await database.read(lambda tx: attachments.of_form(tx, "eve", "f1"))) == 1


async def test_a_file_of_one_ticket_is_not_taken_over_by_another(address: str) -> None:
    async with opened(address) as database:
        ticket, other = (await database.write(added)).id, (await database.write(added)).id
        await database.write(kept)
        await database.write(lambda tx: attachments.join(tx, "ada", "f1", ticket=ticket))
        assert await database.write(lambda tx: attachments.join(tx, "ada", "f1", ticket=other)) == 0
        assert await database.read(lambda tx: attachments.of_ticket(tx, other)) == NO_FILES


async def test_a_file_sent_with_a_comment_is_the_tickets_at_once(address: str) -> None:
    async with opened(address) as database:
        ticket = (await database.write(added)).id
        await database.write(partial(kept, place=Place(ticket=ticket, event=3)))
        its = await database.read(lambda tx: attachments.of_ticket(tx, ticket))
        kept_whole = await database.read(lambda tx: attachments.find(tx, its.latest[0].id))
    assert kept_whole is not None
    assert (kept_whole.ticket, kept_whole.event) == (ticket, 3)


async def test_of_very_many_files_a_ticket_tells_the_latest_and_how_many_are_before_them(address: str) -> None:
    async with opened(address) as database:
        ticket = (await database.write(added)).id
        sent = [
            await database.write(partial(kept, person=f"p{turn}", place=Place(ticket=ticket), now=NOON + turn * HOUR))
            for turn in range(23)
        ]
        ids, shown, before = [each.id for each in sent], [], None
        while before != 0:
            some = await database.read(partial(attachments.of_ticket, ticket=ticket, before=before))
            shown.append([each.id for each in some.latest])
            before = some.earlier
        assert shown == [ids[13:], ids[3:13], ids[:3]]
        for odd in (0, -5):
            assert await database.read(partial(attachments.of_ticket, ticket=ticket, before=odd)) == NO_FILES
        assert len((await database.read(partial(attachments.of_ticket, ticket=ticket, before=10**12))).latest) == 10


async def test_t55_twenty_files_a_minute_are_the_most_and_others_do_not_notice(address: str) -> None:
    async with opened(address) as database:
        assert [await sends(database, "ada") for _ in range(22)] == [None] * 20 + ["too_many_now"] * 2
        assert await sends(database, "eve") is None
        assert await sends(database, "ada", after=timedelta(seconds=59)) == "too_many_now"
        assert await sends(database, "ada", after=timedelta(seconds=60)) is None


async def test_t55_two_hundred_files_a_day_are_the_most(address: str) -> None:
    async with opened(address) as database:
        for turn in range(200):
            assert await sends(database, "ada", after=timedelta(minutes=turn)) is None
        assert await sends(database, "ada", after=timedelta(minutes=300)) == "too_many_today"
        assert await sends(database, "eve", after=timedelta(minutes=300)) is None
        assert await sends(database, "ada", after=DAY) is None


async def test_t55_two_hundred_megabytes_a_day_are_the_most(address: str) -> None:
    async with opened(address) as database:
        for turn in range(19):
            assert await sends(database, "ada", size=10 * MEGABYTE, after=timedelta(minutes=turn)) is None
        assert await sends(database, "ada", size=9 * MEGABYTE, after=timedelta(hours=1)) is None
        assert await sends(database, "ada", size=2 * MEGABYTE, after=timedelta(hours=2)) == "too_much_today"
        assert await sends(database, "ada", size=MEGABYTE, after=timedelta(hours=3)) is None
        assert await sends(database, "ada", after=timedelta(hours=4)) == "too_much_today"
        assert await sends(database, "eve", size=10 * MEGABYTE, after=timedelta(hours=4)) is None
        assert await sends(database, "ada", size=MEGABYTE, after=timedelta(hours=25)) is None


async def forgotten(database: Database, now: datetime) -> int:
    """Tidy up until nothing is left to do; returns how many steps that took."""
    steps = 1
    while await database.write(lambda tx: attachments.forget(tx, now)):
        steps += 1
    return steps


async def stored(database: Database) -> tuple[set[str], set[str]]:
    """The files there are bytes of, and those there is a row of."""

    def unit(tx: Connection) -> tuple[set[str], set[str]]:
        asked = ("SELECT attachment FROM attachment_parts", "SELECT id FROM attachments")
        parts, rows = (set(tx.execute(text(each)).scalars()) for each in asked)
        return parts, rows

    return await database.read(unit)


async def test_a_file_no_ticket_wanted_goes_after_a_week_with_its_bytes(address: str) -> None:
    async with opened(address) as database:
        ticket = (await database.write(added)).id
        unused = await database.write(kept)
        theirs = await database.write(partial(kept, place=Place(ticket=ticket)))
        begun = await database.write(lambda tx: attachments.begin(tx, "ada", "b.log", Place(ticket=ticket), NOON))
        await forgotten(database, NOON + 7 * DAY)
        assert await stored(database) == ({unused.id, theirs.id}, {unused.id, theirs.id, begun})
        await forgotten(database, NOON + 8 * DAY)
        assert await stored(database) == ({theirs.id}, {theirs.id})


async def test_large_files_go_little_by_little_and_nobody_gets_half_of_one(address: str) -> None:
    async with opened(address) as database:
        ticket = (await database.write(added)).id
        large = [await database.write(partial(kept, content=(b"x",) * 20)) for _ in range(2)]
        assert await database.write(lambda tx: attachments.forget(tx, NOON + 8 * DAY))
        assert [await database.read(partial(attachments.find, attachment=each.id)) for each in large] == [None, None]
        await database.write(lambda tx: attachments.join(tx, "ada", "f1", ticket=ticket))
        assert await database.read(lambda tx: attachments.of_ticket(tx, ticket)) == NO_FILES
        assert await forgotten(database, NOON + 8 * DAY) > 2
        assert await stored(database) == (set(), set())


async def test_a_file_deleted_while_it_arrived_is_not_taken_for_kept(address: str) -> None:
    async with opened(address) as database:
        begun = await database.write(lambda tx: attachments.begin(tx, "ada", "a.log", FORM, NOON))
        await forgotten(database, NOON + 8 * DAY)
        gone = await database.write(
            lambda tx: attachments.finish(tx, begun, name="a.log", content_type="text/plain", sha256="0" * 64)
        )
    assert gone is None


@pytest.mark.parametrize("attachment", ["", "0" * 32, "x" * 500])
async def test_a_file_nobody_sent_is_none(address: str, attachment: str) -> None:
    async with opened(address) as database:
        assert await database.read(lambda tx: attachments.find(tx, attachment)) is None
