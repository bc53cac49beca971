"""Deliveries with runs in any state, written to Redis without a receiver or workers."""

import time
from collections.abc import Mapping
from typing import Any

from vedette._core.ids import new_identifier
from vedette.events import samples
from vedette.store.runs.run import CODES, SPAN
from vedette.store.server.keys import (
    DEAD,
    DELIVERIES,
    HANDLERS,
    delivery_key,
    handler_runs_key,
    labels_key,
    resource_key,
    run_key,
    subject_key,
)

NOW = time.time_ns() // 1_000_000


def record_delivery(client: Any, *, runs: Mapping[str, Mapping[str, str]], label: str, issue: str, **more: str) -> str:
    """Write a delivery about an issue; return its id.

    Args:
        client: A blocking Redis client.
        runs: Handler -> fields of its run.
        label: The issue's short id.
        issue: The issue's id.
        more: Further fields of the delivery; `undecided` leaves out its runs.
    """
    delivery = new_identifier(NOW - 1000)
    body = samples.wire(samples.load("issue.created"))
    facts = {
        "resource": "issue",
        "action": "created",
        "name": "issue.created",
        "accepted": NOW - 1000,
        "body": body,
        "state": "accepted",
    }
    facts |= {"issue": issue, "label": label, "subject": f"issue:{issue}", "integration": "default", **more}
    if "undecided" not in more:
        facts["runs"] = ",".join(runs)
    client.hset(delivery_key(delivery), mapping=facts)
    client.zadd(DELIVERIES, {delivery: NOW - 1000})
    client.zadd(resource_key(str(facts["resource"])), {delivery: NOW - 1000})
    client.zadd(subject_key(str(facts["subject"])), {delivery: 0 if "undecided" in more else NOW - 1000})
    if label:
        client.hset(labels_key(""), label.lower(), issue)
    for handler, run in runs.items():
        values = {"delivery": delivery, "handler": handler, "mode": "act", "queued": NOW, "attempts": 1, **run}
        client.hset(run_key(delivery, handler), mapping=values)
        code = CODES[run.get("state", "queued")]
        client.zadd(handler_runs_key(handler), {delivery: code * SPAN + NOW - 1000})
        client.sadd(HANDLERS, handler)
        if run.get("state") == "dead":
            client.zadd(DEAD, {f"{delivery}:{handler}": NOW})
    return delivery
