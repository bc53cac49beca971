"""Signs people in by a signed assertion that the reverse proxy in front of the console adds to each request."""

from starlette.datastructures import Headers

from console.web.sign_in.claims import UnusableIdentityError, account_of
from console.web.sign_in.signed_tokens import SignedTokens
from vedette.settings.console import ProxySettings
from vedette.store.console.account import Account


class ProxySignIn:
    """The assertions of one proxy."""

    def __init__(self, settings: ProxySettings) -> None:
        """Prepare.

        Raises:
            NotInstalledError: The extra `oidc` is not installed.
        """
        self._settings = settings
        self._header = settings.header or ""
        self._tokens = SignedTokens(settings.jwks_url or "", settings.issuer or "", settings.audience or "")

    async def account(self, headers: Headers) -> Account | None:
        """Return the account that a request's assertion names; None where the request has none.

        Raises:
            UnusableIdentityError: The assertion is not right, or there are several.
            NoRoleError: The person has no role.
            ProviderUnreachableError: The keys cannot be fetched.
        """
        found = headers.getlist(self._header)
        if not found:
            return None
        if len(found) > 1:
            raise UnusableIdentityError("there are several assertions")
        return account_of(await self._tokens.check(found[0]), self._settings)
