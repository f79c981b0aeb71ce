"""The first words in somebody's chat, and in a team."""

from dataclasses import dataclass

from app.cards import talk
from app.domain.views import Label, LineView
from app.messages.message import Example, Frame, Message, Reader, Samples, Shown
from app.messages.registry import register


@dataclass(frozen=True, slots=True)
class DeskView:
    """The desk by its name, and its lines."""

    name: Label
    lines: tuple[LineView, ...] = ()

    def title(self, reader: Reader) -> str:
        """The heading of a welcome."""
        return reader.text("talk.welcome_title", desk=self.name.text(reader.text.language))


@register
@dataclass(frozen=True, slots=True)
class Welcome(Message[DeskView]):
    """What the bot does, and the two buttons that matter."""

    code = "welcome"

    def look_up(self, at: Frame) -> DeskView:
        return DeskView(at.desk.name)

    def show(self, view: DeskView, reader: Reader) -> Shown:
        return Shown(view.title(reader), card=talk.welcome(reader.text, view.name))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[DeskView]:
        return Example("talk/welcome", cls(), DeskView(samples.desk_name))


@register
@dataclass(frozen=True, slots=True)
class TeamWelcome(Message[DeskView]):
    """What will happen in the team, and how a channel becomes a line's."""

    code = "team_welcome"

    def look_up(self, at: Frame) -> DeskView:
        return DeskView(at.desk.name, tuple(at.line_view(line) for line in at.desk.lines))

    def show(self, view: DeskView, reader: Reader) -> Shown:
        return Shown(view.title(reader), card=talk.team_welcome(reader.text, view.name, view.lines))

    @classmethod
    def in_gallery(cls, samples: Samples) -> Example[DeskView]:
        lines = samples.line("first"), samples.line("network")
        return Example("talk/team_welcome", cls(), DeskView(samples.desk_name, lines))
