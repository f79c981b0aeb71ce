"""Names of what messages repeat, as copies are kept under them (`copies.py`)."""


def words_of_event(event: int) -> str:
    """The name of what somebody said when this happened, for the messages that repeat it."""
    return f"event:{event}"


def words_of_draft(key: str) -> str:
    """The name of what somebody said under this key, for the question that quotes it."""
    return f"draft:{key}"


def words_of_binding(binding: int) -> str:
    """The name under which the notices of a binding are remembered."""
    return f"binding:{binding}"
