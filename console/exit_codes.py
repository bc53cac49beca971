"""One clear sentence per error, and the exit code that goes with it."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import typer
from redis.exceptions import RedisError

from vedette._core.printable import printable
from vedette._core.user_error import UserError

FOUND_WRONG = 1
WRONG_USAGE = 2
FOUND_MISSING = 3
"""Webhooks did not arrive: what `vedette reconcile` looks for."""


@contextmanager
def explained() -> Generator[None]:
    """Turn errors that people can act on into their sentence and an exit code."""
    try:
        yield
    except UserError as error:
        sys.stderr.write(f"{printable(str(error), multiline=True)}\n")
        raise typer.Exit(error.exit_code) from None
    except RedisError as error:
        sys.stderr.write(f"Redis does not answer ({error}): is `vedette up` running here? VEDETTE_REDIS_URL names it\n")
        raise typer.Exit(FOUND_WRONG) from None
