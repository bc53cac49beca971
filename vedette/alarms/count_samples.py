"""Measures how much counters have grown within a window, from samples that all workers share.

Receivers count since their start, each for itself, so the samples keep every counter under a name of its own.
"""

from collections.abc import Iterable, Mapping

import msgspec

SPACING = 30_000
"""Milliseconds between two samples that are kept."""


class CountSample(msgspec.Struct, frozen=True):
    """All counters at one moment."""

    at: int
    """Unix time in milliseconds, by the server's clock."""
    counts: Mapping[str, int]


class CountSamples(msgspec.Struct, frozen=True):
    """Samples, the oldest first."""

    samples: tuple[CountSample, ...] = ()

    def after(self, sample: CountSample, longest: int) -> "CountSamples":
        """Return the samples with another, and without those that no window of `longest` milliseconds needs.

        Args:
            sample: The newest sample. Samples after it, of a clock that was set back, are dropped.
            longest: The longest window, in milliseconds.
        """
        kept = [one for one in self.samples if one.at <= sample.at]
        if len(kept) > 1 and kept[-1].at - kept[-2].at < SPACING:
            kept.pop()
        while len(kept) > 1 and kept[1].at <= sample.at - longest:
            kept.pop(0)
        return CountSamples((*kept, sample))

    def growth(self, names: Iterable[str], window: int) -> int:
        """Return by how much counters have grown together within the newest `window` milliseconds.

        A counter that began meanwhile has grown from 0; one that is gone has not grown. Before the first sample nothing
        is known, and nothing is counted.
        """
        if not self.samples:
            return 0
        newest = self.samples[-1]
        before = [one for one in self.samples if one.at <= newest.at - window]
        base = before[-1] if before else self.samples[0]
        return sum(max(0, newest.counts.get(name, 0) - base.counts.get(name, 0)) for name in names)
