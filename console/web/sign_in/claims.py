"""Derives an account, a name and a role, from the claims of an identity provider."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from vedette._core.json_values import json_list
from vedette._core.printable import cropped, printable
from vedette._core.user_error import UserError
from vedette.settings.console import RoleSettings
from vedette.store.console.account import Account, Role

_LONGEST = 120


class NoRoleError(UserError):
    """An identity provider vouches for a person without a role in the settings."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{printable(cropped(name, _LONGEST))} has no role here: an operator adds a group, or the e-mail address, "
            "to viewers, approvers or operators in vedette.toml"
        )


class UnusableIdentityError(UserError):
    """The answer of an identity provider does not prove an identity."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The identity provider's answer cannot be used ({reason}): sign in again, or ask an operator")


def account_of(claims: Mapping[str, Any], roles: RoleSettings) -> Account:
    """Return the account of the person that claims are about.

    Args:
        claims: Claims with a signature, issuer, audience and times that were checked.
        roles: The groups and addresses of each role.

    Raises:
        UnusableIdentityError: They have no name, or an e-mail address that was not verified.
        NoRoleError: No role is given to the person.
    """
    email = claims.get("email")
    if isinstance(email, str) and email and claims.get("email_verified") is False:
        raise UnusableIdentityError("the e-mail address is not verified")
    name = email or claims.get("preferred_username") or claims.get("sub")
    if not isinstance(name, str) or not name or not name.isprintable() or len(name) > _LONGEST:
        raise UnusableIdentityError("it names nobody")
    given: Any = claims.get(roles.claim)
    listed = json_list(given) or [given]
    names = {one for one in (*listed, email) if isinstance(one, str) and one}
    return Account(name, _role_of(names, roles, name))


def _role_of(names: set[str], roles: RoleSettings, name: str) -> Role:
    of_roles: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("operator", roles.operators),
        ("approver", roles.approvers),
        ("viewer", roles.viewers),
    )
    for role, patterns in of_roles:
        if "*" in patterns or any(fnmatchcase(one, pattern) for pattern in patterns for one in names):
            return role
    raise NoRoleError(name)
