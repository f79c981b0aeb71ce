"""What a category of the desk file does to its tickets."""

from tests.support.desk import Cast, desk_file, world


async def test_a_category_for_requests_makes_requests_whatever_the_employee_chose(address: str) -> None:
    text = desk_file(cast := Cast()).replace("other:   {name:", "other:   {kinds: request, name:")
    async with world(address, cast=cast, desk_text=text) as desk:
        assert (await desk.submit(category="other", kind="incident")).startswith("REQ-")
        assert (await desk.submit(category="vpn", kind="incident")).startswith("INC-")
