"""Diagnoses the public URL from the answer to an unsigned request, of which the receiver's own 401 is the right one."""

from vedette.checks.cause import found
from vedette.checks.evidence import IntegrationEvidence, UrlEvidence
from vedette.checks.findings import Finding

_CERTIFICATE = "Give the proxy the complete chain of the certificate (fullchain.pem), and renew it if it has expired"


def url_answered_by_another(evidence: IntegrationEvidence) -> Finding | None:
    """Find that the public URL does not lead to the receiver."""
    url = evidence.url
    if url is None or url.state == "receiver":
        return None
    says, step = _describe(evidence, url)
    return found(
        evidence,
        f"url_{url.state}",
        f"{url.url} {says}",
        step,
        # A name or a firewall may treat this machine differently from Sentry.
        state="warn" if url.state in {"dns", "refused", "timeout"} and _arrives(evidence) else "broken",
        facts={"url": url.url, "status": str(url.status or "none"), "detail": url.detail or "none"},
    )


def _describe(evidence: IntegrationEvidence, url: UrlEvidence) -> tuple[str, str]:
    path = "/hooks" if evidence.integration == "default" else f"/hooks/{evidence.integration}"
    known: dict[str, tuple[str, str]] = {
        "redirect": (
            f"redirects to {url.detail}, which Sentry takes for success and does not follow",
            f"Enter {url.detail} in Sentry, or let the proxy pass POST requests on without a redirect",
        ),
        "login_page": (
            f"answers with a login page{f' ({url.detail})' if url.detail else ''}",
            "Exempt the path from the proxy's login; the receiver checks Sentry's signature itself",
        ),
        "other_server": (
            f"is answered {url.status} by another server{f' ({url.detail})' if url.detail else ''}",
            "Let the proxy pass the path on to the receiver's host and port, unchanged",
        ),
        "not_found": (
            "leads to the receiver, which does not know the path",
            f"Let the URL end in {path}, and let the proxy pass the path on unchanged",
        ),
        "proxy_error": (
            f"answers {url.status}: the proxy does not reach the receiver",
            "Check that the receiver runs, and that the proxy's upstream has its address and port",
        ),
        "tls": (f"has a certificate that cannot be verified: {url.detail}", _CERTIFICATE),
        "dns": (f"has a host name that does not resolve: {url.detail}", "Correct the name, or add it to the DNS"),
        "refused": (
            f"cannot be connected to: {url.detail}",
            "Start the receiver and the proxy, and open the port in the firewall",
        ),
        "timeout": (
            "does not answer within 5 seconds",
            "Look for a firewall that drops connections, and for a proxy that cannot reach the receiver",
        ),
        "accepts_unsigned": (
            f"answers {url.status} to a request without a signature, which the receiver never does",
            "Find out which server answers there, and let it pass requests on to the receiver",
        ),
    }
    return known[url.state]


def _arrives(evidence: IntegrationEvidence) -> bool:
    births = evidence.births
    return births is not None and bool(births.issues) and not births.missing
