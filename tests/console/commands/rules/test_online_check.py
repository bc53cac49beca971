"""`vedette rules check --online` as CI runs it: names that only Sentry knows, against a simulated one."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from console.commands.rules import app
from vedette.simulator import World, create_app
from vedette.simulator.world import builders
from vedette.testing.servers import served

GOOD = """
[[rule]]
name = "good"
on = "issue.created"
projects = ["ferry", "ferry-*"]
when = "project:ferry !assigned:#berth-ops assigned:ann@acme.example release:1.0 release:latest"
then = [
  { assign = "#berth-ops" },
  { assign = ["team:berth-ops", "Ann Lee", "ann@acme.example"], by = "load" },
  { resolve = "in release", release = "0.1" },
  { resolve = "in commit", commit = "abc", repository = "acme/ferry" },
]
"""
WRONG = """
[[rule]]
name = "wrong"
on = "issue.created"
projects = ["fery"]
when = "assigned:an@acme.example first_release:[1.1x, 1.*]"
then = [
  { assign = "#berth-op" },
  { assign = "Anne Lee" },
  { assign = "Sam Berg" },
  { assign = "user:999999" },
  { resolve = "in commit", commit = "abc", repository = "acme/fery" },
  { later = "1h", then = [{ resolve = "in release", release = "0.111" }] },
]
"""
ALL = ("org:read", "team:read", "member:read", "project:read", "project:releases")
Set = Callable[..., None]


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["check", *arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("VEDETTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.toml").write_text(GOOD)
    (tmp_path / "wrong.toml").write_text(WRONG)
    return tmp_path


@pytest.fixture
def token(place: Path) -> Iterator[Set]:
    """Writes settings in which an integration's token holds some scopes."""
    world = World("acme", seed=1)
    team = builders.add_team(world, "berth-ops")
    project = builders.add_project(world, "ferry", teams=[team])
    builders.add_member(world, "ann@acme.example", "Ann Lee", teams=[team])
    for address in ("sam1@acme.example", "sam2@acme.example"):
        builders.add_member(world, address, "Sam Berg")
    for number in range(120):
        builders.add_release(world, f"{number // 100}.{number % 100}", [project])
    builders.add_repository(world, "acme/ferry")
    with served(create_app(world)) as url, capture_logs():

        def write(*scopes: str, name: str = "default", at: str = url, organization: str = "acme") -> None:
            own = builders.add_integration(world, scopes=scopes)
            secret = builders.add_token(world, "internal", scopes, integration=own).secret
            values = {"client_secret": "s" * 32, "token": secret, "organization": organization, "sentry_url": at}
            with (place / "vedette.toml").open("a") as file:
                file.write(f"[integrations.{name}]\n")
                file.writelines(f"{key} = {json.dumps(value)}\n" for key, value in values.items())

        yield write


def test_names_that_exist_are_good_and_it_says_whom_it_asked(token: Set) -> None:
    token(*ALL)
    done = run("good.toml", "--online")
    assert "1 rules can be used" in done.stdout
    assert "Asked acme at http://127.0.0.1" in done.stderr
    assert "(integration default) for 8 names: 0 are wrong" in done.stderr


def test_each_unknown_name_is_told_at_its_place_with_the_nearest_one(token: Set) -> None:
    token(*ALL)
    lines = run("wrong.toml", "--online", code=1).stdout.splitlines()
    someone = "the address, username or id of a member who has accepted the invitation"
    repository = "a repository's name as Sentry knows it"
    version = "the whole version of a release"
    words = {"wrong.toml:": "", someone: "SOMEONE", version: "VERSION", repository: "REPOSITORY"}
    short = list[str]()
    for line in lines:
        for long, word in words.items():
            line = line.replace(long, word)  # noqa: PLW2901 - one word after the other
        short.append(line)
    assert short == [
        '5:13: Sentry has no project "fery": expected a project\'s slug: did you mean "ferry"?',
        '6:18: Sentry has no member "an@acme.example": expected SOMEONE: did you mean "ann@acme.example"?',
        '6:49: Sentry has no release "1.1x": expected VERSION: did you mean "1.1"?',
        '8:14: Sentry has no team "berth-op": expected a team\'s slug: did you mean "berth-ops"?',
        '9:14: Sentry has no member or team "Anne Lee": expected #TEAM, or SOMEONE: did you mean "ann lee"?',
        '10:14: 2 members are called "Sam Berg": expected #TEAM, or SOMEONE',
        '11:14: Sentry has no member "999999": expected SOMEONE',
        '12:57: Sentry has no repository "acme/fery": expected REPOSITORY: did you mean "acme/ferry"?',
        '13:63: Sentry has no release "0.111": expected VERSION: did you mean "1.11"?',
    ]
    first = json.loads(run("wrong.toml", "--online", "--json", code=1).stdout.splitlines()[0])
    assert (first["file"], first["line"], first["column"]) == ("wrong.toml", 5, 13)


