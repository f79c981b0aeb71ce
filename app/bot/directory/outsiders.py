"""Who of a roster is no agent all the same: guests, and people of other organisations."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.bot.out.connector import Member
from app.domain.errors import DomainError

GUEST, ANONYMOUS = "guest", "anonymous"


class NoAgent(DomainError):
    """Teams counts somebody among the members, and the desk does not count them among the agents."""

    key = "error.other_organisation"


class GuestIsNoAgent(NoAgent):
    """A guest of the organisation."""

    key = "error.guest"


@dataclass(frozen=True, slots=True)
class Insiders:
    """Whom Teams has to name for them to be agents: people of these tenants, with or without the guests among them.

    `tenants` is None without sign-in, where the tenant is nobody's word.
    """

    tenants: frozenset[str] | None
    with_guests: bool = False

    @classmethod
    def of(cls, tenants: Iterable[str], *, anonymous: bool, with_guests: bool) -> "Insiders":
        """The tenants that may come in at all."""
        return cls(None if anonymous else frozenset(each.strip().lower() for each in tenants), with_guests)

    def refusal(self, member: Member) -> NoAgent | None:
        """Why this member is no agent; None for one who is."""
        role, tenant = (member.role or "").casefold(), (member.tenant_id or "").lower()
        if role == GUEST:  # an account of the organisation itself, whatever tenant its person has their mail in
            return None if self.with_guests else GuestIsNoAgent()
        is_foreign = self.tenants is not None and tenant and tenant not in self.tenants
        return NoAgent() if is_foreign or role == ANONYMOUS else None
