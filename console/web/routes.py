"""Gathers the routes of all pages."""

from typing import Final

from console.web.api import orders, reads
from console.web.pages import (
    access,
    approvals,
    audit,
    bulk_undo,
    deliveries,
    delivery,
    failed,
    health,
    issue,
    jobs,
    me,
    now,
    pauses,
    rules,
    schedule,
    search,
    undo,
)
from console.web.requests import ConsoleRoute
from console.web.sign_in import oidc
from console.web.sign_in import pages as sign_in

ROUTES: Final[tuple[ConsoleRoute, ...]] = (
    *sign_in.ROUTES,
    *oidc.ROUTES,
    *now.ROUTES,
    *search.ROUTES,
    *deliveries.ROUTES,
    *delivery.ROUTES,
    *issue.ROUTES,
    *approvals.ROUTES,
    *failed.ROUTES,
    *access.ROUTES,
    *audit.ROUTES,
    *bulk_undo.ROUTES,
    *schedule.ROUTES,
    *rules.ROUTES,
    *health.ROUTES,
    *jobs.ROUTES,
    *undo.ROUTES,
    *pauses.ROUTES,
    *me.ROUTES,
    *reads.ROUTES,
    *orders.ROUTES,
)
