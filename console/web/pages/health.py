"""Answers the page Health: the state of each part, the checks, and the allowance of Sentry's API."""

from typing import Final

from starlette.responses import Response

from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette.admin.lookup.known_findings import list_known_findings
from vedette.admin.lookup.sentry_allowance import read_sentry_allowance
from vedette.admin.receiver_probe import find_receiver
from vedette.admin.status import get_status

TONES: Final = {"ok": "good", "warn": "warn", "broken": "bad", "unknown": ""}
WORDS: Final = {"ok": "ok", "warn": "warning", "broken": "broken", "unknown": "unknown"}


async def _show(request: ConsoleRequest) -> Response:
    instance = request.services.instance
    urls = tuple(dict.fromkeys((instance.noted_receiver_url, instance.receiver_url)))
    status = await get_status(request.admin, await find_receiver(urls))
    found = await list_known_findings(request.admin, instance.redis_url)
    return request.render(
        "health.html",
        state=status.state,
        lines=[line for line in status.lines if not line.name.startswith("watch ")],
        findings=sorted(found, key=lambda one: -one.finding.severity),
        allowances=await read_sentry_allowance(request.admin),
        tones=TONES,
        state_words=WORDS,
        words="vedette doctor",
    )


ROUTES: Final = (ConsoleRoute("GET", "/health", _show),)
