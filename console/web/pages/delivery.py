"""Answers the page of one delivery: its steps, each handler's part with the changes, headers and body."""

from typing import Final

from starlette.responses import Response

from console.web.delivery_story import make_story
from console.web.payloads import show_body
from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from vedette._core.ids import is_identifier
from vedette.admin.dead_letters import replay_delivery
from vedette.admin.deliveries import read_delivery
from vedette.admin.explain import explain_delivery


async def _show(request: ConsoleRequest) -> Response:
    identifier = request.parts["delivery"]
    if not is_identifier(identifier):
        raise NoSuchPageError
    explanation = await explain_delivery(request.admin, identifier)
    sees_body = may_see_bodies(request)
    whole = await read_delivery(request.admin, identifier) if sees_body else None
    return request.render(
        "delivery.html",
        story=make_story(explanation),
        delivery=explanation.delivery,
        headers=sorted(whole.headers.items()) if whole else [],
        body=show_body(whole.body) if whole else None,
        words=f"vedette explain {identifier}",
    )


def may_see_bodies(request: ConsoleRequest) -> bool:
    """Return whether a user may see headers and bodies, which hold personal data of end users."""
    return request.account.has_role("operator") or request.services.settings.console.bodies


async def _download(request: ConsoleRequest) -> Response:
    identifier = request.parts["delivery"]
    if not is_identifier(identifier) or not may_see_bodies(request):
        raise NoSuchPageError
    whole = await read_delivery(request.admin, identifier)
    # Never a type that a browser shows.
    headers = {"content-disposition": f'attachment; filename="{identifier}.bin"'}
    return Response(whole.body, media_type="application/octet-stream", headers=headers)


async def _replay(request: ConsoleRequest) -> Response:
    identifier = request.parts["delivery"]
    if not is_identifier(identifier):
        raise NoSuchPageError
    form = await request.read_form()
    handler = form.get("handler")
    await replay_delivery(request.admin, identifier, handler)
    return request.redirect(f"/deliveries/{identifier}", f"{handler or 'Every handler'} works on this delivery again.")


ROUTES: Final = (
    ConsoleRoute("GET", "/deliveries/{delivery}", _show),
    ConsoleRoute("GET", "/deliveries/{delivery}/body", _download),
    ConsoleRoute("POST", "/deliveries/{delivery}/replay", _replay, "operator"),
)
