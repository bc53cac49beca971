"""A command that ends with a sentence writes that sentence, and no log line before it."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_command_that_fails_writes_its_sentence_and_nothing_else(tmp_path: Path) -> None:
    variables = {
        "PATH": os.environ["PATH"],
        "VEDETTE_CLIENT_SECRET": "s" * 32,
        "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
        "VEDETTE_ORGANIZATION": "acme",
        # Nobody listens there, and the client says in its log how often it tried.
        "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-m", "console", "rules", "test", "--issue", "1"],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No answer (ConnectError) came")
    assert len(done.stderr.splitlines()) == 1
