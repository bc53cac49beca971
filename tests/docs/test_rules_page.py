"""The page about rules: its examples can be read, its commands run, and no action or key is missing on it."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.commands.rules import app
from vedette.events import samples
from vedette.rules import rules_of
from vedette.rules.actions import ACTIONS
from vedette.rules.files.schema_models import RuleForm
from vedette.rules.templates import FIELDS, FILTERS

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_rule_of_the_page_is_read() -> None:
    (rule,) = rules_of([("triage.toml", next(text for text in blocks("toml") if "[[rule]]" in text))])
    assert rule.name == "fatal in production to on-call"


def test_each_action_is_read_as_the_page_writes_it(tmp_path: Path) -> None:
    (tmp_path / "owners").write_text("path:* #x\n")
    (tmp_path / "CODEOWNERS").write_text("* @a/x\n")
    written = [
        text.replace("[...]", "[{ review = true }]") for text in re.findall(r"^\| `(\{.*?\})` \|", PAGE, re.MULTILINE)
    ]
    head = '[[rule]]\nname = "x"\non = "issue.created"\nthen = [\n'
    (rule,) = rules_of([(str(tmp_path / "t.toml"), head + ",\n".join(written) + "\n]")])
    assert {action.kind for action in rule.then} == set(ACTIONS)


@pytest.mark.parametrize("calls", re.findall(r"^\| `(\{.*?\})` \|.*\| (\d+) \|$", PAGE, re.MULTILINE))
def test_the_calls_that_the_page_names_are_those_of_the_action(calls: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "owners").write_text("path:* #x\n")
    (tmp_path / "CODEOWNERS").write_text("* @a/x\n")
    text = f'[[rule]]\nname = "x"\non = "issue.created"\nthen = [{calls[0]}]'
    (rule,) = rules_of([(str(tmp_path / "t.toml"), text)])
    assert rule.cost - 1 == int(calls[1])


def test_every_key_field_and_filter_is_on_the_page() -> None:
    names = [*RuleForm.model_fields, *FILTERS, *(field for fields in FIELDS.values() for field in fields)]
    assert [name for name in names if f"`{name}`" not in PAGE and f"`{name}." not in PAGE] == []


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "body.json").write_bytes(samples.wire(samples.load("issue.created")))
    for line in blocks("sh")[0].splitlines():
        command = line.partition("#")[0].split()
        # One asks a real Sentry; tests/console runs them on the simulated one.
        if not {"--issue", "--online"} & set(command):
            assert CliRunner().invoke(app, command[2:]).exit_code == 0, line
