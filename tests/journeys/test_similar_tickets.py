"""Agents see what solved tickets like theirs, where they hand over or resolve."""

from tests.support.desk import FIRST, World


async def test_what_solved_a_similar_ticket_stands_above_the_forms(desk: World) -> None:
    mara = desk.cast.mara
    old = await desk.submit(title="VPN bricht nach Minuten ab", category="other")
    about = {"desk": {"ticket": int(old[4:])}}
    await desk.click(mara, "ticket.take", about, channel=FIRST)
    await desk.click(mara, "ticket.resolve", about | {"resolution": "Zertifikat erneuert"}, channel=FIRST)
    secret = await desk.submit(title="VPN bricht ab, vertraulich", description="vertraulich", category="other")
    hidden = {"desk": {"ticket": int(secret[4:])}}
    await desk.click(mara, "ticket.take", hidden, channel=FIRST)
    await desk.click(mara, "ticket.resolve", hidden | {"resolution": "Geheim"}, channel=FIRST)
    new = await desk.submit(title="VPN-Abbrüche seit gestern", category="other")
    for form in ("ticket.escalate.form", "ticket.resolve.form"):
        shown = str(await desk.click(mara, form, {"desk": {"ticket": int(new[4:])}}, channel=FIRST))
        assert old in shown
        assert "Zertifikat erneuert" in shown
        assert "Geheim" not in shown


async def test_many_duplicates_do_not_hide_what_solved_it(desk: World) -> None:
    mara = desk.cast.mara
    old = await desk.submit(title="VPN bricht ab", category="other")
    await desk.click(mara, "ticket.take", {"desk": {"ticket": int(old[4:])}}, channel=FIRST)
    solved = {"desk": {"ticket": int(old[4:])}, "resolution": "Zertifikat erneuert"}
    await desk.click(mara, "ticket.resolve", solved, channel=FIRST)
    main = await desk.submit(title="Drucker klemmt", category="other")
    for _ in range(6):
        same = await desk.submit(title="VPN bricht ab", category="other")
        link = {"other": main, "relation": "duplicate_of"}
        await desk.click(mara, "ticket.link", {"desk": {"ticket": int(same[4:])}, **link}, channel=FIRST)
    new = await desk.submit(title="VPN bricht ab", category="other")
    form = await desk.click(mara, "ticket.resolve.form", {"desk": {"ticket": int(new[4:])}}, channel=FIRST)
    assert "Zertifikat erneuert" in str(form)


async def test_a_ticket_that_was_merged_teaches_nothing(desk: World) -> None:
    mara = desk.cast.mara
    main, same = [await desk.submit(title=title, category="other") for title in ("Drucker klemmt", "VPN bricht ab")]
    link = {"other": main, "relation": "duplicate_of"}
    await desk.click(mara, "ticket.link", {"desk": {"ticket": int(same[4:])}, **link}, channel=FIRST)
    new = await desk.submit(title="VPN bricht ab seit gestern", category="other")
    form = await desk.click(mara, "ticket.resolve.form", {"desk": {"ticket": int(new[4:])}}, channel=FIRST)
    assert same not in str(form)
