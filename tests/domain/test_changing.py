"""A changed ticket is what `dataclasses.replace` makes of it."""

from dataclasses import replace

import pytest

from app.domain.changing import changed
from app.domain.ticket import Status
from tests.domain.samples import a_ticket


def test_a_changed_ticket_has_the_new_values_and_else_its_own() -> None:
    before = a_ticket(title="VPN", comments=2)
    after = changed(before, status=Status.RESOLVED, resolution="Neu gestartet")
    assert after == replace(before, status=Status.RESOLVED, resolution="Neu gestartet")
    assert (before.status, before.resolution) == (Status.NEW, None)


def test_what_a_ticket_does_not_have_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="a ticket has no colour"):
        changed(a_ticket(), colour="red")  # type: ignore[call-arg]
