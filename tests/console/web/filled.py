"""An installation with something on each page, written by attackers wherever they can write."""

import json
import os
import time
from typing import Any, Final

from tests.conftest import connect
from tests.hostile_texts import HOSTILE_TEXTS
from tests.recorded_deliveries import record_delivery
from vedette.access.context import make_policy_services
from vedette.admin.dead_groups import group_of
from vedette.checks.findings import Finding
from vedette.checks.watch_state import WatchState
from vedette.settings.settings import Settings
from vedette.store.access.disabled_handlers import DisabledHandlers
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, RosterProblem, write_roster
from vedette.store.access.proposals import Proposal
from vedette.store.access.write_budgets import WriteBudgets
from vedette.store.agents.tokens import AgentTokens
from vedette.store.console.bulk_jobs import BulkJobs
from vedette.store.console.rule_drafts import RuleDrafts
from vedette.store.runs.dead_letters import DeadLetters
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import WATCH

MARKUP: Final = '<img src=x onerror="document.title=1"><script>alert(1)</script>'
BIDI: Final = "\u202egpj.exe\u2066"
ISSUE: Final = "4201"
LABEL: Final = "SHOP-4K"
LONG: Final = "a-word-that-has-no-place-to-break-" * 12


def proposal(number: int = 1, **more: Any) -> Proposal:
    """A write that waits."""
    values: dict[str, Any] = {
        "id": f"proposal{number:02d}",
        "handler": "triage",
        "source": "",
        "needs": ("event:write",),
        "shipped": True,
        "integration": "default",
        "delivery": "",
        "event": "issue.created",
        "intent": f"archived {LABEL} until it escalates",
        "operation": "issues.update",
        "parameters": {"organization_id_or_slug": "acme", "issue_id": ISSUE},
        "query": (),
        "body": {"status": "ignored", "substatus": "archived_until_escalating"},
        "issues": (ISSUE,),
        "label": LABEL,
        "project": "shop",
        "before": {ISSUE: {"status": "unresolved"}},
        "because": f"rule noise {MARKUP}",
    }
    return Proposal(**values | more)


