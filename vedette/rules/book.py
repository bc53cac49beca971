"""The rules that are in force: read from files, read again when these change, and kept when a change is no good."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from vedette.handling.crons import Cron
from vedette.rules.actions import Action, Later
from vedette.rules.engine import Engine
from vedette.rules.errors import RulesError
from vedette.rules.reading import read_rules
from vedette.rules.rule import RuleSet

Stamp = tuple[tuple[str, int, int, int] | str, ...]


class RuleBook:
    """Rules from files, as a handler's guide.

    Args:
        paths: The files, in order; asked for each time, as one that is found by its place may come and go.
    """

    def __init__(self, paths: Callable[[], Sequence[Path]]) -> None:
        self._paths = paths
        self._stamp: Stamp | None = None
        self.engine = Engine(RuleSet())
        """The engine of the rules in force."""
        self.problem = ""
        """What is wrong with the files as they are now, in one line; the rules before stay in force."""
        self.refresh()

    @property
    def rules(self) -> RuleSet:
        """The rules in force."""
        return self.engine.rules

    @property
    def patterns(self) -> tuple[str, ...]:
        """The events that a rule asks for."""
        return self.rules.events

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

    def refresh(self) -> bool:
        """Read the files again if they changed; whether they did."""
        paths = self._paths()
        further = [Path(file) for rule in self.rules for action in rule.then for file in action.files]
        stamp = tuple(_stamp(path) for path in (*paths, *further))
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self.engine = Engine(read_rules(paths))
            self.problem = ""
        except RulesError as error:
            kept = "the rules before stay in force" if self.rules.files else "no rule is in force"
            self.problem = "; ".join([*(problem.line_of_text for problem in error.problems), kept])
        return True


def _fields(action: Action) -> Iterator[str]:
    yield from action.fields
    for inner in action.actions if isinstance(action, Later) else ():
        yield from _fields(inner)


def _stamp(path: Path) -> tuple[str, int, int, int] | str:
    """What tells one state of a file from another; of one that is not there just its name."""
    try:
        found = path.stat()
    except OSError:
        return str(path)
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino
