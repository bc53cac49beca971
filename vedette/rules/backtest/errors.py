"""Defines the errors of backtests, each with the next step."""

from pathlib import Path

from vedette._core.user_error import UserError


class BacktestError(UserError):
    """A backtest cannot run."""


class HistoryBusyError(BacktestError):
    """Another process uses the same history."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"another backtest uses {path}: wait until it has ended")


class HistoryUnreadableError(BacktestError):
    """The file is no history, or one of another version."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(f"{path} cannot be read as a history ({reason}): `vedette rules backtest --forget` removes it")
