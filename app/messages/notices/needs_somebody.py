"""A ticket is with somebody who no longer works for its line."""

from dataclasses import dataclass

from app.messages.notice import Notice, NoticeSample
from app.messages.registry import register


@register
@dataclass(frozen=True, slots=True)
class NeedsSomebody(Notice):
    """To whoever stands in for them, in the place of what they would have heard."""

    code = "needs_somebody"
    key = "notice.needs_somebody"
    quotes = True
    opens = True
    sample = NoticeSample(by="alex", words=("Seit heute wieder.", "It came back today."))
