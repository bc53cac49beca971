"""Judges figures: which alarms are to be raised, and which are over. Pure functions of figures and thresholds.

An alarm is cleared at a lower figure than it is raised, so that a figure that swings around a threshold is one alarm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vedette.alarms.alarms import AlarmKind
from vedette.alarms.count_samples import CountSample, CountSamples
from vedette.settings.alarms import AlarmSettings
from vedette.store.alarms.alarm_records import AlarmLevel
from vedette.store.figures.figures import Figures
from vedette.store.receivers.receiver_status import ReceiverStatus

MINUTE, HOUR = 60_000, 3_600_000
SIGNATURES_WINDOW = 10 * MINUTE
QUARANTINE_WINDOW = HOUR
_WRONG_SIGNATURE = "wrong_signature"


@dataclass(frozen=True)
class AlarmCondition:
    """The state of one alarm's condition: raised, over, or neither."""

    kind: AlarmKind
    subject: str
    is_raised: bool | None
    """None where the alarm stays unchanged."""
    sentence: str
    command: str
    level: AlarmLevel = "broken"


def judge(
    figures: Figures, receivers: Sequence[ReceiverStatus], samples: CountSamples, settings: AlarmSettings
) -> list[AlarmCondition]:
    """Return the conditions of all alarms that depend on figures.

    Args:
        figures: The figures of this moment.
        receivers: The receivers' reports.
        samples: The counters of the last hour, the newest of this moment.
        settings: The thresholds.
    """
    conditions = [_dead_letters(figures, settings), _queue_age(figures, settings)]
    conditions += [_spool(figures, receivers, settings), _quarantine(samples, settings)]
    return [*conditions, *_signatures(receivers, samples, settings)]


def sample_of(figures: Figures, receivers: Sequence[ReceiverStatus]) -> CountSample:
    """Return the counters of this moment, each under a name of its own."""
    counts = {"workers quarantined": figures.quarantined}
    for receiver in receivers:
        counts[f"{receiver.id} quarantined"] = sum(receiver.quarantined.values())
        for one in receiver.rejected:
            if one.reason == _WRONG_SIGNATURE:
                counts[f"{receiver.id} signatures {one.integration}"] = one.count
    return CountSample(figures.at, counts)


def _dead_letters(figures: Figures, settings: AlarmSettings) -> AlarmCondition:
    handlers = sorted(figures.dead_by_handler.items(), key=lambda one: (-one[1], one[0]))[:3]
    most = ", ".join(f"{name} {count}" for name, count in handlers)
    sentence = f"{figures.dead} dead letters wait for a decision ({most})"
    return AlarmCondition("dead_letters", "", figures.dead > settings.dead, sentence, "vedette dead", "warning")


def _queue_age(figures: Figures, settings: AlarmSettings) -> AlarmCondition:
    oldest = figures.oldest
    is_raised = True if oldest > settings.queue_age else False if oldest <= settings.queue_age / 2 else None
    workers = f"{figures.workers} worker{'' if figures.workers == 1 else 's'}"
    depth = sum(queue.depth for queue in figures.queues.values())
    sentence = f"the next message of a queue has waited for {oldest:.0f} s: {depth} wait, {workers} running"
    return AlarmCondition("queue_age", "", is_raised, sentence, "vedette status")


def _spool(figures: Figures, receivers: Sequence[ReceiverStatus], settings: AlarmSettings) -> AlarmCondition:
    # A receiver that has ended leaves its deliveries on its disk, and sends them when it is started again.
    current = [one for one in receivers if not _is_succeeded(one, receivers)]
    spooling = [one for one in current if one.spool_records or not one.spool_accepts]
    oldest = max((_spool_age(one, figures) for one in spooling), default=0.0)
    is_refusing = any(not one.spool_accepts and one.is_live(figures.at / 1000) for one in spooling)
    is_raised = True if is_refusing or oldest > settings.spool_age else None if spooling else False
    hosts = ", ".join(sorted({one.host for one in spooling}))
    records = sum(one.spool_records for one in spooling)
    full = ", and a spool takes no more" if is_refusing else ""
    sentence = f"{records} deliveries are on a receiver's disk ({hosts}) for up to {oldest:.0f} s{full}"
    return AlarmCondition("spool", "", is_raised, sentence, "vedette status")


def _is_succeeded(receiver: ReceiverStatus, receivers: Sequence[ReceiverStatus]) -> bool:
    """Return whether a receiver was started on the same machine since the last report, which has the spool now."""
    return any(
        one.host == receiver.host and one.started >= receiver.written for one in receivers if one is not receiver
    )


def _spool_age(receiver: ReceiverStatus, figures: Figures) -> float:
    if not receiver.spool_records:
        return 0.0
    return receiver.spool_age + max(0.0, (figures.at - receiver.written) / 1000)


def _quarantine(samples: CountSamples, settings: AlarmSettings) -> AlarmCondition:
    names = [name for name in _names(samples) if name.endswith(" quarantined")]
    grown = samples.growth(names, QUARANTINE_WINDOW)
    is_raised = True if grown > settings.quarantined else False if not grown else None
    sentence = f"{grown} deliver{'y was' if grown == 1 else 'ies were'} quarantined within an hour"
    return AlarmCondition("quarantine", "", is_raised, sentence, "vedette deliveries", "warning")


def _signatures(
    receivers: Sequence[ReceiverStatus], samples: CountSamples, settings: AlarmSettings
) -> Iterator[AlarmCondition]:
    rejected = [one for receiver in receivers for one in receiver.rejected if one.reason == _WRONG_SIGNATURE]
    for integration in sorted({one.integration for one in rejected}):
        names = [name for name in _names(samples) if name.endswith(f" signatures {integration}")]
        grown = samples.growth(names, SIGNATURES_WINDOW)
        is_raised = True if grown > settings.wrong_signatures else False if not grown else None
        about = f" of integration {integration}" if integration else ""
        sentence = (
            f"{grown} webhooks{about} within ten minutes had a wrong signature: compare the client secret with the one "
            "in Sentry"
        )
        yield AlarmCondition("signatures", integration, is_raised, sentence, "vedette status")


def _names(samples: CountSamples) -> list[str]:
    return sorted(samples.samples[-1].counts) if samples.samples else []
