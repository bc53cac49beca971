"""Task queues that do the same work, each installed in an environment of its own at the versions below."""

import os
import subprocess
import sys
import venv
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.delivery_parts.processes import free_port, process, wait_for_port
from bench.delivery_parts.system import Running, System
from bench.delivery_parts.webhooks import SECRET

PARTS = Path(__file__).parent
THREADS = 64
"""Deliveries in flight, as many as a worker of ours has."""
# What ours has, and a careful author takes: uvloop and httptools, hiredis, and a client that keeps connections.
_SHARED = ("starlette==1.10.0", "uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0", "hiredis>=3.3")
_PACKAGES = {
    "taskiq-redis": ("taskiq-redis==1.2.4", "taskiq==0.13.0", "aiohttp==3.14.5"),
    "saq": ("saq[redis]==0.26.4", "aiohttp==3.14.5"),
    "celery": ("celery[redis]==5.7.0", "requests==2.34.2"),
    "dramatiq": ("dramatiq[redis]==2.2.1", "aiohttp==3.14.5"),
}


@dataclass(frozen=True)
class Peer:
    """One task queue."""

    name: str
    python: Path

    @contextmanager
    def running(self, case: str, redis_url: str, sentry: str, folder: Path, *, workers: int = 1) -> Generator[Running]:
        """Run its route and one worker process."""
        if workers != 1:
            raise ValueError("peers are measured with one worker process")
        port, done = free_port(), folder / "done"
        done.touch()
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PARTS),
            "BENCH_REDIS": redis_url,
            "BENCH_SENTRY": sentry,
            "BENCH_SECRET": SECRET,
            "BENCH_CASE": case,
            "BENCH_DONE": str(done),
            "BENCH_THREADS": str(THREADS),
        }
        module = f"peer_{self.name.partition('-')[0]}"
        uvicorn = ("-m", "uvicorn", f"{module}:app", "--port", str(port), "--no-access-log", "--no-server-header")
        with ExitStack() as stack:
            receiver = stack.enter_context(
                process(self.python, *uvicorn, "--no-proxy-headers", folder=folder, **variables)
            )
            worker = stack.enter_context(process(self.python, PARTS / f"{module}.py", folder=folder, **variables))
            wait_for_port(port)
            yield Running(port, receiver.pid, worker.pid, done)


def installed(cache: Path) -> list[System]:
    """Install each peer; those that cannot be are said and left out."""
    found: list[System] = []
    for name, packages in _PACKAGES.items():
        place = cache / f"deliveries-{name}"
        python = place / "bin" / "python"
        try:
            if not (place / "ready").exists():
                venv.create(place, with_pip=True, clear=True)
                command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
                subprocess.run([*command, *_SHARED, *packages], check=True, capture_output=True, timeout=300)  # noqa: S603
                (place / "ready").touch()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{name} is left out: it cannot be installed ({type(error).__name__})", file=sys.stderr)
            continue
        found.append(Peer(name, python))
    return found
