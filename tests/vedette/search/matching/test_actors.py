"""The identities by which a team can be searched."""

import pytest

from vedette.search.matching.actors import team_identities


@pytest.mark.parametrize(
    ("identifier", "slug", "identities"),
    [
        ("7", "Payments", ("#payments", "team:7")),
        ("7", None, ("team:7",)),
        (None, "payments", ("#payments",)),
        (None, None, ()),
    ],
)
def test_a_team_is_known_by_what_is_known_of_it(
    identifier: str | None, slug: str | None, identities: tuple[str, ...]
) -> None:
    assert team_identities(identifier, slug) == identities
