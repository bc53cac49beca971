"""What the tests of the client share."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

SCHEMA = Path(__file__).parents[3] / "../shared/sentry/openapi.json"


@pytest.fixture(scope="session")
def openapi() -> dict[str, Any]:
    """Sentry's published schema, which lies beside the repository and is not part of it."""
    if not SCHEMA.exists():
        message = f"Sentry's schema is missing: put openapi.json at {SCHEMA.resolve()}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return json.loads(SCHEMA.read_text())
