"""Rules are read again when their files change for good, and a change that is no good changes nothing."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vedette.rules.files.locations import default_rules, rules_files
from vedette.rules.files.rule_book import RuleBook

RULE = '[[rule]]\nname = "{name}"\non = "{on}"\nthen = [{then}]\n'
RESOLVE = '{ resolve = "now" }'
FIRST = RULE.format(name="a", on="issue.created", then=RESOLVE)


def look_twice(book: RuleBook) -> bool:
    assert not book.refresh()
    return book.refresh()


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    path.write_text(FIRST)
    book = RuleBook(lambda: [path])
    assert (book.patterns, book.needs, book.problem) == (("issue.created",), ("event:write",), "")
    assert not look_twice(book)
    path.write_text(RULE.format(name="b", on="error.*", then='{ assign = "#x" }'))
    assert look_twice(book)
    assert (book.patterns, book.needs) == (("error.*",), ("event:write", "member:read", "team:read"))
    assert book.summary == "the rule in triage.toml matches"
    assert not look_twice(book)


def test_a_change_is_taken_only_when_two_looks_agree(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    path.write_text(FIRST + RULE.format(name="b", on="error.*", then=RESOLVE))
    book = RuleBook(lambda: [path])
    whole = path.read_bytes()
    for half in (whole[: len(FIRST)], b"", whole[: len(FIRST) // 2]):
        path.write_bytes(half)
        assert not book.refresh()
    path.unlink()
    assert not book.refresh()
    path.write_bytes(whole)
    assert not look_twice(book)
    assert (len(book.rules), book.problem) == (2, "")


def test_a_bad_file_leaves_the_rules_as_they_were_and_says_where_it_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    path.write_text(FIRST)
    book = RuleBook(lambda: [path])
    path.write_text(RULE.format(name="a", on="issue.craeted", then=RESOLVE))
    assert look_twice(book)
    assert [rule.events for rule in book.rules] == [("issue.created",)]
    assert book.problem.startswith(f'{path}:3:6: on = "issue.craeted": expected an event such as')
    assert book.problem.endswith("; the previous rules are still in force")
    path.write_text(RULE.format(name="c", on="issue.*", then=RESOLVE))
    assert look_twice(book)
    assert (book.problem, book.patterns) == ("", ("issue.*",))


def _removed(path: Path) -> None:
    path.unlink()


def _emptied(path: Path) -> None:
    path.write_text(" \n")


def _made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _made_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _made_a_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _moved_with_its_folder(path: Path) -> None:
    shutil.move(path.parent, path.parent.with_name("elsewhere"))


def _damaged(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")


def _nested_too_deep(path: Path) -> None:
    path.write_text(f"a = {'[' * 20_000}")


def _with_a_template_too_deep(path: Path) -> None:
    path.write_text(RULE.format(name="a", on="issue.*", then=f'{{ comment = "{{{{ {"-" * 1900}1 }}}}" }}'))


_LOSSES = (
    *(_removed, _emptied, _made_a_folder, _made_a_pipe, _made_a_loop, _moved_with_its_folder, _damaged),
    *(_nested_too_deep, _with_a_template_too_deep),
)


@pytest.mark.parametrize("lose", _LOSSES)
@pytest.mark.parametrize("is_named", [False, True])
def test_rules_that_were_in_force_stay_and_the_loss_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lose: Callable[[Path], None], is_named: bool
) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    path = folder / "triage.toml"
    path.write_text(FIRST)
    monkeypatch.setenv("VEDETTE_CONFIG", str(folder / "vedette.toml"))
    book = RuleBook(rules_files([Path("triage.toml")] if is_named else []))
    assert [rule.name for rule in book.rules] == ["a"]
    lose(path)
    assert look_twice(book)
    assert [rule.name for rule in book.rules] == ["a"]
    assert str(path) in book.problem
    assert book.problem.endswith("the previous rules are still in force")
    assert not look_twice(book)


def test_the_rules_that_ship_with_vedette_apply_until_there_are_own_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))
    book = RuleBook(rules_files([]))
    assert book.rules.files == (str(default_rules()),)
    (tmp_path / "triage.toml").write_text(FIRST)
    assert look_twice(book)
    assert [rule.name for rule in book.rules] == ["a"]


def test_a_file_that_is_no_good_at_the_start_is_not_replaced_by_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))
    (tmp_path / "triage.toml").symlink_to(tmp_path / "nowhere")
    book = RuleBook(rules_files([]))
    (tmp_path / "triage.toml").unlink()
    assert not look_twice(book)
    assert (len(book.rules), book.problem.endswith("no rule is in force")) == (0, True)


def test_a_file_of_the_same_size_and_time_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    path.write_text(FIRST)
    book = RuleBook(lambda: [path])
    before = path.stat()
    with path.open("r+") as file:
        file.write(FIRST.replace('name = "a"', 'name = "b"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert look_twice(book)
    assert [rule.name for rule in book.rules] == ["b"]


def test_without_rules_no_event_is_wanted(tmp_path: Path) -> None:
    book = RuleBook(lambda: [tmp_path / "none.toml"])
    assert book.patterns == ()
    assert book.problem.endswith("no rule is in force")


def test_a_file_that_an_action_reads_from_is_followed_too(tmp_path: Path) -> None:
    path, owners = tmp_path / "triage.toml", tmp_path / "owners"
    owners.write_text("path:a/* #a\n")
    path.write_text(RULE.format(name="a", on="issue.created", then='{ assign = "ownership", file = "owners" }'))
    book = RuleBook(lambda: [path])
    assert not look_twice(book)
    owners.write_text("nonsense\n")
    assert look_twice(book)
    assert 'triage.toml:4:40: file = "owners": expected lines such as' in book.problem
    owners.unlink()
    os.mkfifo(owners)
    assert look_twice(book)
    assert "no regular file" in book.problem
    assert len(book.rules) == 1


def test_times_are_read_anew_like_events(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    text = '[[rule]]\nname = "{name}"\nschedule = "{cron}"\nsearch = "is:unresolved"\nthen = [{{ resolve = "now" }}]\n'
    path.write_text(text.format(name="a", cron="0 6 * * *") + text.format(name="b", cron="0 6 * * *"))
    book = RuleBook(lambda: [path])
    assert (book.patterns, [str(cron) for cron in book.crons]) == ((), ["0 6 * * * UTC"])
    path.write_text(text.format(name="a", cron="0 7 * * *"))
    assert look_twice(book)
    assert [rule.name for rule in book.rules.due("0 7 * * *", "UTC")] == ["a"]
    assert book.rules.due("0 6 * * *", "UTC") == ()


def test_a_rule_that_tells_a_channel_that_is_not_set_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    path.write_text(RULE.format(name="a", on="issue.*", then='{ later = "1h", then = [{ notify = "opps" }] }'))
    book = RuleBook(lambda: [path])
    book.bind_channels({"ops": object()})
    assert len(book.rules) == 0
    assert ':4:44: there is no channel "opps": expected a channel of the settings (ops): did you mean "ops"?' in (
        book.problem
    )
    path.write_text(path.read_text().replace("opps", "ops"))
    assert look_twice(book)
    assert (len(book.rules), book.problem) == (1, "")
