"""Lists the pages in the order of the navigation, with their keys."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class NavigationPage:
    """A page that the navigation names."""

    path: str
    title: str
    key: str
    """The letter after `g` that opens it."""
    count_name: str = ""
    """The counter that is shown beside it; empty for none."""
    also: tuple[str, ...] = ()
    """Beginnings of other paths that belong to it."""

    def is_current(self, path: str) -> bool:
        """Return whether the page at a path is this one, or belongs to it."""
        if path == self.path:
            return True
        return any(path.startswith(f"{each}/") for each in (self.path, *self.also) if each != "/")


PAGES: Final = (
    NavigationPage("/", "Now", "n"),
    NavigationPage("/deliveries", "Deliveries", "d"),
    NavigationPage("/approvals", "Approvals", "a", "approvals"),
    NavigationPage("/failed", "Failed", "f", "failed", also=("/jobs",)),
    NavigationPage("/schedule", "Schedule", "s"),
    NavigationPage("/rules", "Rules", "r"),
    NavigationPage("/access", "Access", "p"),
    NavigationPage("/audit", "Audit", "u"),
    NavigationPage("/health", "Health", "h"),
)
