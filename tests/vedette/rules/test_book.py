"""Rules are read again when their files change, and a change that is no good changes nothing."""

import os
from pathlib import Path

from vedette.rules.book import RuleBook

RULE = '[[rule]]\nname = "{name}"\non = "{on}"\nthen = [{then}]\n'


def write(path: Path, text: str) -> None:
    path.write_text(text)
    # Two writes may fall into one tick of the file system's clock.
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000))


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    write(path, RULE.format(name="a", on="issue.created", then='{ resolve = "now" }'))
    book = RuleBook(lambda: [path])
    assert (book.patterns, book.needs, book.problem) == (("issue.created",), ("event:write",), "")
    assert not book.refresh()
    write(path, RULE.format(name="b", on="error.*", then='{ assign = "#x" }'))
    assert book.refresh()
    assert (book.patterns, book.needs) == (("error.*",), ("event:write", "member:read", "team:read"))
    assert book.summary == "the rule in triage.toml matches"


def test_a_bad_file_leaves_the_rules_as_they_were_and_says_where_it_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    write(path, RULE.format(name="a", on="issue.created", then='{ resolve = "now" }'))
    book = RuleBook(lambda: [path])
    write(path, RULE.format(name="a", on="issue.craeted", then='{ resolve = "now" }'))
    assert book.refresh()
    assert [rule.events for rule in book.rules] == [("issue.created",)]
    assert book.problem.startswith(f'{path}:3:6: on = "issue.craeted": expected an event such as')
    assert book.problem.endswith("; the rules before stay in force")
    path.unlink()
    assert book.refresh()
    assert "No such file" in book.problem
    write(path, RULE.format(name="c", on="issue.*", then='{ resolve = "now" }'))
    assert book.refresh()
    assert (book.problem, book.patterns) == ("", ("issue.*",))


def test_without_rules_no_event_is_wanted(tmp_path: Path) -> None:
    book = RuleBook(lambda: [tmp_path / "none.toml"])
    assert book.patterns == ()
    assert book.problem.endswith("no rule is in force")


def test_a_file_that_an_action_reads_from_is_followed_too(tmp_path: Path) -> None:
    path, owners = tmp_path / "triage.toml", tmp_path / "owners"
    write(owners, "path:a/* #a\n")
    write(path, RULE.format(name="a", on="issue.created", then='{ assign = "ownership", file = "owners" }'))
    book = RuleBook(lambda: [path])
    book.refresh()
    assert not book.refresh()
    write(owners, "nonsense\n")
    assert book.refresh()
    assert 'triage.toml:4:40: file = "owners": expected lines such as' in book.problem


def test_times_are_read_anew_like_events(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    text = '[[rule]]\nname = "{name}"\nschedule = "{cron}"\nsearch = "is:unresolved"\nthen = [{{ resolve = "now" }}]\n'
    write(path, text.format(name="a", cron="0 6 * * *") + text.format(name="b", cron="0 6 * * *"))
    book = RuleBook(lambda: [path])
    assert (book.patterns, [str(cron) for cron in book.crons]) == ((), ["0 6 * * * UTC"])
    write(path, text.format(name="a", cron="0 7 * * *"))
    assert book.refresh()
    assert [rule.name for rule in book.rules.due("0 7 * * *", "UTC")] == ["a"]
    assert book.rules.due("0 6 * * *", "UTC") == ()
