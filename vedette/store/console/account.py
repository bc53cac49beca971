"""Defines who has signed in to the console, and with which role."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

Role = Literal["viewer", "approver", "operator"]
"""A role of the console; each may do what the one before it may."""
ROLES: Final[tuple[Role, ...]] = get_args(Role)
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Account:
    """A person, or a program with an API token, and its rights."""

    name: str
    """As the audit records it."""
    role: Role
    saves_rules: bool = False
    """True if it may save rules."""

    def has_role(self, role: Role) -> bool:
        """Return whether its role includes another one."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def to_facts(self) -> dict[str, Any]:
        """Return its stored form."""
        return asdict(self)


def role_named(text: object) -> Role | None:
    """Return the role of this name; None if there is none."""
    roles: dict[object, Role] = {role: role for role in ROLES}
    return roles.get(text) if isinstance(text, str) else None


def read_account(facts: dict[str, Any]) -> Account | None:
    """Return a stored account; None if it was altered, so that it signs no person in."""
    name, role, saves_rules = facts.get("name"), role_named(facts.get("role")), facts.get("saves_rules")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or role is None:
        return None
    return Account(name, role, saves_rules is True)
