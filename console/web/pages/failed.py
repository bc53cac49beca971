"""Answers the page Failed: dead runs grouped by handler and error, and the orders to retry and discard them."""

import shlex
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from console.web.requests import ConsoleRequest, ConsoleRoute
from console.web.sign_in.pages import local_path
from vedette._core.user_error import UserError
from vedette.admin.bulk.bulk_orders import carry_out_bulk_job, start_bulk_job
from vedette.admin.bulk.dead_orders import DeadAction, act_on_dead, dead_filter, plan_dead_order
from vedette.admin.dead_groups import group_letters
from vedette.admin.dead_letters import (
    count_dead_letters,
    discard_runs,
    list_dead_letters,
    page_dead_letters,
    replay_delivery,
    split_run_id,
)
from vedette.admin.filters import DeliveryFilter

_GROUPED: Final = 1000
"""The newest dead runs, which are grouped."""
_PAGE: Final = 50
_PACE: Final = 0.02
"""Seconds between two runs of one order, so that the workers are not flooded."""
_ACTIONS: Final[dict[str, DeadAction]] = {"retry": "retry", "discard": "discard"}


class UnknownActionError(UserError):
    """An order that is none."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("There is no such order: failed runs are retried or discarded")


async def _show(request: ConsoleRequest) -> Response:
    handler, issue = request.query("handler")[:200], request.query("issue")[:200]
    wanted = replace(dead_filter(handler=handler, issue=issue), limit=_GROUPED)
    found = await list_dead_letters(request.admin, wanted)
    count = await count_dead_letters(request.admin, wanted)
    options = [
        word for name, value in (("handler", handler), ("issue", issue)) if value for word in (f"--{name}", value)
    ]
    return request.render(
        "failed.html",
        groups=group_letters(found)[:_PAGE],
        count=count,
        handler=handler,
        issue=issue,
        is_grouped_whole=len(found) < _GROUPED,
        grouped=_GROUPED,
        words=shlex.join(["vedette", "dead", "--by", "error", *options]),
    )


async def _show_group(request: ConsoleRequest) -> Response:
    group, cursor = request.parts["group"], request.query("cursor")
    wanted = DeliveryFilter(group=group, limit=_PAGE)
    page = await page_dead_letters(request.admin, wanted, cursor)
    path = f"/failed/groups/{group}"
    return request.render(
        "failed_group.html",
        group=group,
        letters=page.rows,
        next=request.url(path, cursor=page.cursor) if page.cursor else "",
        first=request.url(path) if cursor else "",
        words=shlex.join(["vedette", "dead", "--group", group]),
    )


async def _plan(request: ConsoleRequest) -> Response:
    action, group, handler, issue = (request.query(name)[:200] for name in ("action", "group", "handler", "issue"))
    plan = await plan_dead_order(request.admin, _action(action), dead_filter(group=group, handler=handler, issue=issue))
    return request.render(
        "failed_plan.html",
        plan=plan,
        group=group,
        handler=handler,
        issue=issue,
        words=_words(plan.action, {"group": group, "handler": handler, "issue": issue}),
    )


async def _start(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    until = form.get("until")
    wanted = dead_filter(
        group=form.get("group"),
        handler=form.get("handler"),
        issue=form.get("issue"),
        until=int(until[:15]) if until.isdecimal() and until.isascii() else 0,
    )
    if not wanted.until:
        raise UnknownActionError
    plan = await plan_dead_order(request.admin, _action(form.get("action")), wanted)
    if not plan.letters:
        return request.redirect("/failed", "None of these is failed any more: nothing was done.", is_problem=True)
    session = request.admin
    job = await start_bulk_job(session, plan.intent, len(plan.letters), "/failed")
    handler = plan.handlers[0] if len(plan.handlers) == 1 else ""
    request.services.bulk.start(
        carry_out_bulk_job(session, job, act_on_dead(session, plan), handler=handler, pace=_PACE)
    )
    return request.redirect(f"/jobs/{job.id}")


async def _act_on_one(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    run = form.get("run")
    delivery, handler = split_run_id(run)
    back = local_path(form.get("back", "/failed"))
    if _action(form.get("action")) == "retry":
        await replay_delivery(request.admin, delivery, handler)
        return request.redirect(back, f"{handler} works on {delivery} again.")
    if not await discard_runs(request.admin, [run]):
        return request.redirect(back, f"{handler} on {delivery} is not failed any more.", is_problem=True)
    return request.redirect(back, f"{handler} on {delivery} is discarded: it will not be tried again.")


def _action(text: str) -> DeadAction:
    if text not in _ACTIONS:
        raise UnknownActionError
    return _ACTIONS[text]


def _words(action: DeadAction, conditions: dict[str, str]) -> str:
    words = ["vedette", "replay", "--dead"] if action == "retry" else ["vedette", "dead", "discard", "--all"]
    for name, value in conditions.items():
        words += [f"--{name}", value] if value else []
    return shlex.join(words)


ROUTES: Final = (
    ConsoleRoute("GET", "/failed", _show),
    ConsoleRoute("GET", "/failed/groups/{group}", _show_group),
    ConsoleRoute("GET", "/failed/plan", _plan, "operator"),
    ConsoleRoute("POST", "/failed/start", _start, "operator"),
    ConsoleRoute("POST", "/failed/run", _act_on_one, "operator"),
)
