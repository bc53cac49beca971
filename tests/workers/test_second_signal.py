import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_second_sigterm_ends_a_worker_at_once_and_never_hangs_it(site: Any, until: Callable[..., Any]) -> None:
    site.plugin("")
    process = site.start()
    until(lambda: "ready for action" in site.log())
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    (worker,) = (int(one) for one in children.read_text().split())
    for _ in range(2):
        os.kill(worker, signal.SIGTERM)
        time.sleep(0.2)
    assert process.wait(10) == 1
