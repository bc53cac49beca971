"""Defines the parsed search that handlers and rules use."""

from vedette.search.facts.facts import Facts
from vedette.search.matching.explanation import Explanation
from vedette.search.matching.truth import Verdict
from vedette.search.syntax.grammar import read_search
from vedette.search.syntax.mentions import Mention
from vedette.search.syntax.nodes import Node


class Query:
    """A search, ready to be evaluated on any number of subjects. Made by `parse`.

    Printed in canonical form, which `parse` reads to an equal query.
    """

    __slots__ = ("_root", "text")

    def __init__(self, root: Node, text: str) -> None:
        self._root = root
        self.text = text
        """The original text of the search."""

    def evaluate(self, subject: Facts) -> Verdict:
        """Return whether the search finds the subject; UNKNOWN if the facts do not decide it."""
        return self._root.verdict(subject)

    def unknowns(self, subject: Facts) -> frozenset[str]:
        """Lookup names of the keys that left the search open.

        Fetch them once (`source_of` says where each can be had), then evaluate again with `subject.with_more({...})`.
        Empty when the search is settled, also where some keys are not known. Answers may open further ones.
        """
        return self._root.unknowns(subject)

    def explain(self, subject: Facts) -> Explanation:
        """Explain each part with its verdict and the facts."""
        return self._root.explain(subject)

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The complete names of projects, users, teams and releases, in their order."""
        return self._root.mentions

    def __str__(self) -> str:
        return str(self._root)

    def __repr__(self) -> str:
        return f"<Query {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self._root == other._root

    def __hash__(self) -> int:
        return hash(self._root)


def parse(query: str, *, for_sentry: bool = False, is_strict: bool = False) -> Query:
    """Read a search in Sentry's syntax; see docs/search.md.

    Args:
        query: The text of the search.
        for_sentry: Whether it is to be sent to Sentry's list of issues, which refuses AND, OR and brackets.
        is_strict: Whether to refuse mistakes that Sentry accepts, as rules and `when` of handlers do: an unknown
            key that is nearly a known one (`tags[levl]` is a tag), values that the key never has, `me` and `my_teams`.

    Raises:
        SearchSyntaxError: The search cannot be read; the error's text shows the place.
    """
    return Query(read_search(query, is_flat=for_sentry, is_strict=is_strict), query)
