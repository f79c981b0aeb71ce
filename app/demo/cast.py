"""Who plays in the demo. People, team and channels are those of playground/m365agentsplayground.yml."""

from dataclasses import dataclass

TENANT = "00000000-0000-0000-0000-000000000001"
BOT = "00000000-0000-0000-0000-00000000000011"
BOT_NAME = "IT Service"
TEAM = "team-id"
FIRST_LINE = "team-id"
SECOND_LINE = "channel-announcements-id"
CHANNELS = {FIRST_LINE: "First line's channel", SECOND_LINE: "Second line's channel"}
PERSONAL_CHAT = "personal-chat-id"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a Teams client. The directory id is the same as the Teams id."""

    id: str
    name: str
    locale: str = "en-US"


ALEX = Person("user-id-0", "Alex Wilber")
MEGAN = Person("user-id-1", "Megan Bowen")
ADELE = Person("user-id-2", "Adele Vance")
ISAIAH = Person("user-id-3", "Isaiah Langer")
PATTI = Person("user-id-4", "Patti Fernandez")
LYNNE = Person("user-id-5", "Lynne Robbins", "de-DE")
EVERYBODY = (ALEX, MEGAN, ADELE, ISAIAH, PATTI, LYNNE)
