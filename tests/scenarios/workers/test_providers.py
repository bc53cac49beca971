"""Objects of providers in a real worker process: one for all runs, on their loop, closed at its end."""

import signal
from collections.abc import Callable
from typing import Any

PLUGIN = """
import threading
from collections.abc import AsyncIterator
from pydantic import BaseModel
from vedette import provide

class Own(BaseModel):
    name: str

@provide
async def pool(settings: Own) -> AsyncIterator[str]:
    note(f"opened {settings.name} {id(asyncio.get_running_loop())}")
    await asyncio.sleep(0.05)
    yield settings.name
    note("closed")

@provide
def fragile(pool: str) -> str:
    note("trying")
    if not os.path.exists(os.environ["NOTES"] + ".mended"):
        raise ConnectionError(f"{pool} is away")
    return f"whole {pool}"

@on("error.created", order=False)
async def use(pool: str, ctx: Context) -> None:
    note(f"used {pool} {id(asyncio.get_running_loop())}")

@on("error.created", order=False, retries=Retries(attempts=99, wait=0.05, longest=0.2))
def lean(fragile: str) -> None:
    note(f"leant on {fragile}")
"""


def test_one_object_serves_all_runs_and_is_closed_at_the_end(site: Any, until: Callable[..., Any]) -> None:
    site.plugin(PLUGIN)
    site.variables["VEDETTE_PROVIDE__POOL__NAME"] = "shop"
    made = [site.accept(f"issue:{number}") for number in range(10)]
    process = site.start()
    until(lambda: site.states("use") == {"done": 10})
    told = "the provider fragile made nothing: ConnectionError: shop is away"
    until(lambda: told in site.run(made[0], "lean").get("error", ""))
    (site.folder / "notes.mended").touch()
    until(lambda: site.states("lean") == {"done": 10})
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    opened = [line for line in site.notes() if line.startswith("opened")]
    assert len(opened) == 1
    loop = opened[0].rpartition(" ")[2]
    assert [line for line in site.notes() if line.startswith("used")] == [f"used shop {loop}"] * 10
    assert site.notes()[-1] == "closed"
