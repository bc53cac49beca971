"""One example of every webhook Sentry can send, for authors' tests and for `vedette trigger`.

They describe one invented organization, so that samples fit each other: the same issue, project and people everywhere.
Names are those of events, with a variant where there are several: `issue.resolved.with_commit`.
"""

from vedette.events.samples._errors import SamplePathError, UnknownSampleError
from vedette.events.samples._files import load, names, resource_of, wire
from vedette.events.samples._overrides import build, override

__all__ = ["SamplePathError", "UnknownSampleError", "build", "load", "names", "override", "resource_of", "wire"]
