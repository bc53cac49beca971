"""`vedette receiver`, `vedette worker` and `vedette gateway`: the processes, each run alone."""

import os
import sys
from typing import Annotated

import typer

from console.exit_codes import explained
from console.instance import find_instance, noted_receiver
from console.supervisor.listening_address import ListeningAddress, check_address
from vedette._core.logging_setup import configure_logging, set_log_level
from vedette.settings.settings import load_settings


def receiver(
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many receiver processes share the port.")] = 1,
) -> None:
    """Run the receiver alone: it checks signatures and stores deliveries."""
    from receiver.process_group import run_group  # noqa: PLC0415 - only this process pays for what the receiver needs
    from receiver.server import run  # noqa: PLC0415 - the same

    configure_logging()
    with explained():
        settings = load_settings()
        set_log_level(settings.log_level)
        check_address(ListeningAddress(settings.host, settings.port))
        with noted_receiver(find_instance(settings)):
            if processes == 1:
                run(settings)
            else:
                run_group(settings, processes)


def gateway() -> None:
    """Run the gateway alone: agents call Sentry through it, with the access that they were granted."""
    from gateway.process import run  # noqa: PLC0415 - only this process pays for what the gateway needs

    configure_logging()
    with explained():
        settings = load_settings()
        set_log_level(settings.log_level)
        run(settings, ready=lambda url: print(f"The gateway listens at {url}", flush=True))


def worker(
    processes: Annotated[int, typer.Option(min=1, help="How many worker processes.")] = 1,
) -> None:
    """Run a worker alone: it runs handlers on stored deliveries (dramatiq's own command, with our settings)."""
    with explained():
        settings = load_settings()
    # --path without a value and -P keep the working directory off the import path.
    command = [sys.executable, "-P", "-m", "dramatiq", "workers", "--path", "--skip-logging"]
    command += ["--processes", str(processes), "--threads", str(settings.worker.threads)]
    command += ["--worker-shutdown-timeout", str(round(settings.worker.grace * 1000))]
    # How long dramatiq's threads sleep between looks, in milliseconds: it bounds how soon they see the end.
    os.environ.setdefault("dramatiq_worker_timeout", "250")
    os.execv(sys.executable, command)  # noqa: S606 - nothing but our own words in it