def test_without_the_lists_names_are_asked_for_one_by_one(token: Set) -> None:
    token("team:read", "member:read", "project:read", "project:releases")
    rules = Path("good.toml").read_text().replace('  { resolve = "in commit"', "#")
    Path("good.toml").write_text(rules)
    assert "0 are wrong" in run("good.toml", "--online").stderr
    Path("good.toml").write_text(rules.replace("#berth-ops", "#berth-op").replace('"ferry"', '"fery"'))
    told = run("good.toml", "--online", code=1).stdout
    assert 'Sentry has no team "berth-op"' in told
    assert 'Sentry has no project "fery"' in told


def test_what_the_token_may_not_read_is_no_success(token: Set) -> None:
    token("event:write")
    done = run("good.toml", "--online", code=1)
    for what in ("projects", "teams", "members", "releases", "repositories"):
        (line,) = [line for line in done.stderr.splitlines() if line.startswith(f"{what} were not checked: ")]
        assert "Add the scope" in line or "scope" in line
    assert not done.stdout


@pytest.mark.parametrize(
    "case",
    [{"at": "http://127.0.0.1:9"}, {"organization": "acmee"}],
    ids=["nothing listens", "no such organization"],
)
def test_no_answer_is_one_sentence(token: Set, case: dict[str, str]) -> None:
    token(*ALL, **case)
    done = run("good.toml", "--online", code=1)
    assert len(done.stderr.splitlines()) == 1
    assert not done.stdout


def test_of_several_integrations_one_is_named(token: Set) -> None:
    token(*ALL, name="north")
    assert "(integration north)" in run("good.toml", "--online").stderr
    token("event:write", name="south")
    assert (
        run("good.toml", "--online", code=2)
        .stderr.strip()
        .endswith("there are several integrations (north, south): name one with --integration")
    )
    assert "(integration north)" in run("good.toml", "--online", "--integration", "north").stderr
    assert "did you mean north?" in run("good.toml", "--online", "--integration", "nort", code=2).stderr
    assert "add --online" in run("good.toml", "--integration", "north", code=2).stderr


def test_without_a_token_it_says_which_setting_is_missing(place: Path) -> None:
    assert "token" in run(str(place / "good.toml"), "--online", code=2).stderr


NOTIFY = '[[rule]]\nname = "a"\non = "issue.created"\nthen = [{ notify = "opps" }]\n'


def test_channels_are_compared_with_those_of_the_settings(place: Path) -> None:
    (place / "triage.toml").write_text(NOTIFY)
    (place / "vedette.toml").write_text('[channels.ops]\nkind = "webhook"\nurl = "https://hooks.example/x"\n')
    for arguments in ((), ("triage.toml",)):
        told = run(*arguments, code=1).stdout
        assert 'triage.toml:4:20: there is no channel "opps": expected a channel of the settings (ops)' in told
    (place / "triage.toml").write_text(NOTIFY.replace("opps", "ops"))
    run()


def test_a_named_file_is_checked_where_there_are_no_usable_settings(place: Path) -> None:
    (place / "some.toml").write_text(NOTIFY)
    run("some.toml")
    (place / "vedette.toml").write_text("handlers = 3\n")
    assert "Names of channels were not checked" in run("some.toml").stderr
    run(code=2)
