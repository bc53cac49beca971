"""People sign in with an OpenID Connect provider, or by the signed assertion of a proxy; forged ones sign nobody in."""

import base64
import hashlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.web.sign_in.claims import NoRoleError, UnusableIdentityError, account_of
from tests.console.web.consoles import RunningConsole, make_settings, running_console
from tests.http_servers import serving
from vedette.settings.console import ConsoleSettings, RoleSettings
from vedette.store.console.account import Account

CLIENT = "vedette"
ROLES = {"viewers": ["*@acme.example"], "approvers": ["leads"], "operators": ["sre", "ops-*"]}


@dataclass
class Issuer:
    """An identity provider, which can be told to lie."""

    url: str = ""
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}, auto_kid=True))
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    token: str = ""
    """Sent in place of a right token."""

    def sign(self, key: Any = None, algorithm: str = "RS256", **further: Any) -> str:
        """Return a token with the person's claims."""
        now = int(time.time())
        values = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "sub": "u1", **self.claims, **further}
        chosen = self.key if key is None else key
        return jwt.encode({"alg": algorithm, "kid": self.key.kid}, values, chosen, algorithms=[algorithm])

    def app(self) -> Starlette:
        routes = [
            Route("/.well-known/openid-configuration", self._describe),
            Route("/keys", self._keys),
            Route("/token", self._exchange, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _describe(self, _: Request) -> Response:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in names.items()}})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _exchange(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if (
            asked is None
            or asked["code_challenge"] != challenge.decode()
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = self.token or self.sign(nonce=asked["nonce"])
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def approve(self, url: str) -> dict[str, str]:
        """Answer an authorization request, as the provider's page does; return the parameters of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}


@asynccontextmanager
async def running_issuer() -> AsyncGenerator[Issuer]:
    issuer = Issuer(claims={"email": "inga@acme.example", "email_verified": True, "groups": ["sre"]})
    async with serving(issuer.app()) as url:
        issuer.url = url
        yield issuer


@dataclass
class Provided:
    console: RunningConsole
    issuer: Issuer

    async def begin(self, path: str = "/deliveries") -> tuple[dict[str, str], str]:
        """Begin to sign in; return the parameters of the way back, and the cookie."""
        answer = await self.console.http.get("/sign-in/oidc", params={"next": path})
        assert answer.status_code == 303, answer.text
        cookie = answer.headers["set-cookie"]
        assert "samesite=lax" in cookie.lower()
        return self.issuer.approve(answer.headers["location"]), cookie.partition(";")[0]

    async def finish(self, parameters: dict[str, str], cookie: str) -> httpx2.Response:
        headers = {"Cookie": cookie, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        headers["Sec-Fetch-Dest"] = "document"
        return await self.console.http.get("/sign-in/oidc/callback", params=parameters, headers=headers)


def signed_in(answer: httpx2.Response, console: RunningConsole) -> bool:
    return any(cookie.startswith(f"{console.cookie}=") for cookie in answer.headers.get_list("set-cookie"))


@pytest.fixture
async def provided(redis_url: str) -> AsyncIterator[Provided]:
    async with running_issuer() as issuer:
        oidc = {"issuer": issuer.url, "client_id": CLIENT, "client_secret": "a-secret-of-the-console", **ROLES}
        async with running_console(make_settings(redis_url, console={"oidc": oidc})) as console:
            yield Provided(console, issuer)


async def test_a_person_is_signed_in_with_the_role_of_the_group(provided: Provided) -> None:
    page = await provided.console.get("/sign-in", role=None)
    assert 'href="/sign-in/oidc' in page.text
    parameters, cookie = await provided.begin("/deliveries?q=issue%3AX")
    answer = await provided.finish(parameters, cookie)
    assert answer.status_code == 200, answer.text
    assert "/deliveries?q=issue%3AX" in answer.text
    (newest,) = [one for one in await provided.console.services.sessions.all() if one.way == "oidc"]
    assert newest.account == Account("inga@acme.example", "operator")
    assert signed_in(answer, provided.console)
    again = await provided.finish(parameters, cookie)
    assert again.status_code == 403
    assert not signed_in(again, provided.console)


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x"},
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "other"},
    "expired": {"exp": 1},
    "no end": {"exp": None},
    "unverified address": {"email_verified": False},
    "address of unknown standing": {"email_verified": None},
    "no role": {"email": "x@evil.example", "groups": ["guests"]},
    "nobody": {"email": None, "sub": ""},
}


@pytest.mark.parametrize("name", LIES)
async def test_an_answer_that_proves_nothing_signs_nobody_in(provided: Provided, name: str) -> None:
    parameters, cookie = await provided.begin()
    nonce = provided.issuer.codes[parameters["code"]]["nonce"]
    provided.issuer.token = provided.issuer.sign(**{"nonce": nonce, **LIES[name]})
    answer = await provided.finish(parameters, cookie)
    assert answer.status_code == 403, answer.text
    assert not signed_in(answer, provided.console)


def unsigned(token: str) -> str:
    head, body, _ = token.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    assert head
    return f"{none}.{body}."


FORGERIES = ("another key", "the public key as a shared secret", "no signature", "no token", "a long text")


def forge(issuer: Issuer, how: str, **claims: Any) -> str:
    """Return a token that the issuer did not sign."""
    shared = OctKey.import_key(json.dumps(issuer.key.as_dict(private=False)))
    return {
        "another key": issuer.sign(RSAKey.generate_key(2048), **claims),
        "the public key as a shared secret": issuer.sign(shared, "HS256", **claims),
        "no signature": unsigned(issuer.sign(**claims)),
        "no token": "inga@acme.example",
        "a long text": "a.b.c" * 5000,
    }[how]


@pytest.mark.parametrize("how", FORGERIES)
async def test_a_token_that_the_provider_did_not_sign_signs_nobody_in(provided: Provided, how: str) -> None:
    parameters, cookie = await provided.begin()
    provided.issuer.token = forge(provided.issuer, how, nonce=provided.issuer.codes[parameters["code"]]["nonce"])
    answer = await provided.finish(parameters, cookie)
    assert answer.status_code == 403, answer.text
    assert not signed_in(answer, provided.console)


async def test_the_answer_has_to_come_to_the_browser_that_began(provided: Provided) -> None:
    parameters, _ = await provided.begin()
    _, other = await provided.begin()
    for cookie in ("", other, "vedette-sign-in=x"):
        answer = await provided.finish(parameters, cookie)
        assert answer.status_code == 403
        assert not signed_in(answer, provided.console)


async def test_a_code_of_another_attempt_is_refused(provided: Provided) -> None:
    first, _ = await provided.begin()
    second, cookie = await provided.begin()
    answer = await provided.finish({**second, "code": first["code"]}, cookie)
    assert answer.status_code == 403
    assert "invalid_grant" in answer.text


async def test_without_a_provider_the_way_does_not_exist(console: RunningConsole) -> None:
    assert (await console.get("/sign-in/oidc", role=None)).status_code == 404
    assert (await console.get("/sign-in/oidc/callback?state=x&code=y", role=None)).status_code == 404


HEADER = "Cf-Access-Jwt-Assertion"


@pytest.fixture
async def proxied(redis_url: str) -> AsyncIterator[Provided]:
    async with running_issuer() as issuer:
        proxy = {"header": HEADER, "jwks_url": f"{issuer.url}/keys", "issuer": issuer.url, "audience": CLIENT, **ROLES}
        async with running_console(make_settings(redis_url, console={"proxy": proxy})) as console:
            yield Provided(console, issuer)


async def test_a_signed_assertion_signs_in_and_a_forged_one_does_not(proxied: Provided) -> None:
    page = await proxied.console.http.get("/me", headers={HEADER: proxied.issuer.sign()})
    assert page.status_code == 200
    assert "inga@acme.example" in page.text
    viewer = proxied.issuer.sign(groups=[])
    order = {"Sec-Fetch-Site": "same-origin", HEADER: viewer}
    assert (await proxied.console.http.post("/pause", headers=order)).status_code == 403
    forged = [forge(proxied.issuer, how) for how in FORGERIES[:-1]]
    lies: list[dict[str, Any]] = [{"aud": "other"}, {"iss": "https://evil.example"}, {"exp": 1}]
    forged += [proxied.issuer.sign(**lie) for lie in lies]
    for token in forged:
        assert (await proxied.console.http.get("/me", headers={HEADER: token})).status_code == 403
    twice = [(HEADER, proxied.issuer.sign()), (HEADER, proxied.issuer.sign())]
    assert (await proxied.console.http.get("/me", headers=twice)).status_code == 403
    assert (await proxied.console.http.get("/me")).status_code == 303


async def test_a_new_key_of_the_issuer_is_fetched(proxied: Provided, monkeypatch: pytest.MonkeyPatch) -> None:
    from console.web.sign_in import signed_tokens  # noqa: PLC0415 - for its constant

    monkeypatch.setattr(signed_tokens, "_RETRY", 0.0)
    assert (await proxied.console.http.get("/me", headers={HEADER: proxied.issuer.sign()})).status_code == 200
    proxied.issuer.key = RSAKey.generate_key(2048, {"kid": "second"}, auto_kid=True)
    assert (await proxied.console.http.get("/me", headers={HEADER: proxied.issuer.sign()})).status_code == 200


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"sub": "u1", "groups": ["ops-night"]}, Account("u1", "operator")),
        ({"sub": "u1", "groups": "leads"}, Account("u1", "approver")),
        ({"sub": "u1", "email": "kim@acme.example"}, Account("kim@acme.example", "viewer")),
        ({"sub": "u1", "groups": ["sre", "leads"]}, Account("u1", "operator")),
        ({"sub": "u1", "groups": {"sre": True}}, NoRoleError),
        ({"sub": "u1", "groups": [["sre"]]}, NoRoleError),
        ({"sub": "u1"}, NoRoleError),
        ({"groups": ["sre"]}, UnusableIdentityError),
        ({"sub": "a\nb", "groups": ["sre"]}, UnusableIdentityError),
        ({"sub": "x" * 200, "groups": ["sre"]}, UnusableIdentityError),
    ],
)
def test_roles_come_from_claims(claims: dict[str, Any], expected: Any) -> None:
    roles = RoleSettings.model_validate(ROLES)
    if isinstance(expected, Account):
        assert account_of(claims, roles) == expected
    else:
        with pytest.raises(expected):
            account_of(claims, roles)


def test_settings_that_would_prove_nothing_are_refused() -> None:
    for values in ({"proxy": {"header": "X-User"}}, {"oidc": {"issuer": "https://id.example"}}):
        with pytest.raises(ValidationError):
            ConsoleSettings.model_validate(values)
