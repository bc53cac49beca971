"""Holds the active rules: reads them again when their files change, and keeps them if a change is invalid."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from vedette.authoring.cron import Cron
from vedette.rules.actions import Action, LaterAction
from vedette.rules.engine.engine import Engine
from vedette.rules.files.errors import RuleProblem, RulesError
from vedette.rules.files.file_watch import FilesSnapshot, FileState, read_files
from vedette.rules.files.locations import default_rules
from vedette.rules.files.reader import rules_of
from vedette.rules.model.rule import NamedThing, RuleSet


class RuleBook:
    """Rules from files, as the live configuration of a handler.

    Rules are replaced when two consecutive snapshots have the same new content, so that a file that is half written, or
    missing while an editor or a deployment replaces it, has no effect.

    Args:
        paths: Returns the files, in order; called each time, since files can be created and deleted.
    """

    def __init__(self, paths: Callable[[], Sequence[Path]]) -> None:
        self._paths = paths
        self._channels: frozenset[str] | None = None
        self._pending: FilesSnapshot | None = None
        """The previous snapshot, if its content was not read."""
        self.engine = Engine(RuleSet())
        """The engine of the active rules."""
        self.problem = ""
        """The problems of the current files, in one line; the previous rules are still active."""
        self._read = self._snapshot(None)
        self._apply()

    @property
    def rules(self) -> RuleSet:
        """The active rules."""
        return self.engine.rules

    @property
    def patterns(self) -> tuple[str, ...]:
        """The events that rules subscribe to."""
        return self.rules.events

    @property
    def named_in_sentry(self) -> tuple[NamedThing, ...]:
        """The projects, users, teams, releases and repositories that the rules name."""
        return self.rules.named

    @property
    def crons(self) -> tuple[Cron, ...]:
        """The times that scheduled rules run at."""
        return self.rules.crons

    @property
    def needs(self) -> tuple[str, ...]:
        """The scopes that the actions of all rules need."""
        return self.rules.needs

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of updates that lose data and that an action of some rule writes."""
        return tuple(sorted({field for rule in self.rules for action in rule.then for field in _fields(action)}))

    @property
    def summary(self) -> str:
        """A description of the active rules."""
        count, files = len(self.rules), ", ".join(Path(file).name for file in self.rules.files)
        return f"one of {count} rules in {files} matches" if count != 1 else f"the rule in {files} matches"

    def bind_channels(self, names: Collection[str]) -> None:
        """Set the configured channels, and refuse rules that notify others; called once, at the start.

        Args:
            names: The channels of the settings.
        """
        self._channels = frozenset(names)
        self.engine = Engine(RuleSet())
        self._apply()

    def refresh(self) -> bool:
        """Check the files, and read them if two consecutive snapshots have the same changes.

        Returns:
            Whether files were read: there are other rules, or there is a problem with them.
        """
        snapshot = self._snapshot(self._read)
        if snapshot == self._read:
            self._read, self._pending = snapshot, None
            return False
        if snapshot != self._pending:
            self._pending = snapshot
            return False
        self._read, self._pending = snapshot, None
        self._apply()
        return True

    def _snapshot(self, before: FilesSnapshot | None) -> FilesSnapshot:
        paths = tuple(self._paths())
        if before is not None and paths == (default_rules(),):
            # The default rules are only used at the start: they do not replace a file that was deleted.
            paths = tuple(file.path for file in before.rules)
        return read_files(paths, self._further(), before)

    def _further(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(Path(file) for rule in self.rules for action in rule.then for file in action.files))

    def _apply(self) -> None:
        try:
            rules = rules_of(*_texts(self._read.rules), channels=self._channels)
        except RulesError as error:
            kept = "the previous rules are still in force" if self.rules.files else "no rule is in force"
            self.problem = "; ".join([*(problem.line_of_text for problem in error.problems), kept])
            return
        self.engine, self.problem = Engine(rules), ""
        # The files of their actions may have changed, and were read together with them.
        self._read = read_files(tuple(file.path for file in self._read.rules), self._further(), self._read)


def _texts(files: Sequence[FileState]) -> tuple[list[tuple[str, str]], list[RuleProblem]]:
    """Return the texts of the files, and the problems of others: an empty file is most likely half written.

    Returns:
        Texts by name, and problems.
    """
    texts: list[tuple[str, str]] = []
    problems: list[RuleProblem] = []
    for file in files:
        name, problem = str(file.path), file.problem or ("" if file.content.strip() else "the file is empty")
        if problem:
            problems.append(RuleProblem(name, 1, 1, problem, "a rules file"))
            continue
        try:
            texts.append((name, file.content.decode()))
        except UnicodeDecodeError as error:
            problems.append(RuleProblem(name, 1, 1, f"byte {error.start} is not UTF-8", "a text file in UTF-8"))
    return texts, problems


def _fields(action: Action) -> Iterator[str]:
    yield from action.fields
    for inner in action.actions if isinstance(action, LaterAction) else ():
        yield from _fields(inner)
