"""Answers the page of the person who is signed in: sessions, API tokens."""

from typing import Final

from starlette.responses import Response

from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from vedette._core.user_error import UserError
from vedette.admin.connections import policy_services
from vedette.store.console.account import Account, role_named

_DAY: Final = 24 * 3600
_LONGEST_NAME: Final = 60


class TokenNameError(UserError):
    """A token that cannot be made."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("Give the token a name of up to 60 letters, a role, and 1 to 366 days")


async def _show(request: ConsoleRequest, *, new_token: str = "", new_name: str = "") -> Response:
    is_operator = request.account.has_role("operator")
    return request.render(
        "me.html",
        sessions=await request.services.sessions.all() if is_operator else [],
        tokens=await request.services.tokens.all() if is_operator else [],
        new_token=new_token,
        new_name=new_name,
    )


async def _revoke_session(request: ConsoleRequest) -> Response:
    found = await request.services.sessions.revoke(request.parts["session"])
    if found is None:
        raise NoSuchPageError("This session has ended already.")
    await _record(request, f"ended a session of {found.account.name}")
    return request.redirect("/me", f"The session of {found.account.name} is ended.")


async def _make_token(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    name, days = form.get("name").strip(), form.get("days")
    role = role_named(form.get("role"))
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable() or role is None or not days.isdecimal():
        raise TokenNameError
    account = Account(f"token {name}", role)
    await _record(request, f"made the API token {name} ({role}, {days} days)")
    try:
        text, _ = await request.services.tokens.create(account, by=request.account.name, lifetime=int(days[:4]) * _DAY)
    except ValueError:
        raise TokenNameError from None
    return await _show(request, new_token=text, new_name=name)


async def _revoke_token(request: ConsoleRequest) -> Response:
    if not await request.services.tokens.revoke(request.parts["token"]):
        raise NoSuchPageError("There is no such token any more.")
    await _record(request, f"revoked the API token {request.parts['token']}")
    return request.redirect("/me", "The token is revoked.")


async def _record(request: ConsoleRequest, intent: str) -> None:
    facts = {"intent": intent, "decision": f"ordered by {request.account.name}"}
    await policy_services(request.admin).audit.append("order", facts)


async def _show_page(request: ConsoleRequest) -> Response:
    return await _show(request)


ROUTES: Final = (
    ConsoleRoute("GET", "/me", _show_page),
    ConsoleRoute("POST", "/me/sessions/{session}/revoke", _revoke_session, "operator"),
    ConsoleRoute("POST", "/me/tokens", _make_token, "operator"),
    ConsoleRoute("POST", "/me/tokens/{token}/revoke", _revoke_token, "operator"),
)
