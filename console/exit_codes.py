"""One clear sentence per error, and the exit code that goes with it; with `--json`, the sentence is in an object."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

import typer
from redis.exceptions import RedisError

from console.error_format import ERRORS_AS_JSON
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
        refuse(str(error), error.exit_code)
    except RedisError as error:
        refuse(f"Redis does not answer ({error}): is `vedette up` running here? VEDETTE_REDIS_URL names it")


def refuse(sentence: str, code: int = FOUND_WRONG) -> NoReturn:
    """Write an error to standard error and end the command.

    Args:
        sentence: The error and the next step.
        code: The exit code.
    """
    write_error(sentence, code)
    raise typer.Exit(code) from None


def write_error(sentence: str, code: int = FOUND_WRONG) -> None:
    """Write an error to standard error: a sentence, or an object where the output is JSON."""
    if ERRORS_AS_JSON.is_json:
        sys.stderr.write(json.dumps({"error": sentence, "exit_code": code}) + "\n")
    else:
        sys.stderr.write(f"{printable(sentence, multiline=True)}\n")
