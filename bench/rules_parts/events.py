"""A hundred rules as organizations write them, and events of the kinds that they meet."""

import copy
import json
import random
from typing import Any

from vedette.events import samples
from vedette.rules import RuleSet, rules_of

SEARCHES = (
    "level:fatal project:shop-{n}",
    "error.type:Payment*Error is:unassigned",
    'message:"connection reset {n}"',
    "title:*ResizeObserver* level:[error, warning]",
    "!has:assigned issue.priority:high project:shop-{n}",
    "is:regressed timesSeen:>{n}00",
    "error.unhandled:true platform:python culprit:*/area{n}/*",
    "(level:fatal OR issue.priority:high) !project:sandbox",
    "stack.filename:area{n}/*",
    "firstSeen:-{n}h userCount:>{n}",
)
"""Each ten times, with numbers of its own."""


def hundred_rules() -> RuleSet:
    """The rules, read as from a file."""
    parts = [
        f'[[rule]]\nname = "rule {number}"\non = ["issue.*"]\nwhen = {json.dumps(search.format(n=number % 17 + 1))}\n'
        f'then = [{{ assign = "#team-{number % 9}" }}]\n'
        for number, search in enumerate(SEARCHES * 10)
    ]
    return rules_of([("bench.toml", "\n".join(parts))])


def bodies(count: int) -> list[dict[str, Any]]:
    """Bodies of issue webhooks, all of them different."""
    draw = random.Random(7)
    found: list[dict[str, Any]] = []
    for number in range(count):
        body = copy.deepcopy(samples.load(draw.choice(("issue.created", "issue.resolved", "issue.unresolved"))))
        issue = body["data"]["issue"]
        kind = draw.choice(("PaymentGatewayError", "KeyError", "TimeoutError", "ResizeObserverError"))
        area = f"area{number % 23}"
        issue |= {
            "id": str(number + 1),
            "title": f"{kind}: connection reset {number % 29}",
            "culprit": f"src/{area}/main in run",
            "level": draw.choice(("error", "warning", "fatal", "info")),
            "count": str(draw.randrange(5000)),
            "userCount": draw.randrange(100),
        }
        issue["project"] = {**issue["project"], "slug": f"shop-{number % 13}"}
        issue["metadata"] = {**issue["metadata"], "type": kind, "filename": f"{area}/main.py"}
        found.append(body)
    return found
