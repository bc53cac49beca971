"""Answers the routes of sign-in: the page, one-time links, signing out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from console.web.preferences import keep_preferences
from console.web.requests import ConsoleRequest, ConsoleRoute

if TYPE_CHECKING:
    from console.web.container import ConsoleServices


@dataclass(frozen=True)
class SignInWay:
    """A means of sign-in besides the one-time link."""

    path: str
    title: str


def local_path(text: str) -> str:
    """Return a path of the console to go to; the first page for anything else, such as another site's address."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return text if is_path else "/"


def sign_in_response(request: ConsoleRequest, secret: str, path: str) -> Response:
    """Return the redirection that gives a browser its session."""
    address = request.services.address
    response = request.redirect(local_path(path))
    response.set_cookie(address.cookie, secret, path="/", httponly=True, samesite="strict", secure=address.is_secure)
    return response


def ways_of(services: "ConsoleServices") -> tuple[SignInWay, ...]:
    """Return the means of sign-in in the settings."""
    issuer = services.settings.console.oidc.issuer
    host = urlsplit(issuer).netloc if issuer else ""
    return (SignInWay("/sign-in/oidc", f"Sign in with {host}"),) if issuer else ()


async def _show(request: ConsoleRequest) -> Response:
    return request.render("sign_in.html", next=local_path(request.query("next", "/")), is_expired=False)


async def _show_link(request: ConsoleRequest) -> Response:
    works = await request.services.links.exists(request.parts["secret"])
    response = request.render("link.html", status=200 if works else 410, works=works)
    response.headers["referrer-policy"] = "no-referrer"
    return response


async def _use_link(request: ConsoleRequest) -> Response:
    account = await request.services.links.consume(request.parts["secret"])
    if account is None:
        response = request.render("link.html", status=410, works=False)
    else:
        response = sign_in_response(request, await request.services.sessions.create(account, "link"), "/")
    response.headers["referrer-policy"] = "no-referrer"
    return response


async def _sign_out(request: ConsoleRequest) -> Response:
    address = request.services.address
    await request.services.sessions.end(request.http.cookies.get(address.cookie, ""))
    response = request.redirect("/sign-in")
    response.delete_cookie(address.cookie, path="/", secure=address.is_secure, httponly=True, samesite="strict")
    return response


async def _prefer(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    response = request.redirect(local_path(form.get("back", "/")))
    keep_preferences(response, request.services.address, form.get("theme"), form.get("zone"))
    return response


ROUTES: Final = (
    ConsoleRoute("GET", "/sign-in", _show, None),
    ConsoleRoute("GET", "/in/{secret}", _show_link, None),
    ConsoleRoute("POST", "/in/{secret}", _use_link, None),
    ConsoleRoute("POST", "/sign-out", _sign_out),
    ConsoleRoute("POST", "/preferences", _prefer, None),
)
