"""What the processes under `vedette up` are given, and what their display must not do to them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

PLUGIN = """
from vedette import Context, Event, on

@on("issue.created")
async def odd(event: Event, ctx: Context) -> None:
    ctx.note("half a pair \\ud800 and a bell \\x07")
"""


def test_only_what_calls_sentry_is_given_the_token_and_no_text_ends_it(
    vedette: Any, served: Any, until: Callable[..., Any], descendants_of: Callable[[int], set[int]]
) -> None:
    (vedette.folder / "odd.py").write_text(PLUGIN)
    vedette.variables |= {"VEDETTE_PLUGINS": "odd.py", "PYTHONIOENCODING": "ascii", "VEDETTE_PROVIDE": "{}"}
    up = vedette.start("up")
    up.wait_for("Ctrl-C")
    holders: dict[str, bool] = {}
    for pid in descendants_of(up.process.pid):
        words = (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        given = (Path("/proc") / str(pid) / "environ").read_bytes()
        holders[words] = vedette.variables["VEDETTE_TOKEN"].encode() in given
    for part in ("console receiver", "console.supervisor.valkey", "valkey-server"):
        assert [holds for words, holds in holders.items() if part in words] == [False], holders
    assert any(holds for words, holds in holders.items() if "dramatiq" in words)

    for value in ("first", "second"):
        served.create(project="storefront", type="Error", value=value)
        until(lambda: sum("half a pair" in line for line in up.output) >= 1)
    assert any("\\ud800" in line for line in up.output)
    until(lambda: sum("half a pair" in line for line in up.output) == 2)
    assert vedette.is_ready()
    assert up.process.poll() is None
