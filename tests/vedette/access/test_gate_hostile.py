"""A plugin that wants more than it was granted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from vedette import AccessDenied
from vedette.access.context import PolicyServices
from vedette.access.gate import Gate
from vedette.api import OPERATIONS, Call, Credential, HttpTransport, InvalidUpdateError, Sentry, SentryConnection
from vedette.permissions.errors import BudgetExhausted
from vedette.permissions.grants import NOTHING, Grant
from vedette.settings.access import AccessSettings
from vedette.simulator.world import builders

EVERYTHING = Grant(scopes=("event:admin", "project:admin", "org:admin", "team:admin", "member:admin"))


def call(scene: Any, name: str, **more: Any) -> Call:
    """A call to any operation, with parameters that exist where they can."""
    values = {
        "organization_id_or_slug": "acme",
        "project_id_or_slug": "shop",
        "team_id_or_slug": "payments",
        "issue_id": str(scene.issue.id),
    }
    operation = OPERATIONS[name]
    parameters = {each: values.get(each, "1") for each in operation.parameters}
    return Call(operation, parameters, body={"name": "x"} if operation.writes else None, **more)


async def test_no_operation_of_the_table_gets_through_without_a_grant_and_each_try_is_in_the_audit(scene: Any) -> None:
    await scene.connection.token.get()
    sentry = scene.sentry(NOTHING)
    for name in OPERATIONS:
        with pytest.raises(AccessDenied, match=r"To allow it"):
            await sentry.send(call(scene, name))
    entries = await scene.entries()
    assert [entry.text("operation") for entry in entries] == list(OPERATIONS)
    assert all(entry.text("decision").startswith("denied") for entry in entries)
    assert (await scene.services.budgets.counts())["plugin"] == {"denied": len(OPERATIONS)}


async def test_what_a_handler_does_not_state_that_it_needs_is_denied_though_it_is_granted(scene: Any) -> None:
    sentry = scene.sentry(EVERYTHING, needs=("event:read",))
    with pytest.raises(AccessDenied, match=r'needs=\("event:write",\)'):
        await sentry.issues.resolve(str(scene.issue.id))
    assert scene.issue.status == "unresolved"


Deed = Callable[[Sentry, str], Any]
DEEDS: list[Deed] = [
    lambda sentry, issue: sentry.issues.resolve(issue),
    lambda sentry, issue: sentry.issues.get(issue),
    lambda sentry, issue: sentry.issues.comment(issue, "hello"),
    lambda sentry, issue: sentry.issues.delete(issue),
    lambda sentry, issue: sentry.issues.get_many([issue]),
    lambda sentry, issue: sentry.issues.activities(issue),
    lambda sentry, _: sentry.projects.get("bank"),
    lambda sentry, _: sentry.releases.create("1.0", projects=["shop", "bank"]),
    lambda sentry, _: sentry.releases.delete("bank@1"),
]


class TestOtherProjects:
    GRANT = Grant(scopes=("event:admin", "project:read", "project:releases"), projects=("sho*",))

    async def test_the_granted_project_is_open(self, scene: Any) -> None:
        sentry = scene.sentry(self.GRANT)
        assert (await sentry.issues.resolve(str(scene.issue.id))).changed
        assert [issue.label async for issue in sentry.issues.search("", project=["shop"])]

    @pytest.mark.parametrize("deed", DEEDS)
    async def test_another_project_is_closed(self, scene: Any, deed: Deed) -> None:
        builders.add_release(scene.world, "bank@1", [scene.world.project_by_slug["bank"]])
        sentry = scene.sentry(self.GRANT)
        with pytest.raises(AccessDenied, match=r"projects = \["):
            await deed(sentry, str(scene.other.id))
        assert (await scene.decisions())[-1].startswith("denied")
        assert scene.other.status == "unresolved"
        assert not scene.other.comments
        assert "bank@1" in scene.world.releases

    async def test_a_search_that_shows_other_projects_is_not_handed_out(self, scene: Any) -> None:
        with pytest.raises(AccessDenied, match="bank"):
            _ = [issue async for issue in scene.sentry(self.GRANT).issues.search("")]

    async def test_the_project_that_a_call_claims_is_not_believed(self, scene: Any) -> None:
        claimed = call(scene, "issues.update", project="shop", issue=str(scene.issue.id), intent="nothing at all")
        claimed = replace(
            claimed,
            parameters={**claimed.parameters, "issue_id": str(scene.other.id)},
            body={"status": "resolved"},
        )
        with pytest.raises(AccessDenied, match="does not cover project bank"):
            await scene.sentry(self.GRANT).send(claimed)

    async def test_a_bulk_call_without_ids_or_with_a_search_of_its_own_is_denied(self, scene: Any) -> None:
        for query in ((), (("id", str(scene.issue.id)), ("query", "is:unresolved")), (("query", ""),)):
            bulk = replace(call(scene, "issues.update_many"), query=query, body={"status": "resolved"})
            with pytest.raises(AccessDenied, match="must name them"):
                await scene.sentry(EVERYTHING).send(bulk)
        assert scene.issue.status == scene.other.status == "unresolved"


async def test_another_organization_is_closed(scene: Any) -> None:
    stray = call(scene, "issues.update")
    stray = replace(stray, parameters={**stray.parameters, "organization_id_or_slug": "rivals"})
    with pytest.raises(AccessDenied, match="another organization"):
        await scene.sentry(EVERYTHING).send(stray)


async def test_fields_and_operations_that_are_not_granted_are_closed(scene: Any) -> None:
    issue = str(scene.issue.id)
    may_assign = scene.sentry(Grant(scopes=("event:write", "team:read"), fields=("assignedTo",)))
    with pytest.raises(AccessDenied, match=r'fields = \["assignedTo", "status"\]'):
        await may_assign.issues.resolve(issue)
    assert (await may_assign.issues.assign(issue, "#payments")).changed
    only_comments = scene.sentry(Grant(scopes=("event:write",), operations=("issues.comment", "issues.get")))
    with pytest.raises(AccessDenied, match="names other operations"):
        await only_comments.issues.resolve(issue)
    assert (await only_comments.issues.comment(issue, "hello")).changed
    with pytest.raises(AccessDenied, match="merge"):
        await scene.sentry(EVERYTHING).send(replace(call(scene, "issues.update"), body={"merge": True}))


@pytest.mark.parametrize("scopes", [("event:read",)])
async def test_what_the_token_does_not_hold_is_denied_before_it_leaves(scene: Any) -> None:
    with pytest.raises(AccessDenied, match="the token does not hold event:write"):
        await scene.sentry(Grant(scopes=("event:write",))).issues.resolve(str(scene.issue.id))


async def test_budgets_end_what_a_handler_may_write(scene: Any) -> None:
    sentry = scene.sentry(Grant(scopes=("event:write",), writes_per_hour=2))
    for number in range(2):
        await sentry.issues.comment(str(scene.issue.id), f"number {number}")
    with pytest.raises(BudgetExhausted, match="writes_per_hour = 4"):
        await sentry.issues.comment(str(scene.other.id), "one too many")
    assert (await scene.decisions())[-1].startswith("denied: it has written 2 times")
    few = scene.sentry(Grant(scopes=("event:write",), writes_per_issue_per_hour=1), name="few")
    await few.issues.comment(str(scene.other.id), "one")
    with pytest.raises(BudgetExhausted, match="budget for one issue"):
        await few.issues.comment(str(scene.other.id), "two")


@pytest.mark.parametrize("access_settings", [AccessSettings(writes_per_issue_per_hour=3)])
async def test_all_handlers_together_may_change_an_issue_so_often(scene: Any) -> None:
    handlers = [scene.sentry(EVERYTHING, name=name) for name in ("one", "two")]
    for number in range(3):
        await handlers[number % 2].issues.comment(str(scene.issue.id), f"number {number}")
    with pytest.raises(BudgetExhausted, match="undo each other"):
        await handlers[0].issues.comment(str(scene.issue.id), "round and round")


class TestMadeUpCalls:
    async def test_an_operation_that_claims_to_need_nothing_is_taken_for_the_one_it_names(self, scene: Any) -> None:
        made_up = replace(OPERATIONS["issues.update"], scopes=frozenset(), needs=frozenset(), method="GET")
        forged = replace(call(scene, "issues.update"), operation=made_up, body={"status": "resolved"})
        with pytest.raises(AccessDenied):
            await scene.sentry(NOTHING).send(forged)
        unknown = replace(made_up, name="issues.explode")
        with pytest.raises(InvalidUpdateError, match=r"no operation issues\.explode"):
            await scene.sentry(EVERYTHING).send(replace(forged, operation=unknown))
        assert (await scene.decisions())[-1].startswith("denied: There is no operation issues.explode")

    async def test_a_call_that_changes_between_the_check_and_the_sending_does_not(self, scene: Any) -> None:
        class Changing(Mapping[str, str]):
            """Names the granted issue once, and another one ever after."""

            asked = 0

            def __getitem__(self, name: str) -> str:
                if name != "issue_id":
                    return "acme"
                self.asked += 1
                return str(scene.issue.id if self.asked == 1 else scene.other.id)

            def __iter__(self) -> Iterator[str]:
                return iter(("organization_id_or_slug", "issue_id"))

            def __len__(self) -> int:
                return 2

        sly = replace(call(scene, "issues.update"), parameters=Changing(), body={"status": "resolved"})
        await scene.sentry(Grant(scopes=("event:write",), projects=("shop",))).send(sly)
        assert (scene.issue.status, scene.other.status) == ("resolved", "unresolved")

    async def test_the_audit_says_what_was_done_and_not_what_the_call_claims(self, scene: Any) -> None:
        sly = replace(call(scene, "issues.update"), body={"status": "resolved"}, intent="looked at the weather")
        await scene.sentry(EVERYTHING).send(sly)
        entry = (await scene.entries())[0]
        assert entry.text("intent") == f'resolved {scene.issue.short_id} (as the handler says: "looked at the weather")'
        assert entry.facts["before"] == {"status": "unresolved"}


async def test_no_attribute_of_the_client_leads_to_the_network_the_token_or_redis(scene: Any) -> None:
    sentry = scene.sentry(EVERYTHING)
    await sentry.issues.get(str(scene.issue.id))
    forbidden: tuple[type[Any], ...] = (
        SentryConnection,
        HttpTransport,
        Credential,
        SecretStr,
        Gate,
        Redis,
        PolicyServices,
    )
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("sentry", sentry), ("view", sentry.view(fresh=["1"]))]
    while waiting:
        path, found = waiting.pop()
        assert not isinstance(found, forbidden), path
        if isinstance(found, dict):
            waiting += [(f"{path}[{key}]", value) for key, value in cast("dict[Any, Any]", found).items()]
            continue
        if id(found) in seen or path.count(".") > 6:
            continue
        seen.add(id(found))
        names = [name for name in dir(found) if not (name.startswith("__") and name.endswith("__"))]
        for name in names if type(found).__module__.startswith("vedette") else ():
            waiting.append((f"{path}.{name}", getattr(found, name, None)))
    assert len(seen) > 50


async def test_a_transport_put_around_the_gate_is_still_behind_it(scene: Any) -> None:
    sentry = scene.sentry(NOTHING)
    for way in (sentry.transport, sentry.view().transport, Sentry(organization="acme", transport=sentry.transport)):
        with pytest.raises(AccessDenied):
            await way.send(call(scene, "issues.update"))


async def test_what_one_handler_remembers_is_not_another_ones(scene: Any) -> None:
    one, two = scene.sentry(EVERYTHING, name="one"), scene.sentry(EVERYTHING, name="two")
    assert one._core.memory is not two._core.memory
    assert one._core.memory is scene.sentry(EVERYTHING, name="one")._core.memory
