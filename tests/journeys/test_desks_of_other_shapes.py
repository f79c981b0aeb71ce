"""Desk files as companies write them: a team's other id, agents by name, lines that get their channel later."""

from tests.support.desk import FIRST, FIRST_TEAM, NETWORK, NETWORK_TEAM, Cast, button, desk_file, verbs, world
from tests.support.inbound import Person

GROUP_ID = "0c9f5a1e-1111-4222-8333-444455556666"


async def test_agents_are_found_by_their_channel_where_the_desk_file_names_the_group_instead_of_the_team(
    address: str,
) -> None:
    cast = Cast()
    text = desk_file(cast).replace(FIRST_TEAM, GROUP_ID)
    async with world(address, cast=cast, desk_text=text) as desk:
        desk.teams.roster(FIRST, cast.mara, cast.tom)
        number = await desk.submit()
        taken = await desk.press(cast.mara, desk.line_card(FIRST, number), "ticket.take")
        assert "Mara Klein" in str(taken)
        refused = await desk.press(cast.stranger, desk.line_card(FIRST, number), "ticket.give_back")
        assert isinstance(refused, str)
        asked = [seen.path for seen in desk.teams.seen if GROUP_ID in seen.path]
        assert len(asked) == len(set(asked)), "a team that Teams does not know is not asked for at every click"


async def test_a_colleague_named_in_the_desk_file_is_assigned_by_name_before_they_ever_wrote(address: str) -> None:
    cast = Cast()
    agents = f'agents: ["{cast.mara.aad_id}", "{cast.tom.aad_id}"]'
    text = desk_file(cast).replace(f'team: "{FIRST_TEAM}",', f'team: "{FIRST_TEAM}", {agents},')
    async with world(address, cast=cast, desk_text=text) as desk:
        number = await desk.submit()
        form = await desk.press(cast.mara, desk.line_card(FIRST, number), "ticket.assign.form")
        assert "Tom Berg" in str(form)
        assigned = button(form, "ticket.assign") | {"assignee": cast.tom.aad_id}
        await desk.click(cast.mara, "ticket.assign", assigned, channel=FIRST)
        assert "Tom Berg" in desk.living_card(cast.requester, number).words
        assert cast.tom.aad_id not in desk.words(cast.requester.chat_id)
        outsider = Person("Otto Outside")
        desk.teams.roster(FIRST_TEAM, cast.mara, cast.tom, outsider)
        assert isinstance(await desk.press(outsider, desk.line_card(FIRST, number), "ticket.give_back"), str)


async def test_tickets_for_a_line_without_a_channel_wait_until_an_admin_binds_one(address: str) -> None:
    cast = Cast()
    text = desk_file(cast).replace(f'channel: "{NETWORK}", team: "{NETWORK_TEAM}",', "")
    async with world(address, cast=cast, desk_text=text) as desk:
        number = await desk.submit(title="WLAN offline")
        assert "Netzwerk" in desk.living_card(cast.requester, number).words
        assert not desk.messages(NETWORK)
        await desk.write(cast.admin, "zustellung")
        assert "Die Linie hat noch keinen Kanal" in desk.words(cast.admin.chat_id)
        await desk.write(cast.admin, "einrichten network", channel=NETWORK)
        desk.teams.roster(NETWORK, cast.nina)
        card = desk.line_card(NETWORK, number)
        assert "WLAN offline" in card.words
        taken = await desk.press(cast.nina, card, "ticket.take")
        assert "ticket.give_back" in verbs(taken)
