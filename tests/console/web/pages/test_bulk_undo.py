"""Many writes are undone by one order, after a preview that says which."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.console.web.browsers import watched_page
from tests.console.web.consoles import RunningConsole, make_settings, running_console
from tests.gateway.gateways import add_issue, make_world, serving
from vedette.admin.connections import policy_services
from vedette.settings.settings import Settings
from vedette.simulator import Issue, create_app

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class ResolvedIssues:
    """A console before a simulated Sentry in which the rule `noise` has resolved some issues."""

    console: RunningConsole
    issues: list[Issue]


@pytest_asyncio.fixture(loop_scope="session")
async def resolved(redis_url: str) -> AsyncIterator[ResolvedIssues]:
    world, token = make_world()
    issues = [add_issue(world, "shop", f"Error{number}") for number in range(3)]
    async with serving(create_app(world)) as sentry_url:
        settings = make_settings(redis_url, sentry_url=sentry_url)
        integration = settings.integrations["default"].model_dump() | {"token": token, "client_secret": "s" * 32}
        settings = Settings.model_validate(settings.model_dump() | {"integrations": {"default": integration}})
        async with running_console(settings) as console:
            audit = policy_services(console.services.admin_session("ann")).audit
            for issue in issues:
                issue.status = "resolved"
                entry = await audit.append(
                    "call",
                    {
                        "handler": "triage",
                        "intent": f"resolved {issue.short_id}",
                        "decision": "granted by [handlers.triage]",
                        "integration": "default",
                        "organization": "acme",
                        "issue": str(issue.id),
                        "issues": [str(issue.id)],
                        "label": issue.short_id,
                        "project": "shop",
                        "because": "rule noise",
                        "operation": "issues.update",
                        "before": {"status": "unresolved"},
                        "after": {"status": "resolved"},
                    },
                )
                await audit.append("outcome", {"of": entry, "status": 200, "after": {"status": "resolved"}})
            yield ResolvedIssues(console, issues)


async def test_all_writes_of_a_rule_are_undone_but_those_to_issues_changed_since(
    browser: Browser, resolved: ResolvedIssues
) -> None:
    console, (first, second, changed) = resolved.console, resolved.issues
    changed.status = "ignored"
    async with watched_page(browser, console) as watched:
        page = watched.page
        await watched.open("/audit?q=rule:noise")
        await page.get_by_role("link", name="Undo all writes like these").click()
        await expect(page.get_by_role("heading", name="Undo 3 writes")).to_be_visible()
        assert [one.status for one in resolved.issues] == ["resolved", "resolved", "ignored"]
        await page.get_by_role("button", name="Undo 3 writes").click()
        await expect(page.get_by_role("heading", name="Done")).to_be_visible()
        await expect(page.get_by_text("was changed since")).to_be_visible()
    assert (first.status, second.status, changed.status) == ("unresolved", "unresolved", "ignored")
    (order,) = [one for one in await console.entries() if one.kind == "order"]
    assert order.text("intent") == "undid 3 writes of rule:noise within 24h"
    assert order.text("decision") == "ordered by a operator"
    again = (await console.get("/audit/undo?q=rule:noise")).text
    assert "2 others were undone before" in again


async def test_an_order_takes_no_write_that_its_preview_did_not_show(resolved: ResolvedIssues) -> None:
    answer = await resolved.console.post("/audit/undo", {"q": "rule:noise", "since": "24h", "newest": "1"})
    await resolved.console.services.bulk.wait()
    assert answer.headers["location"].startswith("/jobs/")
    assert [one.status for one in resolved.issues] == ["unresolved", "resolved", "resolved"]


@pytest.mark.parametrize(("newest", "status"), [("0", 303), ("", 303), ("-1", 303), ("²", 303)])
async def test_an_order_without_a_preview_changes_nothing(resolved: ResolvedIssues, newest: str, status: int) -> None:
    answer = await resolved.console.post("/audit/undo", {"q": "rule:noise", "newest": newest})
    assert (answer.status_code, answer.headers["location"]) == (status, "/audit")
    assert {one.status for one in resolved.issues} == {"resolved"}


async def test_not_everything_is_undone_at_once(resolved: ResolvedIssues) -> None:
    assert (await resolved.console.get("/audit/undo")).status_code == 400
    assert (await resolved.console.post("/audit/undo", {"newest": "99"})).status_code == 400
    assert {one.status for one in resolved.issues} == {"resolved"}
