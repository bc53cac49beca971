"""Handlers that raise, leave and say what no handler should: each ends as an ordinary failed or dead run."""

import json
import socket
from collections.abc import Callable
from typing import Any

Until = Callable[..., Any]

UNUSUAL = """
class Unreadable(Exception):
    def __str__(self) -> str:
        raise KeyboardInterrupt("no text")

class Wordless(Exception):
    def __str__(self) -> str:
        return None

@on("error.created", retries=1)
async def exits() -> None:
    sys.exit(3)

@on("error.created", retries=1)
def exits_plainly() -> None:
    quit()

@on("error.created", retries=1)
async def exits_in_gathered() -> None:
    async def inner() -> None:
        sys.exit("inner")

    await asyncio.gather(asyncio.sleep(5), inner())

@on("error.created", retries=1)
async def exits_in_group() -> None:
    async def inner() -> None:
        raise KeyboardInterrupt

    async with asyncio.TaskGroup() as group:
        group.create_task(inner())
        group.create_task(asyncio.sleep(5))

@on("error.created", retries=1)
async def interrupts() -> None:
    raise KeyboardInterrupt

@on("error.created", retries=1)
def interrupts_plainly() -> None:
    raise KeyboardInterrupt

@on("error.created", retries=1)
async def cancels() -> None:
    raise asyncio.CancelledError

@on("error.created", retries=1)
async def awaits_cancelled() -> None:
    task = asyncio.create_task(asyncio.sleep(5))
    task.cancel()
    await task

@on("error.created", retries=1)
async def cancels_itself() -> None:
    asyncio.current_task().cancel()
    await asyncio.sleep(5)

@on("error.created", retries=1)
async def generator_exit() -> None:
    raise GeneratorExit

@on("error.created", retries=1)
async def stops() -> None:
    raise StopAsyncIteration

@on("error.created", retries=1)
def stops_plainly() -> None:
    raise StopIteration

@on("error.created", retries=1)
async def base() -> None:
    raise BaseException("base")

@on("error.created", retries=1)
def base_plainly() -> None:
    raise BaseException("base")

@on("error.created", retries=1)
async def unreadable() -> None:
    raise Unreadable

@on("error.created", retries=1)
async def wordless() -> None:
    raise Wordless

@on("error.created", retries=1)
async def surrogate(ctx: Context) -> None:
    ctx.note("half \\ud83d")
    raise ValueError("half \\ud83d")

@on("error.created", retries=1)
async def strange_notes(ctx: Context) -> None:
    ctx.note(b"bytes")
    ctx.done.append(object())
    ctx.done.append(Unreadable())
    raise ValueError

@on("error.created", retries=1)
async def endless_wait() -> None:
    error = Retry("later")
    error.after = float("nan")
    raise error
"""


def handlers_of(plugin: str) -> list[str]:
    return [line.partition("def ")[2].partition("(")[0] for line in plugin.splitlines() if line.startswith(DEFINITIONS)]


DEFINITIONS = ("async def ", "def ")


def test_whatever_a_handler_raises_is_the_end_of_its_run_and_of_nothing_else(site: Any, until: Until) -> None:
    site.plugin(UNUSUAL)
    delivery = site.accept()
    process = site.start()
    names = handlers_of(UNUSUAL)
    until(lambda: site.client.hget(f"{{vedette}}:delivery:{delivery}", "finished"), 30)
    runs = {name: site.run(delivery, name) for name in names}
    assert {name: run["state"] for name, run in runs.items()} == dict.fromkeys(names, "dead")
    assert {name: run["attempts"] for name, run in runs.items()} == dict.fromkeys(names, "1")
    assert [name for name, run in runs.items() if run.get("crashes")] == []
    assert process.poll() is None
    assert "a handler must not end its process" in runs["exits"]["error"]
    assert runs["exits"]["error"].startswith("SystemExit: 3")
    assert "SystemExit: inner" in runs["exits_in_gathered"]["error"]
    assert "this run was not cancelled" in runs["awaits_cancelled"]["error"]
    assert runs["strange_notes"]["error"] == "ValueError"
    assert json.loads(runs["surrogate"]["did"]) == ["half \\ud83d"]
    assert "half \\ud83d" in runs["surrogate"]["error"]


