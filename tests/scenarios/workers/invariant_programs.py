"""Random programs: deliveries about one subject, the actions of handlers on them, and faults."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from hypothesis import strategies as st

SUPERVISED = ("plain", "loose", "paced", "hangs", "gather")
"""The handlers of `PLUGIN`."""
ENDS = {
    **dict.fromkeys(("done", "fail", "retry", "later", "cancelled", "exit", "unprintable", "kill"), "done"),
    **dict.fromkeys(("dead", "hang"), "dead"),
    "drop": "dropped",
    "poison": "quarantined",
}
"""What a handler does -> the state in which its run has to end."""
PLUGIN = """
import asyncio, json, os, sys, time
from vedette import Context, Drop, Retries, Retry, every, on

RETRIES = Retries(attempts=4, wait=0.05, longest=0.1)

def plan(event):
    title = event.title or ""
    return json.loads(title) if title.startswith("{") else {}

def asked(handler):
    return lambda event: handler in plan(event)

def note(*words):
    with open(os.environ["NOTES"], "a") as file:
        file.write(" ".join(map(str, words)) + "\\n")

class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no text")

async def act(handler, event, ctx):
    kind, _, times = plan(event)[handler].partition(" ")
    early = ctx.attempt <= int(times or 1)
    if ctx.reminder is not None:
        note(handler, ctx.delivery, "reminded")
        return
    if kind == "dead" or (kind == "fail" and early):
        raise ValueError(kind)
    if kind == "drop":
        raise Drop("nothing to do")
    if kind == "retry" and early:
        raise Retry("again", after=0.05)
    if kind == "cancelled" and early:
        raise asyncio.CancelledError
    if kind == "exit" and early:
        sys.exit(3)
    if kind == "unprintable" and early:
        raise Unprintable
    if kind == "poison" or (kind == "kill" and early):
        os._exit(9)
    if kind == "hang":
        await asyncio.sleep(600)
    if kind == "later":
        await ctx.later(0.1, "look")
    note(handler, ctx.delivery, "ended")

@on("error.created", when=asked("plain"), retries=RETRIES)
async def plain(event, ctx: Context):
    await act("plain", event, ctx)

@on("error.created", when=asked("loose"), retries=RETRIES, order=False, concurrency=3)
def loose(event, ctx: Context):
    asyncio.run(act("loose", event, ctx))

@on("error.created", when=asked("paced"), retries=RETRIES, order=False, throttle="15/1s")
async def paced(event, ctx: Context):
    await act("paced", event, ctx)

@on("error.created", when=asked("hangs"), retries=Retries(attempts=2, wait=0.05), time_limit=0.3)
async def hangs(event, ctx: Context):
    await act("hangs", event, ctx)

@on("error.created", when=asked("gather"), retries=RETRIES, coalesce=0.3)
async def gather(event, ctx: Context):
    await act("gather", event, ctx)

@every("* * * * *")
async def timed(event, ctx: Context):
    note("timed", event.due.isoformat(), ctx.delivery)
"""


@dataclass(frozen=True)
class Deliver:
    """One event: handler -> its actions."""

    plan: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Again:
    """What happens to the delivery before once more: it comes again, a run is replayed, or it is decided again."""

    what: Literal["repeat", "replay", "decide"]


Step = Deliver | Again


FaultKind = Literal[
    "kill", "reload", "jump", "redis", "receiver", "lose fan_out", "lose run", "lose scheduled", "lose held"
]


@dataclass(frozen=True)
class Fault:
    """What goes wrong, after so many seconds."""

    after: float
    what: FaultKind
    worker: int = 0
    hours: int = 0


@dataclass(frozen=True)
class Batch:
    """Programs that run side by side, each about a subject of its own."""

    programs: tuple[tuple[Step, ...], ...]
    faults: tuple[Fault, ...] = field(default=())

    @property
    def keeps_order(self) -> bool:
        """Return whether no delivery can have passed the spool, which newer ones may overtake."""
        return not any(fault.what == "redis" for fault in self.faults)


_ORDINARY = st.sampled_from(
    ["done"] * 6 + ["fail 1", "fail 2", "dead", "drop", "retry", "cancelled 1", "cancelled 9", "exit 1", "unprintable"]
)
_LATER = st.one_of(_ORDINARY, st.just("later"))
_PLANS = st.fixed_dictionaries(
    {},
    optional={
        "plain": _LATER,
        "loose": _ORDINARY.filter(lambda what: not what.startswith("exit")),
        "paced": _ORDINARY,
        "hangs": st.just("hang"),
        "gather": st.just("done"),
    },
).filter(bool)
_DELIVERIES = _PLANS.map(lambda plan: Deliver(tuple(sorted(plan.items()))))
_STEPS = st.one_of(
    _DELIVERIES, _DELIVERIES, _DELIVERIES, st.builds(Again, st.sampled_from(["repeat", "replay", "decide"]))
)
_PROGRAMS = st.tuples(_DELIVERIES, st.lists(_STEPS, max_size=4)).map(lambda parts: (parts[0], *parts[1]))
_FAULTS = st.builds(
    Fault,
    after=st.floats(0, 3).map(lambda seconds: round(seconds, 2)),
    what=st.one_of(st.just("jump"), st.sampled_from(get_args(FaultKind))),
    worker=st.integers(0, 1),
    hours=st.sampled_from([-48, -2, -1, 1, 2, 48]),
)
_DEADLY = st.sampled_from([(), (), (Deliver((("plain", "kill"),)),), (Deliver((("loose", "poison"),)),)])


def batches(size: int) -> st.SearchStrategy[Batch]:
    """Draw so many programs, up to one handler of which may kill its process, and two to five faults."""
    ordinary = st.lists(_PROGRAMS, min_size=size, max_size=size)
    programs = st.tuples(ordinary, _DEADLY).map(
        lambda both: (*both[0][: size - bool(both[1])], *([both[1]] if both[1] else []))
    )
    return st.builds(Batch, programs, st.lists(_FAULTS, min_size=2, max_size=5).map(tuple))


def end_of(what: str) -> str:
    """Return the final state of a run with these actions."""
    kind, _, times = what.partition(" ")
    return "dead" if int(times or 0) > 4 else ENDS[kind]
