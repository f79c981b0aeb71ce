"""The verbs of card actions, as they travel in `Action.Execute`."""

from enum import StrEnum


class Verb(StrEnum):
    """What can be done to an existing ticket."""

    TAKE = "ticket.take"
    GIVE_BACK = "ticket.give_back"
    ASSIGN = "ticket.assign"
    REPLY = "ticket.reply"
    NOTE = "ticket.note"
    PEND = "ticket.pend"
    RESUME = "ticket.resume"
    CLASSIFY = "ticket.classify"
    ESCALATE = "ticket.escalate"
    RESOLVE = "ticket.resolve"
    REOPEN = "ticket.reopen"
    ACCEPT = "offer.accept"
    RETURN = "offer.return"
    COMMENT = "ticket.comment"
    EDIT = "ticket.edit"
    WITHDRAW = "ticket.withdraw"
    CONFIRM = "ticket.confirm"
    RATE = "ticket.rate"
    NUDGE = "ticket.nudge"
    NOTIFY_MANAGER = "ticket.notify_manager"
    LINK = "ticket.link"
    UNLINK = "ticket.unlink"
    TAKE_OVER = "ping.take_over"

    @property
    def needs_inputs(self) -> bool:
        """Whether cards offer it as `<verb>.form` first."""
        return self not in _BARE

    @property
    def tells(self) -> str | None:
        """The input that holds what somebody wants to say by it, so that a button can stand for words said before."""
        return _TELL.get(self)

    @property
    def adds_text(self) -> bool:
        """Whether it only adds to the conversation, so that a card of an older version is no obstacle."""
        return self in {Verb.REPLY, Verb.NOTE, Verb.COMMENT, Verb.NOTIFY_MANAGER}


_TELL = {**dict.fromkeys((Verb.REPLY, Verb.NOTE, Verb.COMMENT), "text"), Verb.REOPEN: "reason"}
_BARE = frozenset(
    {
        *(Verb.TAKE, Verb.GIVE_BACK, Verb.RESUME, Verb.ACCEPT, Verb.WITHDRAW, Verb.CONFIRM),
        *(Verb.TAKE_OVER, Verb.UNLINK),
    }
)

# what else a button can ask for: a new ticket, a look at something, or what people and messages need
NEW = "ticket.new"
SUBMIT = "ticket.submit"
VIEW = "ticket.view"
RATE_AGAIN = "rating.change"
MINE = "tickets.mine"
QUEUE = "queue.page"
LIST = "list.page"
LIST_OPEN = "list.open"
SAVE_VIEW = "list.save"
FORGET_VIEW = "list.forget"
SET_LANGUAGE = "language.set"
ACKNOWLEDGE = "ping.acknowledge"
PREVENTION_DONE = "prevention.done"
PREVENTION_NAME = "prevention.name"
FILE = "file.open"
UNBIND = "channel.unbind"
RETRY = "delivery.retry"
DROP = "delivery.drop"
ARTICLE = "article.view"
ARTICLE_HELPED = "article.helped"
ARTICLE_NOT_HELPED = "article.not_helped"
ARTICLE_DRAFT = "article.draft"
ARTICLE_EDIT = "article.edit"
ARTICLE_PUBLISH = "article.publish"
