"""One clear sentence per error, and the exit code that goes with it."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import typer
from redis.exceptions import RedisError

from console.children import ChildFailedError
from console.lock import AlreadyRunningError
from console.trigger import ReceiverUnreachableError
from console.up import NotStartedError, PortTakenError
from vedette.api import UnusableTokenError
from vedette.api.errors import SentryError
from vedette.handling.access.orders import StaleProposalError
from vedette.notify import NotificationError
from vedette.rules import RulesError
from vedette.rules.trial.errors import TrialError
from vedette.settings import SettingsError
from vedette.store.audit import AuditBusyError
from vedette.store.connection import ServerUnreachableError, UnsafeServerError
from vedette.store.embedded import ForeignFolderError, ServerNotFoundError
from vedette.store.proposals import ProposalDecidedError, ProposalNotFoundError

FOUND_WRONG = 1
WRONG_USAGE = 2
_WRONG_SETTINGS = (SettingsError, RulesError, UnusableTokenError, ChildFailedError, PortTakenError, UnsafeServerError)
_NOT_POSSIBLE = (
    SentryError,
    NotificationError,
    TrialError,
    StaleProposalError,
    ProposalNotFoundError,
    ProposalDecidedError,
    AuditBusyError,
    AlreadyRunningError,
    NotStartedError,
    ReceiverUnreachableError,
    ServerUnreachableError,
    ServerNotFoundError,
    ForeignFolderError,
)


@contextmanager
def explained() -> Generator[None]:
    """Turn errors that people can act on into their sentence and an exit code: 2 for settings, 1 for the rest."""
    try:
        yield
    except _WRONG_SETTINGS as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(WRONG_USAGE) from None
    except _NOT_POSSIBLE as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(FOUND_WRONG) from None
    except RedisError as error:
        sys.stderr.write(f"Redis does not answer ({error}): is `vedette up` running here? VEDETTE_REDIS_URL names it\n")
        raise typer.Exit(FOUND_WRONG) from None
