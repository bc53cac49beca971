"""`vedette reconcile`: what it prints, its exit codes, and the commands of its page."""

import json
import logging
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from console.main import app
from tests.conftest import connect
from vedette.reconcile.report import NOT_REBUILT
from vedette.reconcile.scope import REBUILDABLE
from vedette.simulator import ErrorReport, Fault, Faults, RateLimits, World, create_app, population, record_error
from vedette.simulator.world.integrations import Integration
from vedette.testing.servers import served

PAGE = (Path(__file__).parents[3] / "docs" / "reconcile.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
NOTHING, FAILED, WRONG_USAGE, MISSING = 0, 1, 2, 3


@dataclass
class Place:
    """A simulated Sentry whose webhooks nobody receives, and the command line beside it."""

    world: World
    faults: Faults
    integration: Integration

    def lose_an_issue(self, number: int = 0) -> None:
        project = self.world.project_by_slug["shop-web"]
        record_error(self.world, project, ErrorReport("ValueError", f"no. {number}", function=f"f{number}"))

    def run(self, command: str, code: int) -> str:
        done = CliRunner().invoke(app, shlex.split(command)[1:])
        assert done.exit_code == code, f"{command}: {done.exit_code}\n{done.output}"
        return done.output

    def report(self, options: str = "", code: int = MISSING) -> dict[str, Any]:
        return json.loads(self.run(f"vedette reconcile --since 2h --json {options}", code).splitlines()[-1])


@pytest.fixture
def place(redis_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Place]:
    world, faults = World("acme", seed=1), Faults()
    population.add_project(world, "shop-web", teams=[population.add_team(world, "payments")])
    own = population.add_integration(world)
    token = population.add_token(world, "internal", own.scopes, integration=own)
    with served(create_app(world, limits=RateLimits(manner="self-hosted"), faults=faults)) as url:
        for name, value in {
            "VEDETTE_CLIENT_SECRET": "s" * 32,
            "VEDETTE_TOKEN": token.secret,
            "VEDETTE_ORGANIZATION": "acme",
            "VEDETTE_SENTRY_URL": url,
            "VEDETTE_REDIS_URL": redis_url,
            "VEDETTE_RECONCILE__GRACE": "0.001",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        # As the program does; the logs would otherwise be lines of the output.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        yield Place(world, faults, own)
        structlog.reset_defaults()


def test_the_commands_of_the_page_work(place: Place) -> None:
    place.lose_an_issue()
    for command in COMMANDS:
        reconciles = command.startswith("vedette reconcile")
        # The first one looks at what happened since the first sweep, and nothing did.
        code = MISSING if reconciles and "--since 2h" in command else NOTHING
        shown = place.run(command, code)
        assert "issue.created" in shown or "--since 2h" not in command
    assert "issue.created rebuilt" in place.run("vedette deliveries --rebuilt", NOTHING)


def test_it_shows_what_is_missing_and_ends_with_code_3(place: Place) -> None:
    for number in range(25):
        place.lose_an_issue(number)
    shown = place.run("vedette reconcile --since 2h --dry-run", MISSING)
    assert "25 missing" in shown
    assert "25 would be rebuilt" in shown
    assert "and 5 more" in shown
    assert all(len(line.rstrip()) <= 80 for line in shown.splitlines()), shown
    report = place.report()
    assert [one["name"] for one in report["missing"]] == ["issue.created"] * 25
    assert report["not_rebuilt"] == dict(NOT_REBUILT)
    assert place.report(code=NOTHING)["number_missing"] == 0
    assert "Nothing is missing" in place.run("vedette reconcile", NOTHING)
    listed = [json.loads(line) for line in place.run("vedette deliveries --json", NOTHING).splitlines()]
    assert {one["source"] for one in listed} == {"reconcile"}
    assert {one["rebuilt"] for one in listed} == {"recent"}


def test_errors_are_rebuilt_where_they_are_named_and_the_installation_is_known(place: Place, redis_url: str) -> None:
    place.lose_an_issue()
    shown = place.run("vedette reconcile --since 2h --kind error.created", NOTHING)
    assert "error.created was not compared" in shown
    assert all(len(line.rstrip()) <= 80 for line in shown.splitlines()), shown
    with connect(redis_url) as redis:
        redis.hset("{vedette}:reconcile:default", "installation", place.integration.installation)
    planned = place.report("--kind error.created --dry-run")
    assert [(one["name"], one["delivery"]) for one in planned["missing"]] == [("error.created", "")]
    assert "error.created" in place.run("vedette reconcile --since 2h --kind error.created", MISSING)
    (listed,) = [json.loads(line) for line in place.run("vedette deliveries --json", NOTHING).splitlines()]
    assert (listed["resource"], listed["source"], listed["rebuilt"]) == ("error", "reconcile", "recent")
    assert place.report("--kind error.created", NOTHING)["number_missing"] == 0


def test_the_youngest_can_be_left_out(place: Place) -> None:
    place.lose_an_issue()
    assert place.report("--until 1h", NOTHING)["missing"] == []
    assert len(place.report("--dry-run")["missing"]) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--kind comment.deleted", "cannot be rebuilt: a deleted comment leaves no trace"),
        ("--kind seer.root_cause_started", "cannot be rebuilt"),
        ("--kind issue.create", "did you mean issue.created"),
        ("--integration other", "there is no integration other"),
        ("--since yesterday", "yesterday"),
    ],
)
def test_what_cannot_be_asked_for_is_an_error_of_usage(place: Place, options: str, told: str) -> None:
    assert told in place.run(f"vedette reconcile {options}", WRONG_USAGE)


def test_a_sentry_that_refuses_is_an_error_of_its_own(place: Place) -> None:
    place.faults.add(Fault("status", times=None, status=403))
    assert "403" in place.run("vedette reconcile", FAILED)


def test_sentrys_log_of_failures_is_read_where_the_integration_is_named(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "apps.webhook_requests" not in place.report("--dry-run", NOTHING)["calls"]
    monkeypatch.setenv("VEDETTE_INTEGRATIONS__DEFAULT__APP", place.integration.slug)
    assert place.report("--dry-run", NOTHING)["calls"]["apps.webhook_requests"] == 1


def test_the_page_says_of_each_webhook_whether_it_can_be_rebuilt() -> None:
    for name in REBUILDABLE:
        assert f"`{name}`" in PAGE
    for name in NOT_REBUILT:
        resource = name.partition(".")[0]
        assert f"`{name}`" in PAGE or f"`{resource}.*`" in PAGE, name
