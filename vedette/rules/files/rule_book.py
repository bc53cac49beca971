"""The rules that are in force: read from files, read again when these change, and kept when a change is no good."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from vedette.authoring.cron import Cron
from vedette.rules.actions import Action, LaterAction
from vedette.rules.engine.engine import Engine
from vedette.rules.files.errors import RuleProblem, RulesError
from vedette.rules.files.file_watch import FileState, Look, look_at
from vedette.rules.files.locations import default_rules
from vedette.rules.files.reader import rules_of
from vedette.rules.model.rule import NamedThing, RuleSet


class RuleBook:
    """Rules from files, as a handler's guide.

    What is in force changes only when two looks in a row find the same new content, so that a file that is half
    written, or away for the moment in which an editor or a deployment puts another in its place, changes nothing.

    Args:
        paths: The files, in order; asked for each time, as one that is found by its place may come and go.
    """

    def __init__(self, paths: Callable[[], Sequence[Path]]) -> None:
        self._paths = paths
        self._channels: frozenset[str] | None = None
        self._pending: Look | None = None
        """What the look before found, where that is not what was read."""
        self.engine = Engine(RuleSet())
        """The engine of the rules in force."""
        self.problem = ""
        """What is wrong with the files as they are now, in one line; the rules before stay in force."""
        self._read = self._look(None)
        self._take()

    @property
    def rules(self) -> RuleSet:
        """The rules in force."""
        return self.engine.rules

    @property
    def patterns(self) -> tuple[str, ...]:
        """The events that a rule asks for."""
        return self.rules.events

    @property
    def named_in_sentry(self) -> tuple[NamedThing, ...]:
        """The projects, people, teams, releases and repositories of Sentry's that the rules name."""
        return self.rules.named

    @property
    def crons(self) -> tuple[Cron, ...]:
        """The times that a rule asks for."""
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
        """What is in force, in words."""
        count, files = len(self.rules), ", ".join(Path(file).name for file in self.rules.files)
        return f"one of {count} rules in {files} matches" if count != 1 else f"the rule in {files} matches"

    def bind_channels(self, names: Collection[str]) -> None:
        """Take in which channels are set, and refuse rules that tell another; called once, at the start.

        Args:
            names: The channels of the settings.
        """
        self._channels = frozenset(names)
        self.engine = Engine(RuleSet())
        self._take()

    def refresh(self) -> bool:
        """Look at the files again, and read them where two looks in a row agree that they changed.

        Returns:
            Whether anything was read, be it that the rules are others now or that there is a problem with them.
        """
        look = self._look(self._read)
        if look == self._read:
            self._read, self._pending = look, None
            return False
        if look != self._pending:
            self._pending = look
            return False
        self._read, self._pending = look, None
        self._take()
        return True

    def _look(self, before: Look | None) -> Look:
        paths = tuple(self._paths())
        if before is not None and paths == (default_rules(),):
            # The rules that ship with Vedette apply at the start alone: a file that vanishes does not bring them back.
            paths = tuple(file.path for file in before.rules)
        return look_at(paths, self._further(), before)

    def _further(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(Path(file) for rule in self.rules for action in rule.then for file in action.files))

    def _take(self) -> None:
        try:
            rules = rules_of(*_texts(self._read.rules), channels=self._channels)
        except RulesError as error:
            kept = "the rules before stay in force" if self.rules.files else "no rule is in force"
            self.problem = "; ".join([*(problem.line_of_text for problem in error.problems), kept])
            return
        self.engine, self.problem = Engine(rules), ""
        # Their own files may be others now, and were read together with them.
        self._read = look_at(tuple(file.path for file in self._read.rules), self._further(), self._read)


def _texts(files: Sequence[FileState]) -> tuple[list[tuple[str, str]], list[RuleProblem]]:
    """Return the texts of the files, and what keeps others from being read: an empty file is most likely half written.

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
