"""Diagnoses the path of a webhook from Sentry to the receiver, from the delivery log and the public URL."""

from collections.abc import Sequence

from vedette.checks.cause import find_setting, format_time, found
from vedette.checks.evidence import ALERT_RESOURCES, SUBSCRIBED_RESOURCES, IntegrationEvidence, LoggedDelivery
from vedette.checks.findings import Finding
from vedette.settings.problems import find_variable

RECENT = 1800.0
"""Seconds of the delivery log that say something about the present."""
_REPORT_DELAY = 60.0
"""Seconds after which a receiver has certainly reported a delivery."""
_SKEW = 180.0
"""Seconds by which the clocks of Sentry and the receiver may differ."""
_WEBHOOKS = frozenset((*SUBSCRIBED_RESOURCES, *ALERT_RESOURCES, "installation"))
_INTERMITTENT = 2
"""Outages from which failures are reported although the newest delivery succeeded; one may be over."""
_SUCCESS, _REDIRECT, _ERROR = 200, 300, 400
_TIMEOUT, _FAILED = 0, -1


def secret_rotated(evidence: IntegrationEvidence) -> Finding | None:
    """Find deliveries with a signature that the client secrets of the settings do not make."""
    if evidence.door is None:
        return None
    rejected = evidence.door.last_rejection("wrong_signature", evidence.integration)
    lines, last = _failing(evidence, 401), max(evidence.door.last.values(), default=0.0)
    # Anybody can send a wrong signature, so one alone says nothing: Sentry must have failed to deliver, too.
    is_told = bool(lines) if _has_log(evidence) else bool(evidence.births and evidence.births.missing)
    if not is_told or rejected < evidence.now - RECENT or rejected < last:
        return None
    variable = find_variable(find_setting(evidence, "client_secret"))
    return found(
        evidence,
        "secret_rotated",
        "webhooks carry a signature of another client secret: it was rotated in Sentry",
        f"Copy the Client Secret from {evidence.settings_url} > {evidence.app_name}",
        f"Set {variable}=NEW,OLD (or `{find_setting(evidence, 'client_secret')}`), and restart the receiver",
        facts={"last wrong signature": format_time(rejected), "last accepted": format_time(last)},
    )


def answered_with_error(evidence: IntegrationEvidence) -> Finding | None:
    """Find deliveries that Sentry could not connect, or that were answered with an error or too late."""
    lines = _recent(evidence)
    failed = [line for line in lines if _is_failed(line)]
    if not failed:
        return None
    # What arrived later shows that it was mended, although Sentry's log has not caught up.
    newest_failed = (
        _is_failed(lines[0]) and evidence.last_arrival((*SUBSCRIBED_RESOURCES, *ALERT_RESOURCES)) <= lines[0].when
    )
    if not newest_failed and _count_outages(lines) < _INTERMITTENT:
        return None
    status = failed[0].status
    what, mend = _meaning(evidence, status)
    return found(
        evidence,
        f"answer_{_code(status)}",
        f"{len(failed)} of the last {len(lines)} webhooks failed: {what}",
        *mend,
        state="broken" if newest_failed else "warn",
        facts={
            "last failure": f"{failed[0].event} at {format_time(failed[0].when)}",
            "status": str(status),
            "url": failed[0].url,
            "request id": failed[0].request_id or "not logged",
        },
    )


