"""Teams' HTML entities as the characters they stand for."""

import html
import re

_NUMBER = re.compile(r"&#(?=[0-9]{8})0*([0-9]{1,8})[0-9]*")


def unescape(text: str) -> str:
    """`html.unescape` for anybody's text: the library raises `ValueError` on a number of some thousand digits.

    A number beyond Unicode becomes U+FFFD, as browsers show it.
    """
    return html.unescape(_NUMBER.sub(r"&#\1", text) if "&#" in text else text)