async def fill(redis: RedisClient, settings: Settings, url: str, *, is_large: bool = False) -> dict[str, str]:
    """Write deliveries in all states, proposals, dead letters and an audit; return the ids that tests ask for."""
    now = time.time_ns() // 1_000_000
    runs: dict[str, dict[str, str]] = {
        "acted": {
            "state": "done",
            "did": json.dumps([f"assigned {LABEL} to team payments {MARKUP}"]),
            "took": "57",
            "effect": "acted",
        },
        "nothing": {"state": "done", "did": "[]", "took": "12", "effect": "nothing", "reasons": f"noise: {MARKUP}"},
        "observed": {
            "state": "done",
            "mode": "observe",
            "did": json.dumps(["would have resolved it"]),
            "effect": "observed",
        },
        "proposed": {"state": "done", "mode": "propose", "did": json.dumps([BIDI]), "effect": "proposed"},
        "failed": {"state": "dead", "error": f"ValueError: {MARKUP}{BIDI}", "trace": f"Traceback {MARKUP}\n  line"},
        "failing": {"state": "retrying", "error": LONG, "attempts": "3"},
        "working": {"state": "running"},
        "waiting": {"state": "waiting", "reason": "it waits for its turn"},
    }
    ids: dict[str, str] = {}
    with connect(url) as client:
        for name, run in runs.items():
            times = {"started": str(now - 500), "ended": str(now - 400)} if run["state"] in {"done", "dead"} else {}
            ids[name] = record_delivery(
                client, runs={"triage": {**run, **times}}, label=LABEL, issue=ISSUE, title=MARKUP
            )
        ids["quarantined"] = record_delivery(
            client, runs={}, label="", issue="", state="quarantined", reason=f"the body is no object {MARKUP}"
        )
        ids["undecided"] = record_delivery(client, runs={}, label=LABEL, issue=ISSUE, undecided="1", title=LONG)
        for text in list(HOSTILE_TEXTS.values())[:: 1 if os.environ.get("VEDETTE_FULL") == "1" else 6]:
            shown = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            run = {"state": "done", "did": json.dumps([text]), "effect": "acted"}
            record_delivery(client, runs={"triage": run}, label=shown[:40], issue="77", title=shown)
        broken = {"headers": json.dumps({"x-header": MARKUP + BIDI})}
        ids["broken"] = record_delivery(client, runs={}, label=MARKUP, issue="78", **broken)
        client.hset(
            f"{{vedette}}:delivery:{ids['broken']}", mapping={"body": b"\xff\xfe<script>alert(1)</script>\xed\xa0\x80"}
        )
        ids["large"] = record_delivery(client, runs={}, label="", issue="79")
        if is_large:
            body = b'{"a": "' + b"<b>" * ((8 << 20) // 3) + b'"}'
            client.hset(f"{{vedette}}:delivery:{ids['large']}", mapping={"body": body})
    policy = make_policy_services(redis, settings.access)
    for number in range(1, 4):
        await policy.proposals.propose(proposal(number, delivery=ids["acted"]))
    await policy.proposals.propose(proposal(9, intent=MARKUP, label=MARKUP, because="", handler="agent:robot"))
    facts = {
        "handler": "triage",
        "intent": f"assigned {LABEL} to team payments",
        "decision": "granted by [handlers.triage]",
        "integration": "default",
        "organization": "acme",
        "issue": ISSUE,
        "issues": [ISSUE],
        "label": LABEL,
        "project": "shop",
        "delivery": ids["acted"],
        "event": "issue.created",
        "because": f"rule gateway {MARKUP}",
        "operation": "issues.update",
        "before": {"assignedTo": None},
        "after": {"assignedTo": "team:2"},
    }
    entry = await policy.audit.append("call", facts)
    await policy.audit.append("outcome", {"of": entry, "status": 200, "after": {"assignedTo": {"name": MARKUP}}})
    denied = {**facts, "decision": f"denied: it has no grant {BIDI}", "delivery": ids["acted"]}
    await policy.audit.append("call", denied)
    await policy.audit.append("order", {"intent": "paused all", "decision": f"paused by {MARKUP}", "label": LABEL})
    ids["entry"] = str(entry)
    await _add_bulk_job(redis, ids)
    await _add_access(redis)
    return ids


async def _add_bulk_job(redis: RedisClient, ids: dict[str, str]) -> None:
    """Add an order on many things that goes on, and the id of the group of what has failed."""
    jobs = BulkJobs(redis)
    job = await jobs.create(f"inga {MARKUP}", f"replayed 7 dead runs of {LONG}", 7, "/failed")
    await jobs.record(job.after("").after(f"it is not dead any more {MARKUP}{BIDI}"))
    ids |= {"job": job.id, "handler": "triage"}
    drafts = RuleDrafts(redis)
    ids["broken_draft"] = (await drafts.create(f'[[rule]]\nname = "{MARKUP}"\nwhen = "le{BIDI}vel:"', MARKUP)).id
    rule = f'[[rule]]\nname = "{LONG[:100]}"\non = "issue.*"\nthen = [{{ resolve = "now" }}]\n'
    ids["draft"] = (await drafts.create(rule, "kim")).id
    (letter,) = await DeadLetters(redis).latest()
    ids["group"] = group_of(letter.run)
    await DeadLetters(redis).replay(ids["acted"], "triage", delay=3600)
    finding = Finding("token", "broken", f"it is refused {MARKUP}", (BIDI, MARKUP), {MARKUP: LONG}, "default")
    await redis.hset(WATCH, mapping={"default token": WatchState(finding, 1e9, 1e9).as_json()})


async def _add_access(redis: RedisClient) -> None:
    """Add handlers with needs and problems, a pause, a disabled handler, and a token of an agent."""
    triage = RosterHandler(
        "triage",
        ("issue.created",),
        "act",
        f"plugin {MARKUP}",
        needs=("event:write",),
        grant=f"event:write in {MARKUP}",
        modes=("shop-*: observe",),
        missing=(f"the token lacks {BIDI}",),
        when=MARKUP,
        crons=("*/5 * * * * UTC",),
    )
    idle = RosterHandler("runbook", ("comment.*",), "off", "vedette")
    problem = RosterProblem("plugin.py", f"it does not load {MARKUP}")
    await write_roster(redis, HandlerRoster((triage, idle), (problem,), names=("triage", "runbook")))
    await WriteBudgets(redis).pause("agent:robot", f"kim {BIDI}", 3600)
    await DisabledHandlers(redis).disable("triage", MARKUP)
    await AgentTokens(redis).create("robot", by=f"kim {MARKUP}", note=f"{MARKUP}{LONG}")
