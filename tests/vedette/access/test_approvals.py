"""Proposals, taking back, and echoes, where time and others come in between."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from vedette.access import approvals, undo
from vedette.access.issue_cache import IssueCache
from vedette.api import OPERATIONS, Call
from vedette.api.issue_update import IssueUpdate
from vedette.permissions.grants import Grant
from vedette.settings.access import AccessSettings
from vedette.store.access.proposals import ProposalDecidedError
from vedette.store.access.write_budgets import EVERY_PRINCIPAL

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
    (proposal,) = await scene.services.proposals.waiting()
    assert await scene.decisions() == ["proposed"]
    await approvals.reject(scene.services, proposal, "ann")
    await sentry.issues.resolve(str(scene.issue.id))
    assert await scene.services.proposals.waiting() == []


async def test_a_proposal_whose_grant_is_gone_is_denied_and_waits_on(scene: Any) -> None:
    await scene.sentry(GRANT, mode="propose").issues.resolve(str(scene.issue.id))
    (proposal,) = await scene.services.proposals.waiting()
    with pytest.raises(Exception, match="its grant does not hold event:write"):
        await approvals.approve(scene.services, scene.connection, proposal, Grant(), "ann")
    assert len(await scene.services.proposals.waiting()) == 1
    assert (await approvals.approve(scene.services, scene.connection, proposal, GRANT, "ann")).sent
    assert scene.issue.status == "resolved"
    assert (await scene.decisions())[-1] == "approved by ann"


@pytest.mark.parametrize("access_settings", [AccessSettings(proposal_age=0.5)])
async def test_a_proposal_expires(scene: Any) -> None:
    await scene.sentry(GRANT, mode="propose").issues.resolve(str(scene.issue.id))
    assert len(await scene.services.proposals.waiting()) == 1
    async with asyncio.timeout(30):
        while await scene.services.proposals.waiting():  # noqa: ASYNC110 - Redis tells nobody that a key has expired
            await asyncio.sleep(0.01)


async def test_a_review_that_was_proposed_is_sent_and_can_be_taken_back(scene: Any) -> None:
    await scene.sentry(GRANT, mode="propose").issues.mark_reviewed(str(scene.issue.id))
    (proposal,) = await scene.services.proposals.waiting()
    assert (await approvals.approve(scene.services, scene.connection, proposal, GRANT, "ann")).sent
    assert not scene.issue.in_inbox
    *_, call, outcome = await scene.entries()
    undone = await undo.undo(scene.services, scene.connection, call, outcome, "ann")
    assert (undone.done, scene.issue.in_inbox) == (True, True), undone


async def test_what_cannot_be_taken_back_is_said(scene: Any) -> None:
    sentry = scene.sentry(GRANT)
    await sentry.issues.comment(str(scene.issue.id), "hello")
    call, outcome = await scene.entries()
    undone = await undo.undo(scene.services, scene.connection, call, outcome, "ann")
    assert (undone.done, "only changes of single issues" in undone.sentence) == (False, True)


async def test_an_assignment_is_taken_back_though_everything_is_paused(scene: Any) -> None:
    await scene.sentry(GRANT).issues.assign(str(scene.issue.id), "#payments")
    call, outcome = await scene.entries()
    assert call.text("intent") == f"assigned {scene.issue.short_id} to team payments"
    await scene.services.budgets.pause(EVERY_PRINCIPAL, "ann")
    undone = await undo.undo(scene.services, scene.connection, call, outcome, "ann")
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
        issue = scene.connection.scoped(str(scene.issue.id))
        return await scene.services.own_writes.echo_of(issue, delivery, names, text, person=person)

    async def test_the_first_delivery_that_fits_is_the_echo_and_no_later_one(self, scene: Any) -> None:
        await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
        assert await self.echo(scene, "a", person=True) is None
        assert await self.echo(scene, "a", name="issue.assigned") is None
        assert (await self.echo(scene, "a")).principal == "plugin"
        assert (await self.echo(scene, "a")).principal == "plugin"
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


class TestDeciding:
    MANY = Grant(scopes=("event:admin",), fields=("status", "merge"))

    async def proposed(self, scene: Any, deed: str = "update_many") -> Any:
        sentry = scene.sentry(self.MANY, mode="propose")
        issues = [str(scene.issue.id), str(scene.second.id)]
        if deed == "update_many":
            await sentry.issues.update_many(issues, IssueUpdate(status="resolved"))
        else:
            await getattr(sentry.issues, deed)(issues)
        (proposal,) = await scene.services.proposals.waiting()
        return proposal

    async def approve(self, scene: Any, proposal: Any, by: str = "ann") -> Any:
        return await approvals.approve(scene.services, scene.connection, proposal, self.MANY, by)

    @pytest.mark.parametrize("deed", ["update_many", "delete_many", "merge"])
    async def test_a_write_to_several_issues_is_held_against_each_of_them(self, scene: Any, deed: str) -> None:
        proposal = await self.proposed(scene, deed)
        await scene.sentry(GRANT, name="other").issues.archive(str(scene.second.id))
        with pytest.raises(approvals.StaleProposalError, match=rf"{scene.second.short_id} was changed since \(status"):
            await self.approve(scene, proposal)
        assert (scene.issue.status, scene.second.status) == ("unresolved", "ignored")
        assert await scene.services.proposals.waiting() == []

    async def test_a_write_to_several_issues_that_nobody_changed_is_sent(self, scene: Any) -> None:
        assert (await self.approve(scene, await self.proposed(scene))).sent
        assert scene.issue.status == scene.second.status == "resolved"
        entry = next(one for one in await scene.entries() if one.text("decision") == "approved by ann")
        assert entry.text("intent") == f"resolved {scene.issue.short_id} and {scene.second.short_id}"

    async def test_two_who_say_yes_at_once_send_it_once(self, scene: Any) -> None:
        await scene.sentry(GRANT, mode="propose").issues.comment(str(scene.issue.id), "hello")
        (proposal,) = await scene.services.proposals.waiting()
        answers = await asyncio.gather(
            *(
                approvals.approve(scene.services, scene.connection, proposal, GRANT, who)
                for who in ("ann", "bob", "eve", "joe")
            ),
            return_exceptions=True,
        )
        assert len([answer for answer in answers if not isinstance(answer, BaseException)]) == 1
        assert len(scene.issue.comments) == 1
        assert sum(decision.startswith("approved") for decision in await scene.decisions()) == 1

    async def test_a_proposal_for_an_issue_that_is_deleted_is_closed_with_a_sentence(self, scene: Any) -> None:
        await scene.sentry(GRANT, mode="propose").issues.resolve(str(scene.issue.id))
        (proposal,) = await scene.services.proposals.waiting()
        await scene.sentry(self.MANY, name="other").issues.delete(str(scene.issue.id))
        with pytest.raises(approvals.ProposalGoneError, match=f"{scene.issue.short_id} is no longer in Sentry"):
            await self.approve(scene, proposal)
        assert await scene.services.proposals.waiting() == []
        with pytest.raises(ProposalDecidedError, match="is gone by ann already"):
            await self.approve(scene, proposal)

    async def test_the_sentence_of_a_forged_wish_tells_what_would_be_done(self, scene: Any) -> None:
        ids = tuple(("id", str(one.id)) for one in (scene.issue, scene.second))
        forged = Call(
            OPERATIONS["issues.delete_many"],
            {"organization_id_or_slug": "acme"},
            (*ids, ("project", "shop"), ("query", "timesSeen:<0")),
            intent="commented on SHOP-1",
        )
        await scene.sentry(self.MANY, mode="propose").send(forged)
        (proposal,) = await scene.services.proposals.waiting()
        labels = f"{scene.issue.short_id} and {scene.second.short_id}"
        assert proposal.intent == f'deleted {labels} (as the handler says: "commented on SHOP-1")'
        assert (await scene.entries())[0].text("intent") == proposal.intent

    async def test_a_name_that_sentry_gave_is_kept_for_whoever_approves(self, scene: Any) -> None:
        await scene.sentry(GRANT, mode="propose").issues.assign(str(scene.issue.id), "#payments")
        (proposal,) = await scene.services.proposals.waiting()
        way = replace(scene.connection, issue_cache=IssueCache("acme"))
        assert (await approvals.approve(scene.services, way, proposal, GRANT, "ann")).sent
        intents = [entry.text("intent") for entry in await scene.entries() if entry.kind == "call"]
        assert intents == [f"assigned {scene.issue.short_id} to team payments"] * 2


async def test_a_person_is_told_by_the_error_alone_and_no_line_of_a_log_comes_before_it(scene: Any) -> None:
    await scene.sentry(GRANT, mode="propose").issues.resolve(str(scene.issue.id))
    (proposal,) = await scene.services.proposals.waiting()
    with capture_logs() as lines, pytest.raises(Exception, match="its grant does not hold event:write"):
        await approvals.approve(scene.services, scene.connection, proposal, Grant(), "ann")
    assert [line for line in lines if line["log_level"] not in {"debug", "info"}] == []
    with capture_logs() as lines, pytest.raises(Exception, match="its grant does not hold event:read"):
        await scene.sentry(Grant()).issues.resolve(str(scene.issue.id))
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["call denied"]


class TestTenants:
    async def test_the_same_number_in_another_sentry_has_a_budget_proposals_and_echoes_of_its_own(
        self, scene: Any
    ) -> None:
        other = replace(scene.connection, tenant="other.example/acme")
        issue = str(scene.issue.id)
        for connection in (scene.connection, other):
            await scene.sentry(GRANT, mode="propose", connection=connection).issues.resolve(issue)
        assert len(await scene.services.proposals.waiting()) == 2
        few = Grant(scopes=("event:write",), writes_per_issue_per_hour=1)
        for number, connection in enumerate((scene.connection, other)):
            await scene.sentry(few, connection=connection).issues.comment(issue, f"number {number}")
        await scene.sentry(GRANT).issues.resolve(issue)
        own = scene.services.own_writes
        assert await own.echo_of(other.scoped(issue), "a", ("issue.resolved",), "", person=False) is None
        assert await own.echo_of(scene.connection.scoped(issue), "a", ("issue.resolved",), "", person=False)
