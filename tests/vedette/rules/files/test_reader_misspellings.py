"""No key, action or value of a list in a rules file with a letter wrong is taken in silence.

With VEDETTE_FULL=1 all misspellings are tried, otherwise some of each name.
"""

import json
import re
from pathlib import Path

import pytest

from tests.misspelling import misspelt
from vedette.events.catalog import known_names
from vedette.rules import RulesError, read_rules
from vedette.rules.actions import ACTIONS
from vedette.rules.files.locations import default_rules
from vedette.rules.files.reader import rules_of
from vedette.rules.files.schema_models import RuleForm
from vedette.rules.presets import ready_names, ready_rules
from vedette.search.keys import key_names

TEXTS = {name: ready_rules(name).text for name in ready_names()} | {"default": default_rules().read_text()}
SHORTEST_KEY = 5
"""Letters: shorter ones are near too many names of tags."""
TAGS = ("users", "stage", "device", "messages", "release_stage")
"""Names that applications give to tags, and that are taken as such."""
KEY = re.compile(r"(?<=[{,\n])[ \t]*([a-z_]+)(?= *=[^=])|(?<=\[\[)([a-z]+)(?=\]\])")
RULE = '[[rule]]\nname = "one"\non = "{on}"\nwhen = "level:fatal"\nthen = [{then}]\n{more}\n'


def is_refused(text: str) -> bool:
    try:
        rules_of([("triage.toml", text)])
    except RulesError:
        return True
    return False


def rule(then: str = '{ resolve = "now" }', on: str = "issue.created", more: str = "") -> str:
    return RULE.format(on=on, then=then, more=more)


@pytest.mark.parametrize("name", TEXTS)
def test_no_key_in_use_may_be_misspelt(name: str) -> None:
    text = TEXTS[name]
    assert not is_refused(text)
    for found in {match[1] or match[2]: match for match in KEY.finditer(text)}.values():
        group = 1 if found[1] else 2
        for wrong in misspelt(found[group]):
            assert is_refused(text[: found.start(group)] + wrong + text[found.end(group) :]), (found[group], wrong)


def test_no_key_that_exists_may_be_misspelt_in_a_rule_or_an_action() -> None:
    known = {*RuleForm.model_fields, *(key for action in ACTIONS.values() for key in action.model_fields)}
    for key in sorted(known):
        for wrong in misspelt(key, known):
            assert is_refused(rule(more=f"{wrong} = 1")), wrong
            assert is_refused(rule(then=f"{{ {wrong} = 1 }}")), wrong


@pytest.mark.parametrize(
    ("then", "values"),
    [
        ('{{ resolve = "{}" }}', ("now", "in next release", "in current release")),
        ('{{ archive = "{}" }}', ("forever", "until escalating")),
        ('{{ priority = "{}" }}', ("low", "medium", "high")),
    ],
)
def test_no_value_of_an_action_s_list_may_be_misspelt(then: str, values: tuple[str, ...]) -> None:
    for value in values:
        assert not is_refused(rule(then=then.format(value))), value
        for wrong in misspelt(value, values):
            assert is_refused(rule(then=then.format(wrong))), wrong


def test_no_event_and_no_mode_may_be_misspelt() -> None:
    for event in known_names():
        for wrong in misspelt(event, known_names()):
            assert is_refused(rule(on=wrong)), wrong
    for mode in ("observe", "propose", "act"):
        for wrong in misspelt(mode):
            assert is_refused(rule(more=f"mode = {json.dumps(wrong)}")), wrong


def test_a_file_that_is_named_and_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulesError):
        read_rules([tmp_path / "traige.toml"])


def test_no_search_key_of_some_length_may_be_misspelt() -> None:
    for key in key_names():
        if len(key) < SHORTEST_KEY:
            continue
        for wrong in misspelt(key, key_names()):
            text = rule(on="*").replace("level:fatal", f"{wrong}:x")
            assert is_refused(text) or wrong in TAGS, wrong


def test_no_level_and_no_status_may_be_misspelt() -> None:
    for word in ("level:fatal", "level:warning", "is:unresolved", "is:archived", "is:unassigned"):
        key, _, value = word.partition(":")
        for wrong in misspelt(value, ("assigned", "resolved")):
            assert is_refused(rule().replace("level:fatal", f"{key}:{wrong}")), wrong
