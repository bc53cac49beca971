"""Rules files: accepted files, and the position of each problem."""

import re
from pathlib import Path

import pytest

from vedette.rules import RulesError, read_rules, rules_of
from vedette.rules.actions import ACTIONS
from vedette.rules.actions.assign import AssignAction
from vedette.rules.model.rule import Rule

GOOD = """
[[rule]]
name = "fatal in production to on-call"
on = ["issue.created", "issue.unresolved"]
when = "level:fatal environment:production"
projects = ["shop-*"]
mode = "act"
then = [
  { assign = "#payments" },
  { priority = "high" },
]
stop = true
cooldown = "1h"
"""


def one(text: str) -> Rule:
    (rule,) = rules_of([("triage.toml", text)])
    return rule


def problems(text: str) -> list[str]:
    with pytest.raises(RulesError) as raised:
        rules_of([("triage.toml", text)])
    return [problem.line_of_text for problem in raised.value.problems]


def test_a_rule_is_read_with_all_that_it_says() -> None:
    rule = one(GOOD)
    assert rule.name == "fatal in production to on-call"
    assert rule.events == ("issue.created", "issue.unresolved")
    assert str(rule.when) == "level:fatal environment:production"
    assert rule.projects == ("shop-*",)
    assert (rule.mode, rule.stop, rule.cooldown) == ("act", True, 3600)
    assert rule.then[0] == AssignAction(assign="#payments")
    assert [action.describe() for action in rule.then] == ["assign to #payments", "set priority high"]
    assert str(rule.place) == "triage.toml:2:1"
    assert "event:write" in rule.needs
    assert rule.cost == 4


def test_one_event_or_project_needs_no_list_and_a_search_can_be_left_out() -> None:
    rule = one('[[rule]]\nname = "x"\non = "issue.*"\nprojects = "a"\nthen = [{ resolve = "now" }]')
    assert (rule.events, rule.projects, rule.when) == (("issue.*",), ("a",), None)


def test_several_files_are_read_in_their_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.toml").write_text(
            f'[[rule]]\nname = "{name}"\non = "issue.created"\nthen = [{{ resolve = "now" }}]\n'
        )
    rules = read_rules([tmp_path / "b.toml", tmp_path / "a.toml"])
    assert [rule.name for rule in rules] == ["b", "a"]
    assert rules.files == (str(tmp_path / "b.toml"), str(tmp_path / "a.toml"))
    assert len(rules_of([("empty.toml", "# nothing yet\n")])) == 0


