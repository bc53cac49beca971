"""Reports the history of a delivery: its steps, each handler's part with its effects, and why others had none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.rendering.formatting import duration, name_of, said_of
from console.web.delivery_rows import tone_of, word_of, word_of_run
from console.web.effects import Effect, make_effect
from vedette.admin.audit import AuditLine
from vedette.admin.explain import DeliveryExplanation
from vedette.store.runs.run import FINAL_STATES, Run

_REASONS_SHOWN: Final = 3


@dataclass(frozen=True)
class WayStep:
    """One step in the history of a delivery."""

    name: str
    after: str
    """How long after the step before it; empty for the first."""
    tone: str = ""


@dataclass(frozen=True)
class HandlerPart:
    """The part that one handler had."""

    run: Run
    word: str
    tone: str
    sentences: tuple[str, ...]
    """Its first sentences."""
    more: tuple[str, ...]
    """The rest."""
    effects: tuple[Effect, ...]
    problem: str
    has_ended: bool


@dataclass(frozen=True)
class DeliveryStory:
    """All that a page says of a delivery."""

    event: str
    word: str
    tone: str
    way: tuple[WayStep, ...]
    parts: tuple[HandlerPart, ...]
    left_out: tuple[tuple[str, str], ...]
    """Handlers that had no part, and why."""
    of_agents: tuple[Effect, ...]
    problems: tuple[str, ...]
    waits_for: str
    """Why it is not decided yet; empty if it is."""


def make_story(explanation: DeliveryExplanation) -> DeliveryStory:
    """Return the story of a delivery."""
    delivery, runs = explanation.delivery, explanation.runs
    word = word_of(delivery, runs)
    return DeliveryStory(
        event=name_of(delivery.resource, delivery.action),
        word=word,
        tone=tone_of(word),
        way=tuple(_way(explanation)),
        parts=tuple(_part(run, explanation.calls) for run in runs),
        left_out=tuple(sorted(explanation.left_out.items())),
        of_agents=tuple(make_effect(line) for line in explanation.of_agents),
        problems=explanation.problems,
        waits_for=_waits_for(explanation),
    )


def _waits_for(explanation: DeliveryExplanation) -> str:
    delivery = explanation.delivery
    if delivery.quarantined is not None:
        return f"It is quarantined, and no handler sees it: {delivery.quarantined}."
    if delivery.handlers is not None:
        return ""
    if explanation.is_token_refused:
        return f"It waits, since Sentry refuses the token of {delivery.integration}."
    return "No worker has taken it yet: `vedette status` says whether one runs."


def _way(explanation: DeliveryExplanation) -> list[WayStep]:
    delivery, steps = explanation.delivery, [WayStep("accepted", "")]
    before = delivery.accepted
    for run in sorted(explanation.runs, key=lambda one: one.started or one.queued):
        if run.started is None:
            steps.append(WayStep(f"{run.name} waits", "", "warn"))
            continue
        steps.append(WayStep(run.name, duration(max(0, run.started - before))))
        before = run.started
        if run.ended is not None:
            word = word_of_run(run)
            steps.append(WayStep(word, duration(max(0, run.ended - run.started)), tone_of(word)))
            before = run.ended
    return steps


def _part(run: Run, calls: Sequence[AuditLine]) -> HandlerPart:
    word = word_of_run(run)
    did = run.did or ((said_of(run),) if said_of(run) and not run.error else ())
    effects = [make_effect(line) for line in calls if line.entry.text("handler") == run.handler]
    return HandlerPart(
        run=run,
        word=word,
        tone=tone_of(word),
        sentences=tuple(did[:_REASONS_SHOWN]),
        more=tuple(did[_REASONS_SHOWN:]),
        effects=tuple(effects),
        problem=(run.error or "") if run.state != "done" else "",
        has_ended=run.state in FINAL_STATES,
    )
