"""Proposals, taking back, and echoes, where time and others come in between."""

from typing import Any

import pytest
from redis.exceptions import RedisError

from vedette.handling.access import orders, undoing
from vedette.handling.access.grants import Grant
from vedette.settings_access import AccessSettings
from vedette.store.admission import EVERY_HANDLER

GRANT = Grant(scopes=("event:write", "team:read"))


async def test_the_mode_of_the_project_that_the_issue_is_really_in_holds(scene: Any) -> None:
    sentry = scene.sentry(GRANT, mode="observe", modes={"shop": "act", "*": "propose"})
    assert (await sentry.issues.resolve(str(scene.issue.id))).changed
    assert not (await sentry.issues.resolve(str(scene.other.id))).changed
    assert await scene.decisions() == ["granted by [handlers.plugin.grant]", "proposed"]
    assert scene.other.status == "unresolved"


async def test_the_same_wish_waits_once(scene: Any) -> None:
    sentry = scene.sentry(GRANT, mode="propose")
    for _ in range(3):
        await sentry.issues.resolve(str(scene.issue.id))
    (proposal,) = await scene.controls.proposals.waiting()
    assert await scene.decisions() == ["proposed"]
    await orders.reject(scene.controls, proposal, "ann")
    await sentry.issues.resolve(str(scene.issue.id))
    assert await scene.controls.proposals.waiting() == []


async def test_a_proposal_whose_grant_is_gone_is_denied_and_waits_on(scene: Any) -> None:
    await scene.sentry(GRANT, mode="propose").issues.resolve(str(scene.issue.id))
    (proposal,) = await scene.controls.proposals.waiting()
    with pytest.raises(Exception, match="its grant does not hold event:write"):
        await orders.approve(scene.controls, scene.connection.way, proposal, Grant(), "ann")
    assert len(await scene.controls.proposals.waiting()) == 1
    assert (await orders.approve(scene.controls, scene.connection.way, proposal, GRANT, "ann")).sent
    assert scene.issue.status == "resolved"
    assert (await scene.decisions())[-1] == "approved by ann"


@pytest.mark.parametrize("access_settings", [AccessSettings(proposal_age=0.05)])
async def test_a_proposal_expires(scene: Any) -> None:
    await scene.sentry(GRANT, mode="propose").issues.resolve(str(scene.issue.id))
    while await scene.controls.proposals.waiting():
        pass


async def test_a_review_that_was_proposed_is_sent_and_can_be_taken_back(scene: Any) -> None:
    await scene.sentry(GRANT, mode="propose").issues.mark_reviewed(str(scene.issue.id))
    (proposal,) = await scene.controls.proposals.waiting()
    assert (await orders.approve(scene.controls, scene.connection.way, proposal, GRANT, "ann")).sent
    assert not scene.issue.in_inbox
    *_, call, outcome = await scene.entries()
    undone = await undoing.undo(scene.controls, scene.connection.way, call, outcome, "ann")
    assert (undone.done, scene.issue.in_inbox) == (True, True), undone


async def test_what_cannot_be_taken_back_is_said(scene: Any) -> None:
    sentry = scene.sentry(GRANT)
    await sentry.issues.comment(str(scene.issue.id), "hello")
    call, outcome = await scene.entries()
    undone = await undoing.undo(scene.controls, scene.connection.way, call, outcome, "ann")
    assert (undone.done, "only changes of single issues" in undone.sentence) == (False, True)


async def test_an_assignment_is_taken_back_though_everything_is_paused(scene: Any) -> None:
    await scene.sentry(GRANT).issues.assign(str(scene.issue.id), "#payments")
    call, outcome = await scene.entries()
    assert call.text("intent") == f"assigned {scene.issue.short_id} to team payments"
    await scene.controls.admissions.pause(EVERY_HANDLER, "ann")
    undone = await undoing.undo(scene.controls, scene.connection.way, call, outcome, "ann")
    assert undone.done
    assert scene.issue.assignee is None


async def test_a_write_that_cannot_be_written_down_is_not_sent(scene: Any) -> None:
    await scene.client.set("{vedette}:audit", "not a stream")
    with pytest.raises(RedisError):
        await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
    assert scene.issue.status == "unresolved"


class TestEchoes:
    async def echo(self, scene: Any, delivery: str, *, text: str = "", person: bool = False, name: str = "") -> Any:
        names = (name or "issue.resolved",)
        issue = scene.connection.way.scoped(str(scene.issue.id))
        return await scene.controls.own_writes.echo_of(issue, delivery, names, text, person=person)

    async def test_the_first_delivery_that_fits_is_the_echo_and_no_later_one(self, scene: Any) -> None:
        await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
        assert await self.echo(scene, "a", person=True) is None
        assert await self.echo(scene, "a", name="issue.assigned") is None
        assert (await self.echo(scene, "a")).handler == "plugin"
        assert (await self.echo(scene, "a")).handler == "plugin"
        assert await self.echo(scene, "b") is None

    async def test_a_comment_is_told_by_its_text(self, scene: Any) -> None:
        await scene.sentry(GRANT).issues.comment(str(scene.issue.id), "ours")
        assert await self.echo(scene, "a", name="comment.created", text="theirs") is None
        assert await self.echo(scene, "a", name="comment.created", text="ours") is not None

    async def test_a_write_that_sentry_refused_has_no_echo(self, scene: Any) -> None:
        issue = str(scene.issue.id)
        sentry = scene.sentry(GRANT)
        await sentry.issues.comment(issue, "ours")
        assert await self.echo(scene, "a", name="comment.created", text="ours") is not None
        assert not (await sentry.issues.comment(issue, "ours")).changed
        assert await self.echo(scene, "b", name="comment.created", text="ours") is None
