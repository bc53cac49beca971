"""`vedette trigger`: signed webhooks sent to a running receiver, as Sentry would, and what becomes of them."""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from console.completion import complete_delivery, complete_integration, complete_issue, complete_sample
from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained, refuse
from console.filters import seconds_or_exit
from console.instance import find_instance
from console.rendering.terminal import echo
from console.rendering.trigger_report import TriggerOutcome, outcome_lines, outcome_object
from console.session import ask, running_receiver
from console.trigger.signed_request import SignedSender, TriggerResponse
from console.trigger.webhook_body import (
    WebhookBody,
    assign,
    body_of_bytes,
    body_of_file,
    body_of_sample,
    name_issue,
    wire,
)
from vedette.admin.lookup.delivery_outcome import count_workers, wait_for_outcome
from vedette.admin.lookup.issue_identity import find_issue
from vedette.admin.names import UnknownNameError
from vedette.admin.session import AdminSession
from vedette.events import samples
from vedette.events.catalog import RESOURCES
from vedette.settings.settings import load_settings
from vedette.store.deliveries.deliveries import Deliveries, Delivery, DeliveryNotFoundError
from vedette.store.server.retrying import REDIS_ERRORS

_RATE = 10.0
"""Webhooks in a second, unless --rate says otherwise."""


_LONGEST = 200
"""Letters of an answer that are shown."""


def trigger(
    sample: Annotated[
        str,
        typer.Argument(
            metavar="RESOURCE.ACTION",
            help="Which sample, such as issue.created; `list` names them all.",
            autocompletion=complete_sample,
        ),
    ] = "",
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Replace a value: data.issue.level=fatal; may be repeated."),
    ] = None,
    body: Annotated[Path | None, typer.Option(metavar="FILE", help="The body in this file, not a sample's.")] = None,
    delivery: Annotated[
        str,
        typer.Option(
            "--from", metavar="DELIVERY", help="The body of an earlier delivery.", autocompletion=complete_delivery
        ),
    ] = "",
    issue: Annotated[
        str, typer.Option(help="Let it be about this issue: SHOP-4K, or its id.", autocompletion=complete_issue)
    ] = "",
    count: Annotated[int, typer.Option(min=1, help="Send so many.")] = 1,
    rate: Annotated[float, typer.Option(min=0.01, help="At most so many a second.")] = _RATE,
    wait: Annotated[str, typer.Option(help="How long to wait for what becomes of it; 0s: not at all.")] = "10s",
    integration: Annotated[
        str, typer.Option(help="Which integration signs it.", autocompletion=complete_integration)
    ] = "default",
    url: Annotated[str, typer.Option(help="The webhook URL; the running receiver's unless given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Send correctly signed webhooks to a running receiver; show what it answers, and what the handlers do.

    Exit code 1: a webhook was refused, or a handler failed.
    """
    if sample == "list":
        typer.echo("\n".join(samples.names()))
        return
    patience = 0.0 if wait in {"0", "0s"} else seconds_or_exit(wait)
    with explained():
        instance = find_instance(load_settings())
        what = _body(sample, body, delivery)
        secret = instance.client_secret(integration)
        if issue:
            name_issue(what, ask(lambda session: find_issue(session, integration, issue)))
        assign(what, assignments or ())
        target = url or f"{running_receiver(instance)}/hooks/{integration}"
        sender = SignedSender(target, secret)
        try:
            if count > 1:
                _send_many(sender, what, target, count, rate, as_json=as_json)
                return
            answer = sender.send(what.resource, wire(what))
        finally:
            sender.close()
    _show(what, target, answer, patience, as_json=as_json)


def _body(sample: str, file: Path | None, delivery: str) -> WebhookBody:
    if delivery and (sample or file):
        refuse("--from takes the body of a delivery: leave the sample and --body away", WRONG_USAGE)
    if delivery:
        found = _delivery(delivery)
        return body_of_bytes(f"delivery {delivery}", found.body, found.summary.resource)
    resource = samples.resource_of(sample)
    if file:
        if resource and resource not in RESOURCES:
            raise UnknownNameError("resource", resource, RESOURCES, advice=f"there are {', '.join(RESOURCES)}")
        return body_of_file(file, resource)
    if not sample:
        refuse("Name a sample, such as issue.created (`list` names them all), or give --body or --from", WRONG_USAGE)
    try:
        return body_of_sample(sample)
    except samples.UnknownSampleError as error:
        refuse(f"{error}: `vedette trigger list` names them all", WRONG_USAGE)


def _delivery(identifier: str) -> Delivery:
    try:
        return ask(lambda session: Deliveries(session.redis).get(identifier))
    except DeliveryNotFoundError as error:
        refuse(str(error))


def _send_many(sender: SignedSender, what: WebhookBody, url: str, count: int, rate: float, *, as_json: bool) -> None:
    answers: Counter[int] = Counter()
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        answer = sender.send(what.resource, wire(what))
        answers[answer.status] += 1
        if as_json:
            values = {"url": url, "status": answer.status, "body": answer.body, "delivery": answer.delivery}
            sys.stdout.write(json.dumps(values) + "\n")
    if not as_json:
        told = ", ".join(f"{number} x {status}" for status, number in sorted(answers.items()))
        echo(f"{what.name} -> {url}: {count} sent in {time.monotonic() - began:.1f} s: {told}")
    if set(answers) - {200, 202}:
        raise typer.Exit(FOUND_WRONG)


def _show(what: WebhookBody, url: str, answer: TriggerResponse, patience: float, *, as_json: bool) -> None:
    if not as_json:
        echo(f"{what.name} -> {url}: {answer.status} {_brief(answer.body)} ({answer.milliseconds} ms)")
        sys.stdout.flush()
    values: dict[str, object] = {"url": url, "status": answer.status, "body": answer.body, "delivery": answer.delivery}
    has_failed = not answer.is_accepted
    if answer.is_accepted and answer.delivery and patience > 0:
        outcome = _outcome(answer.delivery, patience)
        values |= outcome_object(outcome)
        has_failed = bool(outcome.found and any(run.state in {"dead", "quarantined"} for run in outcome.found.runs))
        for line in () if as_json else outcome_lines(outcome):
            echo(line)
    if as_json:
        sys.stdout.write(json.dumps(values) + "\n")
    elif has_failed and answer.hint:
        echo(answer.hint, err=True)
    if has_failed:
        raise typer.Exit(FOUND_WRONG)


def _brief(body: str) -> str:
    """Return an answer for one line; a page of another server is not shown whole."""
    line = " ".join(body.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _outcome(delivery: str, patience: float) -> TriggerOutcome:
    async def look(session: AdminSession) -> TriggerOutcome:
        workers = await count_workers(session)
        return TriggerOutcome(workers, await wait_for_outcome(session, delivery, patience if workers else 0.0))

    try:
        return ask(look)
    except REDIS_ERRORS as error:
        return TriggerOutcome(0, None, str(error))
