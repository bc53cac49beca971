"""Integrations of one organization on one Sentry share a tenant; those of two Sentrys never do."""

import re
from pathlib import Path

import pytest

from vedette.settings.settings import Settings
from vedette.settings.tenant import tenant_of

NAMES = ["", "{x}", "a b", "a/b", "a:b", "ü", "line\nbreak", "sentry.io/acme", "@"]


@pytest.fixture(autouse=True)
def no_settings_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def tenants(*integrations: tuple[str, str | None]) -> list[str]:
    """Return the tenants of integrations given by Sentry's address and organization."""
    table = {
        f"i{number}": {"client_secret": "a-client-secret-of-tests", "sentry_url": url, "organization": organization}
        for number, (url, organization) in enumerate(integrations)
    }
    settings = Settings.model_validate({"integrations": table})
    return [tenant_of(settings, name) for name in table]


def test_a_tenant_is_server_and_organization() -> None:
    assert tenants(("https://sentry.io", "acme")) == ["sentry.io/acme"]
    assert tenants(("http://sentry.example:9000", "acme")) == ["sentry.example:9000/acme"]


@pytest.mark.parametrize(
    "same",
    [
        ("https://sentry.io", "https://de.sentry.io"),
        ("https://sentry.io/", "https://acme.sentry.io"),
        ("https://sentry.example", "https://SENTRY.example:443/"),
        ("http://sentry.example:80", "http://sentry.example."),
    ],
)
def test_other_forms_of_one_address_share_a_tenant(same: tuple[str, str]) -> None:
    assert len(set(tenants(*((url, "acme") for url in same)))) == 1


def test_two_servers_and_two_organizations_do_not() -> None:
    everybody = tenants(
        ("https://sentry.io", "acme"),
        ("https://sentry.io", "other"),
        ("https://sentry.example", "acme"),
        ("https://sentry.example:9000", "acme"),
        ("https://evilsentry.io", "acme"),
        ("http://[::1]:9000", "acme"),
        ("http://[::1]", "acme"),
        ("https://sentry.io", None),
        ("https://sentry.io", None),
    )
    assert len(set(everybody)) == len(everybody)


def test_without_an_organization_the_integration_is_the_tenant() -> None:
    settings = Settings.model_validate({"integrations": {}})
    found = [tenant_of(settings, name) for name in NAMES]
    assert len(set(found)) == len(NAMES)
    assert all(re.fullmatch(r"integration:[!-~]*", tenant) and "{" not in tenant for tenant in found)
    assert "sentry.io/acme" not in found