def rule_with(line: str, then: str = '{ resolve = "now" }') -> str:
    return f'[[rule]]\nname = "x"\non = "issue.created"\nthen = [{then}]\n{line}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            rule_with("colldown = '1h'"),
            (
                'triage.toml:5:1: there is no key "colldown" here: expected one of when, projects, mode, stop, '
                'cooldown, schedule, timezone, search, most: did you mean "cooldown"?'
            ),
        ),
        (
            rule_with('cooldown = "1 fortnight"'),
            'triage.toml:5:12: cooldown = "1 fortnight": expected a time such as "30m", "1h" or "7d"',
        ),
        (rule_with("stop = 'yes'"), 'triage.toml:5:8: stop = "yes": expected true or false'),
        (
            rule_with('mode = "atc"'),
            'triage.toml:5:8: mode = "atc": expected one of "observe", "propose", "act": did you mean "act"?',
        ),
        (rule_with("projects = [1]"), "triage.toml:5:13: projects = 1: expected a text in quotes"),
        (rule_with("projects = 1"), "triage.toml:5:12: projects = 1: expected a text in quotes or a list in [ ]"),
        (
            '[[rule]]\nname = "x"',
            [
                (
                    'triage.toml:1:1: the key "on" is missing: expected `on = ...` in it, or `schedule = ...` and '
                    "`search = ...`"
                ),
                'triage.toml:1:1: the key "then" is missing: expected `then = ...` in it',
            ],
        ),
        (
            rule_with("when = 'level:fatal age:>24h'"),
            (
                "triage.toml:5:26: this search cannot be read: expected a relative time (-24h: since then, "
                "+7d: longer ago; m, h, d or w) or a date such as >=2026-10-04T06:00:00"
            ),
        ),
        (
            rule_with("", "{ asign = 'x' }"),
            (
                f'triage.toml:4:11: there is no action "asign": expected one of {", ".join(ACTIONS)}'
                ': did you mean "assign"?'
            ),
        ),
        (
            rule_with("", "{ }"),
            f"triage.toml:4:9: an action that does nothing: expected one of {', '.join(ACTIONS)}",
        ),
        (
            rule_with("", "{ assign = 'x', priority = 'low' }"),
            "triage.toml:4:9: assign and priority in one action: expected an action for each: { ... }, { ... }",
        ),
        (
            rule_with("", "{ priority = 'hihg' }"),
            'triage.toml:4:22: priority = "hihg": expected one of "low", "medium", "high": did you mean "high"?',
        ),
        (
            rule_with("", "{ assign = 'x', reasign = true }"),
            (
                'triage.toml:4:25: there is no key "reasign" here: expected one of by, file, reassign'
                ': did you mean "reassign"?'
            ),
        ),
        (
            rule_with("", '{ archive = "for ever" }'),
            (
                'triage.toml:4:21: archive = "for ever": expected "until escalating", "forever", a time such '
                'as "7d", or "until" with events or users'
            ),
        ),
        (
            rule_with("", '{ archive = "until" }'),
            (
                "triage.toml:4:9: these keys do not go together: expected `events` or `users` together with "
                'archive = "until", and neither alone'
            ),
        ),
        (
            '[[rule]]\nname = "x"\non = "issue.craeted"\nthen = [{ resolve = "now" }]',
            (
                'triage.toml:3:6: on = "issue.craeted": expected an event such as "issue.created" or '
                '"issue.*": did you mean "issue.created"?'
            ),
        ),
        (
            '[[rule]]\non = "issue.created"\nthen = [{ resolve = "now" }]',
            'triage.toml:1:1: the key "name" is missing: expected `name = ...` in it',
        ),
        ('[[rules]]\nname = "x"', 'triage.toml:1:1: key rules: expected `[[rule]]`: did you mean "rule"?'),
        ("[rule]\nname = 'x'", "triage.toml:1:1: rule is no array of tables: expected `[[rule]]`, in two brackets"),
        ("[[rule]]\nname = ", "triage.toml:2:7: Invalid value: expected valid TOML"),
        ('[[rule]]\nname = "x"\nname = "y"', "triage.toml:3:11: Cannot overwrite a value: expected valid TOML"),
    ],
)
def test_a_problem_is_told_at_its_place_with_what_would_be_right(text: str, expected: str | list[str]) -> None:
    assert problems(text) == ([expected] if isinstance(expected, str) else expected)


CLOCK = """[[rule]]
name = "x"
schedule = "0 6 * * *"
search = "is:unresolved lastSeen:+30d"
then = [{ resolve = "now" }]
"""


def test_a_rule_by_the_clock_is_read() -> None:
    rule = one(f'{CLOCK}timezone = "Europe/Berlin"\nmost = 7\nwhen = "level:error OR level:info"')
    assert (rule.events, str(rule.when)) == ((), "level:error OR level:info")
    assert str(rule.schedule) == "every 0 6 * * * Europe/Berlin: is:unresolved lastSeen:+30d, at most 7"
    other = one(CLOCK).schedule
    assert other is not None
    assert (other.most, other.cron.timezone) == (100, "UTC")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'name = "x"',
            'name = "x"\non = "issue.*"',
            "4:1: schedule and on in one rule: expected one rule for the events",
        ),
        ('schedule = "0 6 * * *"', 'on = "issue.*"', "4:1: search without schedule: expected none of it, or `schedule"),
        (
            'search = "is:unresolved lastSeen:+30d"',
            "",
            '3:1: the key "search" is missing: expected `search = "is:unres',
        ),
        ('"is:unresolved lastSeen:+30d"', '" "', '4:1: search = "": expected `search = "is:unresolved lastSeen:+30d"`'),
        ("0 6 * * *", "0 6 * *", '3:12: schedule = "0 6 * *": expected minute, hour, day of month, month, day of week'),
        ("then", 'timezone = "Berlin"\nthen', '5:12: timezone = "Berlin": expected a name such as "Europe/Berlin"'),
        ("then", "most = 0\nthen", "5:8: most = 0: expected greater than or equal to 1"),
        (
            " lastSeen:+30d",
            " OR is:new",
            "4:25: this search cannot be read: expected terms side by side: Sentry's issue",
        ),
        ("is:unresolved", "(is:unresolved)", "4:11: this search cannot be read: expected terms side by side"),
        ("lastSeen:+30d", "AND is:new", "4:25: this search cannot be read: expected terms side by side"),
        ("+30d", ">30d", "4:35: this search cannot be read: expected a relative time"),
    ],
)
def test_what_a_rule_by_the_clock_cannot_say(old: str, new: str, expected: str) -> None:
    (problem,) = problems(CLOCK.replace(old, new, 1))
    assert problem.removeprefix("triage.toml:").startswith(expected)


