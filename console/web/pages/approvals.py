"""Answers the page Approvals: writes that wait for a person's yes or no."""

from typing import Final

from starlette.responses import Response

from console.rendering.proposal_table import sent_by
from console.web.effects import changes_of_proposal
from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette._core.printable import cropped
from vedette._core.user_error import UserError
from vedette.admin.proposals import approve_proposal, list_proposals, reject_proposal
from vedette.permissions.principal import Principal

_SHOWN: Final = 50
_MOST: Final = 50
"""Proposals that one order decides about."""


async def _show(request: ConsoleRequest) -> Response:
    found = await list_proposals(request.admin)
    groups: dict[str, list[dict[str, object]]] = {}
    for one in found.proposals[:_SHOWN]:
        facts: dict[str, object] = {
            "proposal": one,
            "sends": sent_by(one),
            "changes": changes_of_proposal(one),
            "who": Principal.from_key(one.handler).label,
        }
        groups.setdefault(one.because or one.handler, []).append(facts)
    return request.render(
        "approvals.html",
        groups=sorted(groups.items(), key=lambda group: -len(group[1])),
        total=len(found.proposals),
        shown=min(len(found.proposals), _SHOWN),
        unreadable=found.unreadable,
        words="vedette proposals",
    )


async def _decide(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    chosen = form.all("proposal")[:_MOST]
    if not chosen:
        return request.redirect("/approvals", "Choose a proposal first.", is_problem=True)
    is_yes = form.get("decision") == "approve"
    done, problems = 0, list[str]()
    for proposal in chosen:
        try:
            said = await _approve(request, proposal) if is_yes else await _reject(request, proposal)
        except UserError as error:
            problems.append(str(error))
            continue
        done += not said
        problems += [said] if said else []
    verb = "approved" if is_yes else "rejected"
    sentence = f"{done} {verb}." if len(chosen) > 1 or not problems else ""
    if len(chosen) == 1 and done:
        sentence = "Approved: it was sent to Sentry." if is_yes else "Rejected: it will not be proposed again."
    return request.redirect(
        "/approvals", cropped(" ".join(filter(None, (sentence, *problems))), 500), is_problem=bool(problems)
    )


async def _approve(request: ConsoleRequest, proposal: str) -> str:
    answer = await approve_proposal(request.admin, proposal)
    if not answer.sent:
        return f"Writes are paused, so {proposal} stays open: resume them first."
    return f"Sentry does not show {', '.join(sorted(answer.dropped))} as written." if answer.dropped else ""


async def _reject(request: ConsoleRequest, proposal: str) -> str:
    await reject_proposal(request.admin, proposal)
    return ""


ROUTES: Final = (
    ConsoleRoute("GET", "/approvals", _show),
    ConsoleRoute("POST", "/approvals", _decide, "approver"),
)
