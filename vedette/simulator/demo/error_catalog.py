"""Errors of the demo shop: templates, each with an endless number of variations.

The `{...}` parts of a template are filled from lists, and the values make the fingerprint, so that one template gives
many issues and the same values again give one more event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vedette.simulator.world.issues import ErrorReport

if TYPE_CHECKING:
    import random


@dataclass(frozen=True, slots=True)
class ErrorTemplate:
    """One kind of error. `weight` is how common it is."""

    project: str
    type: str
    value: str
    filename: str
    function: str
    level: str = "error"
    weight: int = 3
    environment: str = "production"
    handled: bool = False
    transaction: str | None = None
    logger: str | None = None
    issue_type: str = "error"
    issue_category: str = "error"
    event_type: str = "error"


WORDS: dict[str, tuple[str, ...]] = {
    "provider": ("adyen", "stripe", "klarna", "paypal", "swish", "mollie"),
    "country": ("SE", "DE", "FR", "JP", "BR", "NL", "PL", "IE"),
    "currency": ("SEK", "EUR", "JPY", "BRL", "GBP", "PLN"),
    "field": ("price", "variant", "image", "stock", "category", "rating", "delivery", "voucher"),
    "widget": ("basket", "search box", "carousel", "size guide", "address form", "gift card", "wish list"),
    "table": ("orders", "baskets", "stock_levels", "vouchers", "shipments", "customers"),
    "dock": ("A1", "B4", "C2", "D7", "E3"),
    "carrier": ("DHL", "PostNord", "UPS", "Correos", "La Poste"),
    "number": tuple(str(number) for number in range(1, 60)),
    "extension": ("grammar helper", "coupon finder", "ad blocker", "dark mode", "translator"),
}

TROUBLES: tuple[ErrorTemplate, ...] = (
    ErrorTemplate(
        "payments-api",
        "PaymentGatewayError",
        "{provider} refused capture in {currency}: settlement account locked",
        "payments/gateways/{provider}.py",
        "capture",
        level="fatal",
        weight=4,
        transaction="/v2/payments/capture",
    ),
    ErrorTemplate(
        "payments-api",
        "DoubleChargeError",
        "order charged twice through {provider} in {country}",
        "payments/ledger.py",
        "post_charge",
        level="fatal",
        weight=2,
    ),
    ErrorTemplate(
        "payments-api",
        "ReadTimeout",
        "{provider} did not answer within 10 s",
        "payments/gateways/client.py",
        "send",
        handled=True,
    ),
    ErrorTemplate(
        "checkout",
        "TypeError",
        "Cannot read properties of undefined (reading '{field}')",
        "src/checkout/{widget}.tsx",
        "renderTotals",
        weight=4,
    ),
    ErrorTemplate(
        "checkout",
        "ChunkLoadError",
        "Loading chunk {number} failed",
        "webpack/runtime/load-script.js",
        "loadScript",
        level="warning",
    ),
    ErrorTemplate(
        "storefront",
        "Error",
        "ResizeObserver loop limit exceeded ({widget})",
        "src/{widget}.tsx",
        "observe",
        level="warning",
        weight=4,
    ),
    ErrorTemplate(
        "storefront",
        "TypeError",
        "Failed to execute 'postMessage' in chrome-extension://{extension}",
        "chrome-extension://{extension}/inject.js",
        "inject",
        weight=3,
    ),
    ErrorTemplate(
        "storefront", "NetworkError", "Failed to fetch the {widget}", "src/api/fetch.ts", "request", level="warning"
    ),
    ErrorTemplate(
        "catalog",
        "KeyError",
        "'{field}' missing for product {number}",
        "catalog/importers/feed.py",
        "read_row",
    ),
    ErrorTemplate(
        "catalog",
        "",
        "N+1 Query: SELECT * FROM {table} WHERE id = %s",
        "catalog/views/listing.py",
        "list_products",
        level="info",
        weight=3,
        transaction="/products/{field}",
        issue_type="performance_n_plus_one_db_queries",
        issue_category="db_query",
        event_type="transaction",
    ),
    ErrorTemplate(
        "orders",
        "java.sql.SQLTimeoutException",
        "lock wait on {table} exceeded 50 s",
        "com/harbour/orders/Repository.java",
        "save",
    ),
    ErrorTemplate(
        "orders",
        "java.lang.IllegalStateException",
        "{carrier} label for {country} has no service code",
        "com/harbour/orders/Label.java",
        "print",
        handled=True,
    ),
    ErrorTemplate(
        "warehouse",
        "DialError",
        "dial tcp: dock {dock} scanner {number} unreachable",
        "warehouse/scanner/link.go",
        "Connect",
        level="warning",
    ),
    ErrorTemplate(
        "sandbox",
        "AssertionError",
        "smoke test: {field} of the test basket is wrong",
        "tests/smoke/basket.py",
        "test_basket",
        weight=3,
        environment="staging",
    ),
    # What Sentry itself sends when a project is tried out; it has a message and no exception.
    ErrorTemplate(
        "sandbox",
        "",
        "This is an example Python exception",
        "sentry/utils/samples.py",
        "create_sample_event",
        weight=2,
        environment="staging",
        event_type="default",
    ),
    ErrorTemplate(
        "sandbox",
        "ConnectionError",
        "staging {table} database is asleep",
        "sandbox/fixtures.py",
        "load",
        weight=2,
        environment="staging",
    ),
)


def report_of(template: ErrorTemplate, source: random.Random, release: str | None) -> ErrorReport:
    """Return one error of this template, its values drawn from `source`."""
    drawn: dict[str, str] = {}

    def word(match: re.Match[str]) -> str:
        return drawn.setdefault(match[1], source.choice(WORDS[match[1]]))

    def filled(text: str) -> str:
        return re.sub(r"{(\w+)}", word, text)

    value = filled(template.value)
    return ErrorReport(
        type=template.type,
        value=value,
        filename=filled(template.filename).replace(" ", "-"),
        function=template.function,
        transaction=filled(template.transaction) if template.transaction else None,
        level=template.level,
        handled=template.handled,
        environment=template.environment,
        release=release,
        logger=template.logger,
        user=f"shopper-{source.randint(1, 5000)}",
        tags=(("browser", source.choice(("Chrome 140", "Firefox 144", "Safari 26"))), ("server_name", "shop-1")),
        fingerprint=f"{template.type}|{value}",
        issue_type=template.issue_type,
        issue_category=template.issue_category,
        event_type=template.event_type,
    )
