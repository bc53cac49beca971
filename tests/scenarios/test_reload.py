"""`vedette up --reload` on real processes."""

from collections.abc import Callable
from typing import Any

PLUGIN = """
import asyncio
from pathlib import Path
from vedette import Context, Event, on

@on("issue.created")
async def {name}(event: Event, ctx: Context) -> None:
    with Path("notes").open("a") as notes:
        notes.write("{name} {{}}\\n".format(ctx.attempt))
    await asyncio.sleep({seconds})
"""


def test_an_edited_handler_is_taken_up_without_losing_a_run_and_a_broken_one_is_not(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    plugin, notes = vedette.folder / "plugin.py", vedette.folder / "notes"
    (vedette.folder / "vedette.toml").write_text(
        'plugins = ["plugin.py"]\n[worker]\ngrace = 0.1\n[handlers.triage]\nenabled = false\n'
    )
    plugin.write_text(PLUGIN.format(name="watch", seconds=600))
    up = vedette.start("up", "--reload")
    up.wait_for("Ctrl-C")
    served.create(project="storefront", type="Error", value="odd")
    until(notes.exists)

    plugin.write_text(PLUGIN.format(name="watch", seconds=0))
    up.wait_for("taken up: watch")
    until(lambda: notes.read_text().splitlines() == ["watch 1", "watch 1"])

    plugin.write_text("def broken(:\n")
    assert "plugin.py: cannot be imported: SyntaxError" in up.wait_for("not taken up")
    served.create(project="storefront", type="Error", value="odder")
    until(lambda: len(notes.read_text().splitlines()) == 3)

    (vedette.folder / "second.py").write_text(PLUGIN.format(name="second", seconds=0))
    (vedette.folder / "vedette.toml").write_text('plugins = ["second.py"]\n')
    up.wait_for("taken up: second, triage")
    assert up.end() == 0
