"""A worker does not start with settings for a handler that it has not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", [("dramatiq", "workers", "--processes", "1"), ("console", "worker")])
def test_a_worker_ends_with_the_nearest_name_before_it_takes_anything(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text('[handlers.triag]\nmode = "observe"\n')
    variables = {
        "VEDETTE_REDIS_URL": "redis://127.0.0.1:9/0",
        "VEDETTE_CLIENT_SECRET": "s" * 32,
        "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
        "VEDETTE_ORGANIZATION": "acme",
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **variables},
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "there is no handler triag: did you mean triage?" in done.stderr
    assert "Traceback" not in done.stderr
