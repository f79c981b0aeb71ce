"""What a process remembers of those who write to the bot, while other processes hear from them, too."""

from app.bot.directory.contacts import Contacts
from app.services import people
from app.services.people import Contact
from app.store import people as people_store
from tests.store.samples import opened
from tests.support.edge import Clock

ADA = Contact("a:ada", "personal", "https://teams", "28:bot", "t", None, "ada", "Ada", "29:ada", "de-DE", None)


async def test_a_language_that_was_chosen_at_another_process_is_spoken_at_this_one(address: str) -> None:
    clock = Clock()
    async with opened(address) as database:
        here = Contacts(database, clock.now, miss=lambda _: None)
        assert await here.meet(ADA) == "de-DE"
        await database.write(lambda tx: people_store.choose_language(tx, "ada", "en", clock.now()))
        clock.advance(seconds=2)
        spoken = await here.meet(ADA)
        assert spoken == ("en" if database.is_shared else "de-DE")  # alone it hears of every choice itself
        here.forget("ada")
        assert await here.meet(ADA) == "en"
        assert (await database.read(lambda tx: people.profile(tx, "ada"))).language == "en"
