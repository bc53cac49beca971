"""`vedette explain`: what was done about a delivery or an issue, and why nothing was."""

import json
import sys
from typing import Annotated

import typer

from console.completion import complete_delivery, complete_issue
from console.exit_codes import explained, refuse
from console.rendering.explanation import explanation_object, issue_object, lines_of, lines_of_issue
from console.rendering.terminal import echo
from console.session import ask
from vedette._core.nearest_name import did_you_mean
from vedette.admin.explain import DeliveryExplanation, IssueHistory, explain_delivery, explain_issue
from vedette.admin.names import NEWEST_DELIVERIES
from vedette.admin.session import AdminSession
from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError

_ISSUE_DELIVERIES = 5
"""Deliveries of an issue that are explained, unless --limit says otherwise."""


def complete_subject(incomplete: str) -> list[tuple[str, str]]:
    """Return the issues and deliveries that begin so."""
    return [*complete_issue(incomplete), *complete_delivery(incomplete)]


def explain(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="DELIVERY|ISSUE",
            help="A delivery's id, or an issue: SHOP-4K, or its id.",
            autocompletion=complete_subject,
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, help="Of an issue: at most so many deliveries.")] = _ISSUE_DELIVERIES,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Explain a delivery or an issue: the handlers that were considered, why others did not run, runs and calls."""
    with explained():
        found = ask(lambda session: _find(session, subject, limit))
    if found is None:
        refuse(ask(lambda session: _unknown(session, subject)))
    if isinstance(found, DeliveryExplanation):
        values, lines = explanation_object(found), lines_of(found)
    else:
        values, lines = issue_object(*found), lines_of_issue(*found)
    if as_json:
        sys.stdout.write(json.dumps(values) + "\n")
        return
    for line in lines:
        echo(line)


async def _find(
    session: AdminSession, subject: str, limit: int
) -> DeliveryExplanation | tuple[IssueHistory, list[DeliveryExplanation]] | None:
    try:
        return await explain_delivery(session, subject)
    except DeliveryNotFoundError:
        history = await explain_issue(session, subject)
    if not history.deliveries and not history.calls:
        return None
    return history, [await explain_delivery(session, one.id) for one, _ in history.deliveries[:limit]]


async def _unknown(session: AdminSession, subject: str) -> str:
    newest = await Deliveries(session.redis).latest(limit=NEWEST_DELIVERIES)
    known = {name for one in newest for name in (one.id, one.label or "") if name}
    near = did_you_mean(subject, known) or ": `vedette deliveries` lists the deliveries that are kept"
    return f"there is no delivery {subject}, and none about an issue of this name{near}"
