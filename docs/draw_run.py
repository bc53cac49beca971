"""Draw `docs/run.svg`: the picture of a real run of the demonstration, taken from a terminal.

Run it with `.venv/bin/python docs/draw_run.py`.
"""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 118
SECONDS = 45.0
LINES = 30


def record(folder: str) -> str:
    """Run the demonstration on a terminal of its own for a while and return what it showed."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "up"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=subprocess.DEVNULL,
    )
    os.close(follower)
    shown = bytearray()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if select.select([leader], [], [], 0.5)[0]:
            shown += os.read(leader, 65536)
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    return shown.decode()


def draw(shown: str, target: Path) -> None:
    """Write the picture."""
    lines = ["$ make run", *shown.replace("\r", "").splitlines()][:LINES]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        for line in lines:
            console.print(Text.from_ansi(line), soft_wrap=False, no_wrap=True, overflow="crop")
        picture = console.export_svg(title="vedette up")
    # The picture shall need nothing from elsewhere: it falls back to the reader's own monospace font.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    # Some viewers drop the spaces at a text's ends unless told not to.
    picture = picture.replace("<svg ", '<svg xml:space="preserve" ', 1)
    target.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        draw(record(folder), Path(__file__).with_name("run.svg"))
