"""Finds the sender of each request, checks its role, and turns errors into answers that say what to do."""

import math
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import structlog
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.web.container import ConsoleServices
from console.web.requests import ConsoleRequest, ConsoleRoute, FormTooLargeError, NoSuchPageError, json_error
from console.web.sign_in.claims import NoRoleError, UnusableIdentityError
from vedette._core.printable import error_text, printable
from vedette._core.user_error import UserError
from vedette.store.access.proposals import ProposalNotFoundError
from vedette.store.console.account import Account
from vedette.store.deliveries.deliveries import DeliveryNotFoundError
from vedette.store.runs.dead_letters import NotReplayableError

NOBODY = Account("nobody", "viewer")
_WRONG_USAGE = 2


def make_endpoint(services: ConsoleServices, route: ConsoleRoute) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a route for Starlette."""

    async def endpoint(http: Request) -> Response:
        request = ConsoleRequest(http, services, NOBODY)
        try:
            if route.role is not None:
                found = await _sender(services, http, is_api=route.is_api)
                if found is None:
                    return _ask_to_sign_in(request, route)
                request = ConsoleRequest(http, services, *found)
                http.scope.setdefault("state", {})["who"] = request.account.name
                if route.is_api and (wait := services.rates.take(request.account.name)):
                    return _too_many(wait)
                if not request.account.has_role(route.role):
                    return answer_error(request, route, _missing_role(request, route.role), 403)
            return await route.endpoint(request)
        except (DeliveryNotFoundError, NotReplayableError, UserError) as error:
            return answer_error(request, route, error_text(error), _status_of(error))
        except (RedisError, OSError) as error:
            structlog.get_logger().warning("Redis does not answer", problem=printable(str(error)))
            return answer_error(
                request, route, "Redis does not answer: nothing can be shown or ordered until it does", 503
            )

    return endpoint


def _status_of(error: Exception) -> int:
    if isinstance(error, DeliveryNotFoundError | ProposalNotFoundError | NoSuchPageError):
        return 404
    if isinstance(error, FormTooLargeError):
        return 413
    if isinstance(error, NoRoleError | UnusableIdentityError):
        return 403
    return 400 if isinstance(error, UserError) and error.exit_code == _WRONG_USAGE else 409


async def _sender(services: ConsoleServices, http: Request, *, is_api: bool) -> tuple[Account, str] | None:
    """Return the account that sends a request and the id of its session; None if sign-in is required."""
    authorization = http.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        found = await services.tokens.get(token.strip()) if is_api and scheme.lower() == "bearer" else None
        return None if found is None else (found.account, "")
    secret = http.cookies.get(services.address.cookie)
    session = None if not secret else await services.sessions.get(secret)
    if session is not None:
        return session.account, session.id
    account = None if services.proxy is None else await services.proxy.account(http.headers)
    return None if account is None else (account, "")


def _ask_to_sign_in(request: ConsoleRequest, route: ConsoleRoute) -> Response:
    if route.is_api:
        response = json_error(401, "No user is signed in: send a token as Authorization: Bearer vdtc_...")
        response.headers["www-authenticate"] = "Bearer"
        return response
    if route.method == "POST":
        return request.render("sign_in.html", status=401, next="/", is_expired=True)
    if request.http.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        # A browser sends no SameSite=Strict cookie with a link from another site, but does with a reload.
        return request.render("continue.html", here=_here(request))
    return RedirectResponse(request.url("/sign-in", next=_here(request)), 303)


def _too_many(wait: float) -> Response:
    response = json_error(429, "too many requests in a minute: wait as Retry-After says")
    response.headers["retry-after"] = str(math.ceil(wait))
    return response


def _here(request: ConsoleRequest) -> str:
    query = request.http.url.query
    return quote(request.http.url.path, safe="/:@") + (f"?{query}" if query else "")


def _missing_role(request: ConsoleRequest, role: str) -> str:
    return f"This takes the role {role}, and {request.account.name} is {request.account.role}: ask an operator for it"


def answer_error(request: ConsoleRequest, route: ConsoleRoute, sentence: str, status: int) -> Response:
    """Return an error as the page or the JSON that the route answers with."""
    if route.is_api:
        return json_error(status, sentence)
    return request.render("error.html", status=status, sentence=sentence, code=status)
