"""An operator changes the key of file links, and nobody who was given a link notices."""

from app.services import file_links
from app.services.file_links import ACCEPTED_FOR, TAKES_OVER_AFTER
from tests.journeys.test_files_in_chat import get, link_of, raise_with, upload
from tests.support.commands import Command
from tests.support.desk import FIRST, Cast, desk_file, world
from tests.support.files import FakeFileHost, png

PUBLIC_URL = "https://desk.example"


async def test_links_under_way_stay_good_while_a_new_key_takes_over(address: str) -> None:
    async with FakeFileHost() as host, world(address, file_hosts=("127.0.0.1",), public_url=PUBLIC_URL) as desk:
        number = await raise_with(desk, upload(host.address("shot", png()), "a.png"))
        stolen = await desk.database.read(file_links.known_keys)

        async def link() -> str:
            made = await link_of(desk, desk.cast.mara, number, channel=FIRST)
            assert made
            return made

        before = await link()
        await desk.database.write(lambda tx: file_links.rotate(tx, desk.clock.now()))
        between = await link()
        await desk.running.downloads.learn_keys()
        desk.clock.advance(seconds=TAKES_OVER_AFTER.total_seconds())
        after = await link()
        assert [(await get(desk, each))[0] for each in (before, between, after)] == [200, 200, 200]
        thief = file_links.FileLinks(stolen)
        assert [bool(thief.read(each.rpartition("/")[2], desk.clock.now())) for each in (between, after)] == [
            True,
            False,
        ]
        desk.clock.advance(seconds=ACCEPTED_FOR.total_seconds())
        attachment = (await desk.rows("SELECT id FROM attachments"))[0][0]
        forged = thief.link(PUBLIC_URL, attachment, desk.cast.mara.aad_id, desk.clock.now())
        assert ((await get(desk, forged))[0], (await get(desk, await link()))[0]) == (404, 200)


async def test_an_operator_changes_the_key_while_the_desk_serves(address: str, command: Command) -> None:
    cast = Cast()
    async with world(address, cast=cast) as desk:
        printed, complaints = await command(address, desk_file(cast), "filelinks", "rotate")
        keys = await desk.database.read(file_links.known_keys)
        await desk.running.downloads.learn_keys()
    assert (complaints, len(keys)) == ("", 2)
    assert printed.startswith("Links to files are signed with a new key from ")
    assert not [key for key in keys if key.value.hex() in printed or str(key.value) in printed]