@pytest.mark.parametrize("events", ['"metric_alert.*"', '["metric_alert.critical", "installation.created"]'])
def test_an_action_on_an_issue_is_refused_where_no_event_has_one(events: str) -> None:
    text = f'[[rule]]\nname = "x"\non = {events}\nthen = [{{ notify = "ops" }}, {{ resolve = "now" }}]'
    (problem,) = problems(text)
    assert problem.startswith("triage.toml:4:29: resolve needs an issue, which metric_alert.")
    assert one(text.replace(events, '["metric_alert.*", "issue.created"]'))


def test_the_place_in_a_search_is_marked() -> None:
    with pytest.raises(RulesError) as raised:
        rules_of([("triage.toml", rule_with("when = 'is:new age:>24h'"))])
    assert str(raised.value).splitlines()[1:] == ["    is:new age:>24h", "                ^^^"]


def test_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(rule_with("stop = 1\nmode = 'x'"))
    (tmp_path / "b.toml").write_bytes(b"\xff")
    with pytest.raises(RulesError) as raised:
        read_rules([tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "c.toml"])
    assert [(Path(each.file).name, each.line) for each in raised.value.problems] == [
        ("b.toml", 1),
        ("c.toml", 1),
        ("a.toml", 5),
        ("a.toml", 6),
    ]


def test_two_rules_of_one_name_are_refused_also_in_two_files() -> None:
    with pytest.raises(RulesError, match=r'b.toml:1:1: a second rule named "x"; the first is at a.toml:1:1'):
        rules_of([("a.toml", rule_with("")), ("b.toml", rule_with(""))])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('cooldown = "99999999d"', "a time from a second to a year"),
        ("cooldown = 0.001", "a time from a second to a year"),
        ('when = "levl:fatal"', "level, or tags[levl]"),
        ('when = "level:fatl"', "one of fatal, error"),
        ('when = "assigned:me"', "no person"),
    ],
)
def test_what_nothing_knows_or_can_be_is_refused(line: str, expected: str) -> None:
    text = f'[[rule]]\nname = "a"\non = "issue.*"\n{line}\nthen = [{{ resolve = "now" }}]\n'
    with pytest.raises(RulesError, match=re.escape(expected)):
        rules_of([("triage.toml", text)])


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ('{ later = "99999999d", then = [{ resolve = "now" }] }', "a year at most"),
        ('{ archive = "99999999d" }', "a year at most"),
        ('{ link = "javascript:alert(1)" }', "an address with http or https"),
        ('{ later = "1h", if = "levl:fatal", then = [{ resolve = "now" }] }', "level, or tags[levl]"),
        ('{ later = "1h", then = [] }', "then = []"),
        ("", "then = []"),
    ],
)
def test_actions_that_cannot_be_meant_are_refused(then: str, expected: str) -> None:
    text = f'[[rule]]\nname = "a"\non = "issue.*"\nthen = [{then}]\n'
    with pytest.raises(RulesError, match=re.escape(expected)):
        rules_of([("triage.toml", text)])


@pytest.mark.parametrize("text", [f"a = {'[' * 20_000}", f"a = {'1' * 5_000}", f"{'a.' * 5_000}b = 1"])
def test_toml_that_cannot_be_held_is_a_problem_with_a_place(text: str) -> None:
    with pytest.raises(RulesError) as caught:
        rules_of([("triage.toml", text)])
    assert str(caught.value).startswith("triage.toml:1:1: ")
