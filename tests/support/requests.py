"""What can be asked of a ticket, in one place for tests that ask for everything."""

from app.actions.accept import Accept
from app.actions.action import Inputs as Request
from app.actions.assign import Assign
from app.actions.classify import Classify
from app.actions.comment import Comment
from app.actions.confirm import Confirm
from app.actions.edit import Edit
from app.actions.escalate import Escalate
from app.actions.give_back import GiveBack
from app.actions.link import Link
from app.actions.note import Note
from app.actions.notify_manager import NotifyManager
from app.actions.nudge import Nudge
from app.actions.pend import Pend
from app.actions.rate import Rate
from app.actions.reopen import Reopen
from app.actions.reply import Reply
from app.actions.resolve import Resolve
from app.actions.resume import Resume
from app.actions.return_offer import Return
from app.actions.take import Take
from app.actions.take_over import TakeOver
from app.actions.unlink import Unlink
from app.actions.withdraw import Withdraw
from app.domain.requests import Prevention

__all__ = [
    "Accept",
    "Assign",
    "Classify",
    "Comment",
    "Confirm",
    "Edit",
    "Escalate",
    "GiveBack",
    "Link",
    "Note",
    "NotifyManager",
    "Nudge",
    "Pend",
    "Prevention",
    "Rate",
    "Reopen",
    "Reply",
    "Request",
    "Resolve",
    "Resume",
    "Return",
    "Take",
    "TakeOver",
    "Unlink",
    "Withdraw",
]
