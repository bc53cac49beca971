"""The table of operations as documentation, so that the page cannot say other than the code does.

`python -m vedette.api.operations.page` prints what docs/api.md holds between its markers; a test compares the two.
"""

from vedette.api.operations import OPERATIONS, Operation


def as_markdown() -> str:
    """Return all operations, a table for each group."""
    groups: dict[str, list[Operation]] = {}
    for operation in OPERATIONS.values():
        groups.setdefault(operation.group, []).append(operation)
    parts = [f"### `sentry.{group}`\n\n{_table(operations)}" for group, operations in groups.items()]
    return "\n\n".join(parts)


def _table(operations: list[Operation]) -> str:
    lines = ["| operation | request, after `/api/0` | any of these scopes | what it does |", "|---|---|---|---|"]
    lines += [_line(operation) for operation in operations]
    return "\n".join(lines)


def _line(operation: Operation) -> str:
    path = operation.path.removeprefix("/api/0").replace("_id_or_slug", "")
    scopes = ", ".join(f"`{scope}`" for scope in sorted(operation.required)) or "none"
    remarks = [operation.summary + "."]
    if operation.needs_person:
        remarks.append("Needs a person's token.")
    if operation.takes_dsn:
        remarks.append("Takes a DSN too.")
    if operation.deprecated:
        remarks.append(f"Deprecated: use {operation.deprecated}.")
    if operation.note:
        remarks.append(operation.note)
    cells = (f"`{operation.name}`", f"`{operation.method} {path}`", scopes, " ".join(remarks))
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(as_markdown())  # noqa: T201  # what this module is run for
