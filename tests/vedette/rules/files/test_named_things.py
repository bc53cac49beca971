"""What rules name in Sentry is found, each name at its line and column."""

from vedette.rules.files.reader import rules_of

RULES = """
[[rule]]
name = "a"
on = "issue.created"
projects = ["shop", "bank-*"]
when = 'project:[web, x*] !assigned:#pay (release:1.2 OR first_release:"a b") team:Ops assigned:[ann@x.io, none]'
then = [
  { assign = "#payments" },
  { assign = ["team:ops", "user:7", "Ann Lee", "b@x.io"], by = "load" },
  { assign = "owner" },
  { resolve = "in release", release = "3.0" },
  { resolve = "in commit", commit = "abc", repository = "acme/shop" },
  { later = "1h", if = "assigned_or_suggested:jun", then = [{ assign = "#late" }] },
]

[[rule]]
name = "b"
schedule = "0 6 * * *"
projects = "solo"
search = "is:unresolved release:latest release:9 project.id:12"
then = [{ resolve = "in current release" }]
"""


def test_each_name_is_found_at_its_place() -> None:
    found = rules_of([("r.toml", RULES)]).named
    lines = RULES.splitlines()
    for each in found:
        # A quote, or what marks the kind, may stand before the name.
        rest = lines[each.place.line - 1][each.place.column - 1 :].lstrip("\"'#")
        rest = rest.removeprefix("team:").removeprefix("user:")
        assert rest.lower().startswith(each.name.lower()), each
    assert [(each.kind, each.name) for each in found] == [
        ("project", "shop"),
        ("project", "web"),
        ("team", "pay"),
        ("release", "1.2"),
        ("release", "a b"),
        ("team", "ops"),
        ("username", "ann@x.io"),
        ("team", "payments"),
        ("team", "ops"),
        ("user", "7"),
        ("user or team", "Ann Lee"),
        ("user", "b@x.io"),
        ("release", "3.0"),
        ("repository", "acme/shop"),
        ("username", "jun"),
        ("team", "late"),
        ("project", "solo"),
        ("release", "9"),
        ("project", "12"),
    ]


def test_lines_of_windows_and_escapes_move_no_place() -> None:
    text = '[[rule]]\r\nname = "a"\r\non = "issue.created"\r\nwhen = "level:error assigned:\\u0061nn"\r\n'
    (each,) = rules_of([("r.toml", text + 'then = [{ resolve = "now" }]\r\n')]).named
    assert (each.name, str(each.place)) == ("ann", "r.toml:4:30")
