"""Pages about searches are compared with the facts of samples, as the tests of searches are."""

from tests.vedette.search.conftest import facts_for, now

__all__ = ("facts_for", "now")
