"""An event in the form that webhooks carry: the whole stored event, snake_case, personal data included."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import isoformat, zulu
from vedette.simulator.serializers.issue import api_url, metadata, web_url

if TYPE_CHECKING:
    from vedette.simulator.world.issues import ErrorReport, Event
    from vedette.simulator.world.world import World

EXTENSIONS = {"javascript": ".js", "python": ".py", "java": ".java", "ruby": ".rb", "go": ".go"}


def tags_of(event: Event) -> list[list[str]]:
    """Return the event's tags as sorted pairs."""
    report = event.report
    tags = dict(report.tags)
    tags |= {"level": report.level, "handled": "yes" if report.handled else "no"}
    for key, value in (("environment", report.environment), ("release", event.release)):
        if value:
            tags[key] = value
    if event.user:
        tags["user"] = f"id:{event.user}"
    return [[key, value] for key, value in sorted(tags.items())]


def grouping_hash(text: str) -> str:
    """Return the hash of a grouping text, as 32 hex digits."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def frames(report: ErrorReport) -> list[dict[str, Any]]:
    """Return a short stack trace, oldest frame first."""
    module = report.filename.rsplit(".", 1)[0].replace("/", ".")
    entry = {"function": "handle", "module": "app.entry", "filename": "app/entry", "lineno": 12, "in_app": False}
    failing = {
        "function": report.function,
        "module": module,
        "filename": report.filename,
        "abs_path": f"/srv/{report.filename}",
        "lineno": 131,
        "context_line": f"    raise {report.type}(...)",
        "in_app": True,
    }
    between = [
        {"function": name, "module": "app.views", "filename": "app/views.py", "lineno": line, "in_app": True}
        for name, line in (("dispatch", 40), ("answer", 77))
    ]
    return [entry, *between, failing]


def exception(report: ErrorReport) -> dict[str, Any]:
    """Return the `exception` interface."""
    return {
        "values": [
            {
                "type": report.type,
                "value": report.value,
                "module": report.filename.rsplit(".", 1)[0].replace("/", "."),
                "mechanism": {"type": "generic", "handled": report.handled},
                "stacktrace": {"frames": frames(report)},
            }
        ]
    }


def webhook_event(world: World, event: Event, *, created: bool = False) -> dict[str, Any]:
    """Return `data.error` (with `created`; its `datetime` has another format) or `data.event` of an alert.

    First the stored event, then the addresses, as Sentry orders them.
    """
    issue = event.issue
    root = f"{world.base_url}/api/0/projects/{world.organization_slug}/{issue.project.slug}"
    return {
        **stored_event(event),
        "datetime": isoformat(event.when) if created else zulu(event.when),
        "url": f"{root}/events/{event.id}/",
        "web_url": f"{web_url(world, issue)}events/{event.id}/",
        "issue_url": api_url(world, issue),
        "issue_id": str(issue.id),
    }


def stored_event(event: Event) -> dict[str, Any]:
    """Return an event as it is stored: first the fixed keys, then the others by name."""
    report = event.report
    return {
        "event_id": event.id,
        "project": event.issue.project.id,
        "release": event.release,
        "dist": None,
        "platform": report.platform,
        "message": "" if report.event_type == "error" else report.title,
        "datetime": isoformat(event.when),
        "tags": tags_of(event),
        **_stored(event),
    }


def _stored(event: Event) -> dict[str, Any]:
    report, moment = event.report, event.when.timestamp()
    stored: dict[str, Any] = {
        "_metrics": {"bytes.ingested.event": 18342, "bytes.stored.event": 26117},
        "contexts": {"trace": {"trace_id": event.id, "span_id": event.id[:16], "type": "trace"}},
        "culprit": report.culprit,
        "exception": exception(report),
        "fingerprint": ["{{ default }}"],
        "grouping_config": {"id": "newstyle:2026-01-20", "enhancements": "KLUv_SAC"},
        "hashes": [grouping_hash(report.grouping)],
        "key_id": str(event.issue.project.id % 10_000_000),
        "level": report.level,
        "location": report.filename,
        "logger": report.logger or "",
        "metadata": metadata(report),
        "nodestore_insert": round(moment + 1.25, 3),
        # Whole seconds as a float: this breaks receivers that check a signature over JSON serialized again.
        "received": float(int(moment) + 1),
        "sdk": {"name": f"sentry.{report.platform}", "version": "2.41.0"},
        "timestamp": round(moment, 3),
        "title": report.title,
        "transaction": report.transaction,
        "type": report.event_type,
        "version": "7",
    }
    if report.environment:
        stored["environment"] = report.environment
    if event.user:
        stored["user"] = {"id": event.user, "ip_address": "203.0.113.77", "geo": {"country_code": "SE"}}
    if report.event_type != "error":
        del stored["exception"]
    return dict(sorted(stored.items()))
