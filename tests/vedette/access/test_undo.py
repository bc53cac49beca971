from dataclasses import replace
from typing import Any

import pytest

from vedette.access.undo import can_be_undone, plan_undo, undo
from vedette.permissions.grants import Grant
from vedette.store.access.audit_log import AuditEntry

GRANT = Grant(scopes=("event:admin",))
WRITE = AuditEntry(
    1,
    0,
    "call",
    "h",
    {
        "operation": "issues.update",
        "issue": "42",
        "decision": "granted by [handlers.triage.grant]",
        "before": {"status": "unresolved"},
        "after": {"status": "resolved"},
    },
)
SENT = AuditEntry(2, 0, "outcome", "i", {"of": 1, "status": 200})


def write(**facts: Any) -> AuditEntry:
    return replace(WRITE, facts={**WRITE.facts, **facts})


def outcome(**facts: Any) -> AuditEntry:
    return replace(SENT, facts={**SENT.facts, **facts})


@pytest.mark.parametrize(
    ("entry", "after", "reason"),
    [
        (WRITE, SENT, ""),
        (WRITE, outcome(status=299), ""),
        (replace(WRITE, kind="order"), SENT, "it is no write"),
        (SENT, None, "it is no write"),
        (WRITE, outcome(unknown=True), "it is unknown whether it arrived: look at the issue in Sentry"),
        (WRITE, None, "it is unknown whether it arrived: look at the issue in Sentry"),
        (write(decision="approved by ann"), None, "it is unknown whether it arrived: look at the issue in Sentry"),
        (write(decision="observed"), None, "it changed nothing in Sentry"),
        (write(decision="proposed"), None, "it changed nothing in Sentry"),
        (WRITE, outcome(status=300), "it changed nothing in Sentry"),
        (WRITE, outcome(status=199), "it changed nothing in Sentry"),
        (WRITE, outcome(status=403), "it changed nothing in Sentry"),
        (
            write(operation="issues.delete"),
            SENT,
            "only changes of single issues can be taken back: undo it in Sentry",
        ),
        (write(issue=""), SENT, "only changes of single issues can be taken back: undo it in Sentry"),
        (write(before={}), SENT, "the values before it cannot be written again: undo it in Sentry"),
        (write(before={"status": "?"}), SENT, "the values before it cannot be written again: undo it in Sentry"),
    ],
)
def test_each_write_that_cannot_be_undone_has_a_reason(
    entry: AuditEntry, after: AuditEntry | None, reason: str
) -> None:
    assert can_be_undone(entry, after) == reason


async def test_a_write_to_another_organization_is_not_undone(scene: Any) -> None:
    await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
    call, sent = await scene.entries()
    moved = replace(call, facts={**call.facts, "organization": "elsewhere"})
    plan = await plan_undo(scene.connection, moved, sent)
    assert isinstance(plan, str)
    assert plan.startswith("it was made in elsewhere, and the integration is for ")


async def test_an_issue_that_was_changed_since_is_left_unchanged(scene: Any) -> None:
    await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
    call, sent = await scene.entries()
    scene.issue.status = "ignored"
    undone = await undo(scene.services, scene.connection, call, sent, "ann")
    assert not undone.done
    assert f"{scene.issue.short_id} was changed since (status" in undone.sentence
    assert scene.issue.status == "ignored"


async def test_a_look_describes_the_change_and_writes_nothing(scene: Any) -> None:
    await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
    call, sent = await scene.entries()
    look = await undo(scene.services, scene.connection, call, sent, "ann", only_look=True)
    assert look.done
    assert look.sentence.startswith("would have ")
    assert scene.issue.status == "resolved"
    assert len(await scene.entries()) == 2
