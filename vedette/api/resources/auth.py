"""`sentry.auth`: the owner of the token, its scopes, and the regions of its organizations."""

from vedette.api.models import Identity, Region, Regions, User
from vedette.api.operations import OPERATIONS, Operation
from vedette.api.resources._caller import ApiResource


class Auth(ApiResource):
    """Checks of a token before its use."""

    async def whoami(self) -> Identity:
        """Read the scopes that the token really holds, and its user.

        Raises:
            NotAuthorized: the token is not valid.
        """
        return await self._core.read(Identity, self._core.call("auth.whoami"))

    async def missing(self, *operations: str) -> list[Operation]:
        """Return those of the named operations that the token's scopes do not allow."""
        held = (await self.whoami()).scopes
        return [OPERATIONS[name] for name in operations if not OPERATIONS[name].allowed_by(held)]

    async def person(self) -> User:
        """Read the owner of a person's token."""
        return await self._core.read(User, self._core.call("auth.person"))

    async def regions(self) -> list[Region]:
        """List the regions in which the person has organizations; absent on self-hosted."""
        return (await self._core.read(Regions, self._core.call("auth.regions"))).regions
