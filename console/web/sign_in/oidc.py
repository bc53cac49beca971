"""Signs people in with an OpenID Connect provider: authorization code, PKCE, nonce, roles from a claim."""

import hmac
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from console.web.sign_in.claims import UnusableIdentityError, account_of
from console.web.sign_in.pages import local_path
from console.web.sign_in.signed_tokens import ProviderUnreachableError, SignedTokens, fetch_json
from vedette.settings.console import OidcSettings

BEGIN: Final = "/sign-in/oidc"
_CALLBACK: Final = "/sign-in/oidc/callback"
_COOKIE: Final = "vedette-sign-in"
_TIMEOUT: Final = 10.0
_SECONDS: Final = 600


def _settings(request: ConsoleRequest) -> OidcSettings:
    found = request.services.settings.console.oidc
    if not found.issuer:
        raise NoSuchPageError
    return found


async def _discover(settings: OidcSettings) -> dict[str, Any]:
    """Return the provider's description of itself."""
    url = f"{settings.issuer}/.well-known/openid-configuration"
    found = await fetch_json(url)
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if str(found.get("issuer", "")).rstrip("/") != settings.issuer or not all(
        isinstance(found.get(name), str) for name in names
    ):
        raise ProviderUnreachableError(url, "its description lacks something, or names another issuer")
    return found


def _client(request: ConsoleRequest, settings: OidcSettings) -> Any:
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # noqa: PLC0415 - an extra

    secret = settings.client_secret
    client: Any = AsyncOAuth2Client(
        client_id=settings.client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        token_endpoint_auth_method="none" if secret is None else "client_secret_basic",
        redirect_uri=f"{request.services.address.url}{_CALLBACK}",
        scope="openid email profile",
        code_challenge_method="S256",
        timeout=_TIMEOUT,
    )
    return client


async def _begin(request: ConsoleRequest) -> Response:
    settings = _settings(request)
    described = await _discover(settings)
    state, attempt = await request.services.attempts.begin(local_path(request.query("next", "/")))
    async with _client(request, settings) as client:
        url, _ = client.create_authorization_url(
            described["authorization_endpoint"], state=state, nonce=attempt.nonce, code_verifier=attempt.verifier
        )
    response = RedirectResponse(url, 303)
    # The answer has to come to the browser that began: else others could sign it in as themselves.
    address = request.services.address
    response.set_cookie(
        _COOKIE, state, max_age=_SECONDS, path="/", httponly=True, samesite="lax", secure=address.is_secure
    )
    return response


async def _finish(request: ConsoleRequest) -> Response:
    settings = _settings(request)
    state = request.query("state")
    if not state or not hmac.compare_digest(state.encode(), request.http.cookies.get(_COOKIE, "").encode()):
        raise UnusableIdentityError("another browser began to sign in")
    attempt = await request.services.attempts.consume(state)
    if attempt is None:
        raise UnusableIdentityError("it was used, or took longer than ten minutes")
    if request.query("error") or not request.query("code"):
        raise UnusableIdentityError(request.query("error", "it has no code")[:80])
    described = await _discover(settings)
    token = await _exchange(request, settings, described["token_endpoint"], attempt.verifier)
    tokens = SignedTokens(described["jwks_uri"], described["issuer"], settings.client_id or "")
    claims = await tokens.check(token, nonce=attempt.nonce)
    if claims.get("email") and claims.get("email_verified") is not True:
        raise UnusableIdentityError("the e-mail address is not verified")
    secret = await request.services.sessions.create(account_of(claims, settings), "oidc")
    # A browser does not send a SameSite=Strict cookie with the rest of a redirection that began at another site.
    response = request.render("continue.html", here=attempt.path)
    address = request.services.address
    response.set_cookie(address.cookie, secret, path="/", httponly=True, samesite="strict", secure=address.is_secure)
    response.delete_cookie(_COOKIE, path="/")
    return response


async def _exchange(request: ConsoleRequest, settings: OidcSettings, endpoint: str, verifier: str) -> str:
    """Return the signed token of the person, for the code that the browser brought."""
    import httpx2  # noqa: PLC0415 - with the extra
    from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415 - an extra

    try:
        async with _client(request, settings) as client:
            answer: Any = await client.fetch_token(endpoint, code=request.query("code")[:2000], code_verifier=verifier)
    except AuthlibBaseError as error:
        raise UnusableIdentityError(str(error.error)[:80]) from None
    except (httpx2.HTTPError, ValueError) as error:
        raise ProviderUnreachableError(endpoint, type(error).__name__) from None
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise UnusableIdentityError("it has no id_token")
    return token


ROUTES: Final = (
    ConsoleRoute("GET", BEGIN, _begin, None),
    ConsoleRoute("GET", _CALLBACK, _finish, None),
)