def test_cancelling_every_task_of_the_loop_leaves_no_run_without_an_end(site: Any, until: Until) -> None:
    site.plugin("""
from vedette import provide

@provide
async def kept():
    note("made")
    yield [1]

@on("error.created", retries=1)
async def cancels_all(kept, ctx: Context) -> None:
    if ctx.delivery != os.environ["DEADLY"]:
        return
    await asyncio.sleep(0.5)
    for _ in range(3):
        for task in asyncio.all_tasks():
            task.cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            pass

@on("error.created", retries=1)
async def bystander(kept, ctx: Context) -> None:
    await asyncio.sleep(1.0)
""")
    delivery = site.variables["DEADLY"] = site.accept()
    site.start()
    until(lambda: site.client.hget(f"{{vedette}}:delivery:{delivery}", "finished"), 30)
    assert site.run(delivery, "bystander")["state"] == "done"
    assert site.run(delivery, "cancels_all")["state"] == "done"
    assert "authors' code cancels tasks that are not its own" in site.log()
    # The object that a provider held has ended with its task, and the next run has a new one.
    assert site.notes() == ["made"]
    later = site.accept()
    until(lambda: site.run(later, "bystander").get("state") == "done")
    assert site.notes() == ["made"] * 2


def test_long_texts_are_cropped_and_say_so(site: Any, until: Until) -> None:
    site.plugin("""
@on("error.created", retries=1)
async def talks(ctx: Context) -> None:
    ctx.note("N" * 20_000_000)
    for number in range(10_000):
        ctx.note(f"{number}")
    ctx.done.extend(["more"] * 10_000)
    raise RuntimeError("E" * 20_000_000)
""")
    delivery = site.accept()
    site.start()
    until(lambda: site.run(delivery, "talks").get("state") == "dead", 30)
    run = site.run(delivery, "talks")
    assert sum(len(value) for value in run.values()) < 200_000
    notes = json.loads(run["did"])
    assert len(notes) < 300
    assert "more characters were left out" in notes[0]
    assert "more notes were left out" in notes[-1]
    assert "more characters were left out" in run["error"]
    assert "in talks" in run["trace"]
    until(lambda: "run failed for good" in site.log())
    assert len(site.log()) < 500_000


def test_a_forgotten_await_fails_the_run_and_names_the_call(site: Any, until: Until) -> None:
    site.plugin("""
async def helper() -> None:
    note("helped")

class Helper:
    async def help(self) -> None: ...

@on("error.created")
async def forgets(ctx: Context) -> None:
    ctx.note("began")
    Helper().help()

@on("error.created")
def returns_a_coroutine() -> None:
    return helper()

@on("error.created")
async def innocent() -> None:
    await helper()
""")
    delivery = site.accept()
    site.start()
    until(lambda: site.client.hget(f"{{vedette}}:delivery:{delivery}", "finished"))
    forgets = site.run(delivery, "forgets")
    assert (forgets["state"], forgets["attempts"]) == ("dead", "1")
    assert "Helper.help(...) was called without `await`" in forgets["error"]
    plain = site.run(delivery, "returns_a_coroutine")
    assert (plain["state"], plain["attempts"]) == ("dead", "1")
    assert "helper(...) was called without `await`" in plain["error"]
    assert "async def returns_a_coroutine" in plain["error"]
    assert site.run(delivery, "innocent")["state"] == "done"
    assert site.notes() == ["helped"]


