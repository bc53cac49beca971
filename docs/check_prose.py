"""Counts private words in docstrings, comments and messages, and names the standard term for each.

`python docs/check_prose.py` prints the places and ends with 1 where more than the bound were found. The words are in
`prose_words.toml`, as the word lists of codespell and vale are.
"""

import argparse
import ast
import io
import re
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("vedette", "receiver", "workers", "gateway", "handlers", "console")
BOUND = 22.0
"""Private words per 10 000 words of prose."""
_PER = 10_000
_WORDS_OF_A_MESSAGE = 4
"""A text of fewer words is a name or a value, not prose."""
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_LISTS = Path(__file__).with_name("prose_words.toml")


@dataclass(frozen=True)
class Text:
    """A docstring, a comment or a message, and its first line in its file."""

    file: Path
    line: int
    text: str


@dataclass(frozen=True)
class Count:
    """Figures of all texts."""

    words: int
    private: int
    standard: int
    places: tuple[str, ...]

    @property
    def private_rate(self) -> float:
        """Private words per 10 000."""
        return self.private * _PER / max(1, self.words)

    @property
    def standard_rate(self) -> float:
        """Standard terms per 10 000."""
        return self.standard * _PER / max(1, self.words)


def texts_of(file: Path) -> Iterator[Text]:
    """Yield the docstrings, comments and messages of a module."""
    source = file.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not re.match(r"#\s*(noqa|type:|pyright:)", token.string):
            yield Text(file, token.start[0], token.string.lstrip("# "))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = " ".join(node.value.split())
            if len(_WORD.findall(text)) >= _WORDS_OF_A_MESSAGE:
                yield Text(file, node.lineno, text)


def count(texts: Iterator[Text], private: dict[str, str], standard: list[str]) -> Count:
    """Count private words and standard terms.

    Args:
        texts: The texts to read.
        private: Regular expressions of private words, each with the term to use instead.
        standard: The field's terms.
    """
    patterns = [(re.compile(rf"\b(?:{word})\b", re.IGNORECASE), term) for word, term in private.items()]
    terms = re.compile(rf"\b(?:{'|'.join(standard)})", re.IGNORECASE)
    words = found = known = 0
    places: list[str] = []
    for text in texts:
        words += len(_WORD.findall(text.text))
        known += len(terms.findall(text.text))
        for pattern, term in patterns:
            for match in pattern.finditer(text.text):
                found += 1
                places.append(f"{text.file}:{text.line}: {match.group()!r}: write {term}")
    return Count(words, found, known, tuple(places))


def main() -> int:
    """Print the count, and the places where there are too many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*", default=ROOMS)
    parser.add_argument("--all", action="store_true", help="print each place")
    arguments = parser.parse_args()
    lists = tomllib.loads(_LISTS.read_text(encoding="utf-8"))
    files = sorted(file for room in arguments.rooms for file in Path(room).rglob("*.py"))
    counted = count((text for file in files for text in texts_of(file)), lists["private"], lists["standard"]["terms"])
    is_bad = counted.private_rate > BOUND
    if arguments.all or is_bad:
        sys.stdout.write("\n".join(counted.places) + "\n")
        by_file = Counter(place.partition(":")[0] for place in counted.places)
        sys.stdout.write("\n".join(f"{number:4} {file}" for file, number in by_file.most_common(20)) + "\n")
    if arguments.all or is_bad:
        sys.stdout.write(
            f"{counted.private_rate:.0f} private words and {counted.standard_rate:.0f} standard terms"
            f" in 10 000 of {counted.words} words; at most {BOUND:.0f} private ones\n"
        )
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main())
