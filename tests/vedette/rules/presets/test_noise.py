"""Noise is archived, and what only looks like it is left alone; each costs what its file says."""

from typing import Any

from tests.vedette.rules.presets.conftest import Shop

LOOP = "ResizeObserver loop limit exceeded"
LINKS = (
    "Non-Error promise rejection captured with value: Object Not Found Matching Id:3, MethodName:update, ParamCount:4"
)
EXTENSION = {"type": "TypeError", "value": "x is null", "filename": "chrome-extension://efaidnbm/inject.js"}
CLOSED = "Could not establish connection. Receiving end does not exist."


NOISE: list[tuple[str, dict[str, Any]]] = [
    ("noise", {"value": f"{LOOP} (basket)"}),
    ("noise", {"value": "ResizeObserver loop completed with undelivered notifications."}),
    ("noise", {"type": "", "value": LOOP, "event_type": "default"}),
    ("noise", {"type": "UnhandledRejection", "value": LINKS}),
    ("noise", {"type": "", "value": "Script error.", "event_type": "default"}),
    ("noise", {"value": "Script error."}),
    ("browser-extensions", EXTENSION),
    ("browser-extensions", EXTENSION | {"filename": "moz-extension://6f1c/content.js"}),
    ("browser-extensions", EXTENSION | {"filename": "safari-web-extension://6F1C/content.js"}),
    ("browser-extensions", {"value": "Extension context invalidated."}),
    ("browser-extensions", {"value": "Invalid call to runtime.sendMessage(). Tab not found."}),
    ("browser-extensions", {"value": CLOSED}),
]

OWN_ERRORS: list[tuple[str, str, dict[str, Any]]] = [
    # Errors of the shop's own that speak of the same things.
    ("noise", "storefront", {"type": "TypeError", "value": f"chart: {LOOP}, giving up"}),
    ("noise", "storefront", {"type": "ResizeObserverError", "value": "loop has no target"}),
    ("noise", "storefront", {"type": "NotFoundError", "value": "Object Not Found Matching Id:42"}),
    ("noise", "storefront", {"value": "Non-Error promise rejection captured with value: Out of stock"}),
    ("noise", "storefront", {"value": "Script error. Cannot load checkout.js"}),
    ("noise", "storefront", {"value": "Deploy Script error."}),
    # The same words on a server are another matter.
    ("noise", "payments-api", {"value": "Script error."}),
    ("noise", "payments-api", {"value": LOOP}),
    ("browser-extensions", "storefront", EXTENSION | {"filename": "src/chrome-extension/promo.tsx"}),
    ("browser-extensions", "storefront", {"type": "TypeError", "value": "cannot open chrome-extension://x"}),
    ("browser-extensions", "storefront", {"value": f"Payment terminal: {CLOSED}"}),
    ("browser-extensions", "storefront", {"value": "Could not establish connection."}),
    # Safari hides the page's own files behind this too.
    ("browser-extensions", "storefront", EXTENSION | {"filename": "webkit-masked-url://hidden/"}),
    ("browser-extensions", "payments-api", {"value": CLOSED}),
]

CRAWLERS = ("Googlebot", "bingbot", "GPTBot", "ClaudeBot", "Baiduspider", "Chrome-Lighthouse")
VISITORS: list[tuple[str, tuple[tuple[str, str], ...], int]] = [
    ("storefront", (("browser.name", "Chrome"),), 1),
    ("storefront", (("browser.name", "Robotics Explorer"),), 1),
    ("storefront", (), 1),
    ("payments-api", (("browser.name", "Googlebot"),), 0),
]


async def test_noise_is_archived_until_it_escalates(shop: Shop) -> None:
    for ready, report in NOISE:
        event, issue = shop.hear(lambda report=report: shop.report(**report), "issue.created")
        _, calls = await shop.triage(ready, event)
        assert (issue.status, issue.substatus) == ("ignored", "archived_until_escalating"), report
        assert calls == 2


async def test_errors_of_the_application_are_left_alone(shop: Shop) -> None:
    for ready, project, report in OWN_ERRORS:
        event, issue = shop.hear(lambda project=project, report=report: shop.report(project, **report), "issue.created")
        done, calls = await shop.triage(ready, event)
        assert (issue.status, calls) == ("unresolved", 0), report
        assert not done.decisions


async def test_what_a_crawler_met_is_archived_until_people_meet_it(shop: Shop) -> None:
    for browser in CRAWLERS:
        report: dict[str, Any] = {"tags": (("browser.name", browser),), "user": "66.249.66.1", "fingerprint": browser}
        event, issue = shop.hear(lambda report=report: shop.report(**report), "issue.created")
        _, calls = await shop.triage("bots", event)
        assert (issue.status, issue.substatus) == ("ignored", "archived_until_condition_met"), browser
        assert calls == 3
        for number in range(3):
            shop.report(**report | {"user": f"shopper-{number}"})
        assert issue.status == "unresolved"


async def test_what_people_met_is_left_alone(shop: Shop) -> None:
    for project, tags, counted in VISITORS:
        event, issue = shop.hear(lambda project=project, tags=tags: shop.report(project, tags=tags), "issue.created")
        _, calls = await shop.triage("bots", event)
        assert (issue.status, calls) == ("unresolved", counted), tags