def test_tasks_that_a_handler_leaves_are_cancelled_and_noted(site: Any, until: Until) -> None:
    site.plugin("""
async def background() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        note("cancelled")

@on("error.created")
async def leaves(ctx: Context) -> None:
    kept = [asyncio.create_task(background(), name=f"background {number}") for number in range(3)]
    await asyncio.sleep(0.05)

@on("error.created")
async def awaits(ctx: Context) -> None:
    ctx.later("1h", "look")
    task = asyncio.create_task(asyncio.sleep(0.01))
    await task
""")
    delivery = site.accept()
    site.start()
    until(lambda: site.run(delivery, "leaves").get("state") == "done")
    (told,) = json.loads(site.run(delivery, "leaves")["did"])
    assert told.startswith("left 3 tasks running, which were cancelled")
    assert "background 0" in told
    assert site.notes() == ["cancelled"] * 3
    until(lambda: site.run(delivery, "awaits").get("state") == "done")
    assert json.loads(site.run(delivery, "awaits")["did"]) == []
    assert site.run(delivery, "awaits@look")["state"] == "waiting"


def test_providers_and_conditions_stand_behind_the_same_boundary(site: Any, until: Until) -> None:
    site.plugin("""
from vedette import provide

@provide
async def exiting():
    sys.exit(4)

@provide
def cancelling():
    raise asyncio.CancelledError

@provide
async def interrupting():
    raise KeyboardInterrupt
    yield

@provide
async def gathering():
    async def inner():
        sys.exit(6)
    await asyncio.gather(inner(), asyncio.sleep(5))

@provide
async def forgetting():
    asyncio.sleep(1)

@on("error.created", retries=1)
async def wants_gathering(gathering) -> None: ...

@on("error.created", retries=1)
async def wants_forgetting(forgetting) -> None: ...

@on("error.created", retries=1)
async def wants_exiting(exiting) -> None: ...

@on("error.created", retries=1)
async def wants_cancelling(cancelling) -> None: ...

@on("error.created", retries=1)
async def wants_interrupting(interrupting) -> None: ...

def deadly(event):
    sys.exit(5)

async def waits(event) -> bool:
    return False

@on("error.created", when=deadly)
async def never() -> None: ...

@on("error.created", when=lambda event: waits(event))
async def never_either() -> None: ...

@on("error.created")
async def fine() -> None: ...
""")
    delivery = site.accept()
    process = site.start()
    until(lambda: site.client.hget(f"{{vedette}}:delivery:{delivery}", "finished"))
    for name, told in (
        ("exiting", "SystemExit: 4"),
        ("cancelling", "CancelledError"),
        ("interrupting", "KeyboardInterrupt"),
        ("gathering", "SystemExit: 6"),
        ("forgetting", "sleep(...) was called without `await`"),
    ):
        run = site.run(delivery, f"wants_{name}")
        assert (run["state"], told in run["error"]) == ("dead", True), run
    assert site.run(delivery, "fine")["state"] == "done"
    left_out = json.loads(site.client.get(f"{{vedette}}:skip_reasons:{delivery}"))
    assert "SystemExit: 5" in left_out["never"]
    assert "never_either" in left_out
    assert process.poll() is None


def test_a_time_limit_that_strikes_while_sentry_does_not_answer_does_not_count(site: Any, until: Until) -> None:
    site.plugin("""
from vedette import Sentry

@on("error.created", needs=("event:read",), time_limit=1, retries=2)
async def reader(event: Event, sentry: Sentry) -> None:
    await sentry.issues.get(event)

@on("error.created", needs=("event:read",), time_limit=0.5, retries=2)
async def slow(event: Event, sentry: Sentry) -> None:
    await asyncio.sleep(60)
""")
    site.variables["VEDETTE_HANDLERS__READER__GRANT__SCOPES"] = '["event:read"]'
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        site.variables["VEDETTE_SENTRY_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        delivery = site.accept()
        site.start()
        until(lambda: int(site.run(delivery, "reader").get("postponed") or 0) >= 3, 30)
        run = site.run(delivery, "reader")
        assert int(run["attempts"]) <= 1
        assert "this attempt does not count" in run["error"]
        assert "issues.get" in run["error"]
        until(lambda: site.run(delivery, "slow").get("state") == "dead")
        assert "HandlerTimeoutError" in site.run(delivery, "slow")["error"]
