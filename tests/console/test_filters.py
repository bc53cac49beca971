"""Filters of the listing commands: the same in each, and a value that nothing knows is refused with the nearest."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import redis
from typer.testing import CliRunner

from console.main import app
from tests.recorded_deliveries import NOW, record_delivery
from vedette.store.server.keys import DELIVERIES, ROSTER

Run = Callable[..., Any]
HANDLERS = (
    {"name": "triage", "patterns": ["issue.*"], "mode": "act", "source": "vedette"},
    {"name": "alarm", "patterns": ["issue.created"], "mode": "observe", "source": "p", "when": "level:fatal"},
    {"name": "harbour", "patterns": ["issue.created"], "mode": "observe", "source": "p"},
    {
        "name": "runbook",
        "patterns": ["issue.created"],
        "mode": "off",
        "source": "vedette",
        "missing": ["it is not set up: set `runbooks` under [handlers.runbook] (docs/handlers/runbook.md)"],
    },
)
ROSTER_TEXT = json.dumps({"handlers": HANDLERS, "problems": [], "written": NOW})


@pytest.fixture
def client(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A Redis with two deliveries, their runs and what the workers have loaded."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEDETTE_REDIS_URL", redis_url)
    found = cast("Any", redis.Redis).from_url(redis_url)
    found.set(ROSTER, ROSTER_TEXT)
    why = [f"rule {number} does not match: no  level:fatal (level is error)" for number in range(40)]
    did = json.dumps(["none of 40 rules matches", *why])
    record_delivery(found, label="SHOP-4K", issue="31", runs={"triage": {"state": "done", "did": did}})
    record_delivery(found, label="SHOP-5", issue="32", runs={"triage": {"state": "dead", "error": "it broke"}})
    return found


@pytest.fixture
def run(client: Any) -> Run:
    del client

    def call(*words: str, code: int = 0) -> Any:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, (words, result.output, result.exception)
        return result

    return call


def labels(result: Any) -> set[str]:
    return {json.loads(line)["label"] for line in result.stdout.splitlines()}


@pytest.mark.parametrize("command", ["deliveries", "runs"])
@pytest.mark.parametrize("issue", ["31", "SHOP-4K", "shop-4k"])
def test_an_issue_is_found_by_its_id_and_its_short_id_in_each_command(command: str, issue: str, run: Run) -> None:
    assert labels(run(command, "--issue", issue, "--json")) == {"SHOP-4K"}


def test_the_other_filters_mean_the_same_in_each_command(run: Run) -> None:
    for command in ("deliveries", "runs"):
        assert labels(run(command, "--handler", "triage", "--state", "dead", "--json")) == {"SHOP-5"}
    assert labels(run("dead", "--issue", "shop-5", "--json")) == {"SHOP-5"}


@pytest.mark.parametrize("command", ["deliveries", "runs", "dead", "audit"])
@pytest.mark.parametrize("age", ["1.5h", "90000ms", "2w"])
def test_ages_are_read_alike_in_each_command(command: str, age: str, run: Run) -> None:
    run(command, "--since", age)
    assert "write a number and a unit, such as 30m" in run(command, "--since", "yesterday", code=2).output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("deliveries", "--handler", "traige"), "did you mean triage?"),
        (("deliveries", "--resource", "isue"), "did you mean issue?"),
        (("deliveries", "--state", "ded"), "did you mean dead?"),
        (("runs", "--handler", "traige"), "did you mean triage?"),
        (("runs", "--resource", "isue"), "did you mean issue?"),
        (("runs", "--state", "ded"), "did you mean dead?"),
        (("dead", "--handler", "traige"), "did you mean triage?"),
        (("dead", "--resource", "isue"), "did you mean issue?"),
        (("dead", "discard", "--all", "--handler", "traige"), "did you mean triage?"),
        (("replay", "--dead", "--handler", "traige"), "did you mean triage?"),
        (("replay", "--dead", "--resource", "isue"), "did you mean issue?"),
        (("trigger", "issue.craeted"), "did you mean issue.created"),
        (("trigger", "issue.created", "--integration", "defualt"), "did you mean default?"),
        (("rules", "test", "--sample", "isue.created"), "did you mean issue.created"),
        (("rules", "test", "--issue", "1", "--event", "issue.craeted"), "did you mean issue.created?"),
        (("rules", "test", "body.json", "--resource", "isue"), "did you mean issue?"),
        (("rules", "ready", "nosie"), "did you mean noise?"),
    ],
)
def test_a_misspelt_value_is_refused_with_the_nearest(words: tuple[str, ...], told: str, run: Run) -> None:
    assert told in run(*words, code=2).output


@pytest.mark.parametrize(
    "words",
    [
        ("deliveries", "--issue", "SHOP-9"),
        ("deliveries", "--handler", "alarm"),
        ("deliveries", "--resource", "comment"),
        ("runs", "--state", "quarantined"),
        ("dead", "--issue", "SHOP-4K"),
    ],
)
def test_filters_that_nothing_fits_say_so_and_not_that_there_is_nothing(words: tuple[str, ...], run: Run) -> None:
    assert run(*words).stdout.startswith("No match")
    assert run(*words, "--json").stdout == ""


def test_a_handler_that_nothing_is_known_of_is_not_refused_where_no_worker_has_started(run: Run, client: Any) -> None:
    client.delete(ROSTER)
    assert "No match" in run("runs", "--handler", "somebody").stdout


def test_the_cell_of_a_run_that_did_nothing_is_short_and_explain_has_it_all(run: Run, client: Any) -> None:
    for command in ("deliveries", "runs"):
        text = run(command, "--issue", "31").stdout
        assert "none of 40 rules matches" in text
        assert "more: `vedette explain`" in text
        assert "rule 39" not in text
    (delivery,) = (json.loads(line)["id"] for line in run("deliveries", "--issue", "31", "--json").stdout.splitlines())
    assert "rule 39" in run("deliveries", "--issue", "31", "--json").stdout
    assert "rule 39" in run("explain", delivery).stdout
    del client


def test_explain_claims_that_a_replay_helps_only_where_it_may(run: Run, client: Any, tmp_path: Path) -> None:
    delivery = next(iter(client.zrange(DELIVERIES, 0, 0))).decode()
    (tmp_path / "vedette.toml").write_text('[handlers.harbour]\nprojects = ["harbour-*"]\n')
    told = {line.split()[0]: line for line in run("explain", delivery).stdout.splitlines() if "left out" in line}
    assert "it is not set up: set `runbooks`" in told["runbook"]
    assert "replay" not in told["runbook"]
    assert "not on for project" in told["harbour"]
    assert "replay" not in told["harbour"]
    assert "only when level:fatal" in told["alarm"]
    assert f"`vedette replay {delivery}` decides again" in told["alarm"]

    quarantined = record_delivery(client, label="", issue="33", runs={}, state="quarantined", reason="no JSON")
    assert "replay" not in run("explain", quarantined).stdout
    undecided = record_delivery(client, label="", issue="34", runs={}, undecided="1")
    assert "replay" not in run("explain", undecided).stdout


@pytest.mark.parametrize(
    "junk", [b"no JSON", b"\xff\xfe", b"[]", b'{"handlers": 3}', b'{"handlers": [{}], "problems": []}']
)
def test_junk_in_place_of_the_list_of_handlers_is_a_sentence(junk: bytes, run: Run, client: Any) -> None:
    client.set(ROSTER, junk)
    assert "restart a worker" in run("handlers", code=1).output
    assert "No match" in run("runs", "--handler", "somebody").stdout
    client.delete(ROSTER)
    client.hset(ROSTER, "a", "b")
    assert "restart a worker" in run("handlers", code=1).output


def test_handlers_names_settings_for_a_handler_that_the_workers_have_not(run: Run, client: Any, tmp_path: Path) -> None:
    client.set(ROSTER, json.dumps({**json.loads(ROSTER_TEXT), "names": ["triage", "alarm"]}))
    (tmp_path / "vedette.toml").write_text('[handlers.triag]\nmode = "observe"\n')
    assert "there is no handler triag: did you mean triage?" in run("handlers", code=2).output
