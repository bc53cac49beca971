"""The webhook URL that an integration has in Sentry."""

import pytest
from pydantic import ValidationError

from vedette.settings.settings import IntegrationSettings

SECRET = "a-client-secret-of-the-tests"


@pytest.mark.parametrize("url", ["https://hooks.example.org/hooks/default", "http://10.0.0.7:8650/ingress/hooks/acme"])
def test_it_may_have_a_path(url: str) -> None:
    assert IntegrationSettings.model_validate({"client_secret": SECRET, "public_url": url}).public_url == url


@pytest.mark.parametrize(
    "url",
    [
        *("hooks.example.org/hooks", "ftp://hooks.example.org/", "https:///hooks", "https://a:b@hooks.example.org/"),
        *("https://hooks.example.org/hooks?token=1", "https://hooks.example.org/#a", "https://hooks .example.org/"),
        "https://hooks.example.org:0/",
    ],
)
def test_another_text_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValidationError, match="such as https://hooks"):
        IntegrationSettings.model_validate({"client_secret": SECRET, "public_url": url})
