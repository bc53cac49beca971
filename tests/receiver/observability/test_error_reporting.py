"""Errors of the receiver are reported to Sentry and linked, without a loop."""

import sys
from types import ModuleType
from typing import Any

import pytest

from receiver.observability.error_reporting import ErrorReporter


class Client:
    options = {"dsn": "https://key@o1.ingest.sentry.io/4711"}  # noqa: RUF012 - as the library has it


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Replace an optional library that is not installed; returns the captured errors."""
    captured: list[BaseException] = []
    module: Any = ModuleType("sentry_sdk")

    def capture_exception(error: BaseException) -> str:
        captured.append(error)
        return "e" * 32

    module.is_initialized = lambda: True
    module.get_client = Client
    module.capture_exception = capture_exception
    monkeypatch.setitem(sys.modules, "sentry_sdk", module)
    return captured


def test_an_error_is_reported_and_pointed_to(sdk: list[BaseException]) -> None:
    error = OSError("disk full")
    headers = ErrorReporter().report(error, "42")
    assert headers == ((b"sentry-hook-error", b"e" * 32), (b"sentry-hook-project", b"4711"))
    assert sdk == [error]


def test_an_error_about_our_own_project_is_not_reported(sdk: list[BaseException]) -> None:
    assert ErrorReporter().report(OSError(), "4711") == ()
    assert sdk == []


def test_errors_are_reported_once_a_minute(sdk: list[BaseException]) -> None:
    reporter = ErrorReporter()
    assert reporter.report(OSError(), "")
    assert reporter.report(OSError(), "") == ()
    assert len(sdk) == 1


def test_nothing_is_reported_without_the_library_or_its_set_up(
    sdk: list[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["sentry_sdk"], "is_initialized", lambda: False)
    assert ErrorReporter().report(OSError(), "") == ()
    monkeypatch.delitem(sys.modules, "sentry_sdk")
    assert ErrorReporter().report(OSError(), "") == ()
    assert sdk == []
