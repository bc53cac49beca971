"""Answers the page Audit: every call and order by filters that are in the URL, and the check of the hash chain."""

import shlex
from typing import Final

from starlette.responses import Response

from console.web.effects import make_effect
from console.web.pages.audit_search import AUDIT_AGES, AuditSearchForm, read_audit_search
from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette.admin.audit import page_audit, verify_audit

_PAGE: Final = 50
_LONGEST: Final = 200


async def _show(request: ConsoleRequest) -> Response:
    search = read_audit_search(request.http.query_params)
    cursor = request.query("cursor")
    wanted = search.to_filter()
    page = await page_audit(request.admin, wanted, cursor, _PAGE)
    query = search.to_query()
    return request.render(
        "audit.html",
        search=search,
        query=query,
        ages=AUDIT_AGES,
        is_narrowed=wanted.is_narrowed,
        effects=[make_effect(line) for line in page.rows],
        next=request.url("/audit", **query, cursor=page.cursor) if page.cursor else "",
        first=request.url("/audit", **query) if cursor else "",
        words=audit_words("audit", search),
    )


async def _verify(request: ConsoleRequest) -> Response:
    kept = request.query("kept").strip()[:_LONGEST]
    found = await verify_audit(request.admin, kept)
    words = ["vedette", "audit", "verify", *(["--expect", kept] if kept else [])]
    return request.render("audit_verify.html", found=found, kept=kept, words=shlex.join(words))


def audit_words(command: str, search: AuditSearchForm) -> str:
    """Return a command that works on the same entries."""
    words = ["vedette", command]
    for name, value in search.to_options().items():
        words += [f"--{name}", value]
    return shlex.join(words)


ROUTES: Final = (
    ConsoleRoute("GET", "/audit", _show),
    ConsoleRoute("GET", "/audit/verify", _verify, "operator"),
)