def answered_elsewhere(evidence: IntegrationEvidence) -> Finding | None:
    """Find successes in Sentry's log of which nothing arrived: something else answers at that address."""
    if evidence.door is None:
        return None
    lost = [
        line
        for line in _recent(evidence)
        if not _is_failed(line)
        and line.when < evidence.now - _REPORT_DELAY
        and evidence.door.last.get(line.resource, 0.0) < line.when - _SKEW
    ]
    if not lost:
        return None
    line = lost[0]
    facts = {"log": f"{line.event} {line.status} at {format_time(line.when)}", "url": line.url}
    if _REDIRECT <= line.status < _ERROR:
        return found(
            evidence,
            "redirected",
            f"the webhook URL answers {line.status}, a redirect: Sentry takes it for success and does not follow it",
            f"Let the proxy pass {line.url} on to the receiver without a redirect, or enter the final URL in Sentry",
            facts=facts,
        )
    return found(
        evidence,
        "answered_elsewhere",
        f"something else answers {line.status} at the webhook URL: Sentry sent {line.event}, and nothing arrived here",
        f"Find out which server {line.url} leads to, and let it pass requests on to the receiver",
        "Check that Vedette's receiver and workers use the same Redis",
        facts=facts,
    )


def _recent(evidence: IntegrationEvidence) -> list[LoggedDelivery]:
    if evidence.log is None or evidence.log.problem is not None:
        return []
    # The log has calls of UI components too, which no receiver stores.
    lines = [line for line in evidence.log.lines if line.resource in _WEBHOOKS]
    return [line for line in lines if line.when >= evidence.now - RECENT]


def _has_log(evidence: IntegrationEvidence) -> bool:
    return evidence.log is not None and evidence.log.problem is None


def _failing(evidence: IntegrationEvidence, status: int) -> list[LoggedDelivery]:
    lines = _recent(evidence)
    return [line for line in lines[:1] if line.status == status]


def _is_failed(line: LoggedDelivery) -> bool:
    return line.status <= 0 or line.status >= _ERROR


def _count_outages(lines: Sequence[LoggedDelivery]) -> int:
    """Return how often deliveries began to fail."""
    failed = [_is_failed(line) for line in lines]
    return sum(now and not before for now, before in zip(failed, [*failed[1:], False], strict=True))


def _code(status: int) -> str:
    return {_TIMEOUT: "timeout", _FAILED: "connection"}.get(status, str(status))


def _meaning(evidence: IntegrationEvidence, status: int) -> tuple[str, tuple[str, ...]]:
    """Return what a status means, and the steps for it."""
    url = evidence.public_url or "the webhook URL"
    path = "/hooks" if evidence.integration == "default" else f"/hooks/{evidence.integration}"
    known: dict[int, tuple[str, tuple[str, ...]]] = {
        _TIMEOUT: (
            "no answer within Sentry's limit of one second",
            (
                "Compare the receiver's metric vedette_accept_seconds: if it is low, the proxy in front of it is slow",
                "Look for a firewall that drops Sentry's connections, and for a disk or Redis that stalls",
            ),
        ),
        _FAILED: (
            "no connection: the name, the TLS certificate, a firewall, or no receiver is running",
            (f"Check that the receiver runs, and run `vedette doctor`, which tries {url} from here",),
        ),
        401: (
            "answered 401, and not by the signature check: a proxy asks for a login",
            (f"Let the proxy pass POST {url} without authentication; the receiver checks Sentry's signature",),
        ),
        403: ("answered 403, as a firewall does", (f"Allow POST {url} in the proxy or web application firewall",)),
        404: (
            "answered 404: the path is wrong",
            (f"Let the URL end in {path}, in Sentry and in the proxy, which must not change the path",),
        ),
        413: (
            "answered 413: the body is larger than allowed",
            ("Raise the proxy's limit for bodies to 8 MiB (nginx: client_max_body_size 8m)",),
        ),
        500: (
            "answered 500: the receiver could not store them",
            ("Look at the receiver's log and at the spool's disk (`/health/ready` shows both)",),
        ),
    }
    if status in known:
        return known[status]
    if status > 500:  # noqa: PLR2004 - 502 to 504 are a proxy's
        return f"answered {status} by a proxy that does not reach the receiver", (
            "Check that the receiver runs, and that the proxy's upstream has its address and port",
        )
    return f"answered {status}", (f"Find out which server answers POST {url} with {status}",)
