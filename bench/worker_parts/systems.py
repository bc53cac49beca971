"""The systems that are measured, and the Python of each."""

# ruff: noqa: S603 - it starts its own programs

import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

PARTS = Path(__file__).parent


@dataclass(frozen=True)
class System:
    """One task queue."""

    name: str
    program: tuple[str, ...]
    package: str = ""
    """What has to be installed for it, apart from all others; empty for what Vedette itself needs."""
    module: str = ""
    """What it is imported as."""
    threads: int = 64
    python: str = sys.executable

    def command(self, *arguments: str) -> list[str]:
        """Return the command that does one thing with it."""
        program, *first = self.program
        return [self.python, str(PARTS / program), *first, str(self.threads), *arguments]


OURS = System("ours", ("with_vedette.py",))
"""Whole runs: a delivery is decided, its handler is called, and the outcome is recorded."""
BARE = System("bare actor on our broker", ("with_dramatiq.py", "ours"))
"""What the peers are measured by: a message and a function."""
STOCK = System("dramatiq", ("with_dramatiq.py", "stock"), threads=8)
STOCK_64 = System("dramatiq, 64 threads", ("with_dramatiq.py", "stock"))
PEERS = (
    System("taskiq-redis", ("with_taskiq.py",), "taskiq-redis", "taskiq_redis"),
    System("saq", ("with_saq.py",), "saq[redis]", "saq"),
    System("celery", ("with_celery.py",), "celery[redis]", "celery"),
)


def installed(peers: Sequence[System], cache: Path) -> list[System]:
    """Install each peer in an environment of its own in `cache`; those that cannot be are said and left out."""
    found: list[System] = []
    for peer in peers:
        place = cache / peer.package.partition("[")[0]
        python = place / "bin" / "python"
        try:
            if not (place / "ready").exists():
                venv.create(place, with_pip=True, clear=True)
                command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", peer.package]
                subprocess.run([*command, "hiredis", "typing_extensions"], check=True, capture_output=True, timeout=300)
                subprocess.run(
                    [str(python), "-c", f"import {peer.module}"], check=True, capture_output=True, timeout=60
                )
                (place / "ready").touch()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{peer.name} is left out: it cannot be installed ({type(error).__name__})", file=sys.stderr)
            continue
        found.append(replace(peer, python=str(python)))
    return found
