"""What a category of the desk file does to its tickets."""

from tests.support.desk import FIRST, Cast, desk_file, world


async def test_a_category_for_requests_makes_requests_whatever_the_employee_chose(address: str) -> None:
    text = desk_file(cast := Cast()).replace("other:   {name:", "other:   {kinds: request, name:")
    async with world(address, cast=cast, desk_text=text) as desk:
        assert (await desk.submit(category="other", kind="incident")).startswith("REQ-")
        assert (await desk.submit(category="vpn", kind="incident")).startswith("INC-")


async def test_who_goes_on_with_a_ticket_of_a_category_that_was_given_up_gets_one_that_is_in_use(address: str) -> None:
    cast = Cast()
    async with world(address, cast=cast, desk_text=desk_file(cast)) as desk:
        number = await desk.submit(category="vpn")
        about = {"desk": {"ticket": int(number[4:])}}
        await desk.click(cast.mara, "ticket.resolve", about | {"resolution": "Neu gestartet"}, channel=FIRST)
        await desk.click(cast.requester, "ticket.confirm", about)
    given_up = (
        desk_file(cast).replace("{name: VPN,", "{name: VPN, active: false,").replace("category: vpn, words", "words")
    )
    async with world(address, cast=cast, desk_text=given_up) as desk:
        await desk.click(cast.requester, "ticket.comment", about | {"text": "Es ist wieder kaputt"})
        rows = await desk.rows("SELECT category FROM tickets ORDER BY id")
    assert [row[0] for row in rows] == ["vpn", "other"]
