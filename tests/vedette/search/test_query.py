"""Searches from Sentry's documentation and from what people ask, on sample events, with the answer each must get."""

from collections.abc import Callable

import pytest

from vedette.search import Facts, Verdict, parse

ISSUE = "issue.assigned.to_user"
NEW = "issue.created"
TEAM = "issue.assigned"
RESOLVED = "issue.resolved"
ARCHIVED = "issue.archived"
REGRESSED = "issue.unresolved.regressed"
ERROR = "error.created"
ALERT = "event_alert.triggered"
FEEDBACK = "event_alert.triggered.occurrence"
HOOK = "service_hook.event_alert"
LEGACY = "legacy_webhook"
ACTIVITY = "activity_alert.triggered"
METRIC = "metric_alert.critical"
COMMENT = "comment.created"
BUILD = "preprod_artifact.size_analysis_completed"
SEER = "seer.solution_completed"
INSTALLATION = "installation.created"

YES, NO, OPEN = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN

TABLE: list[tuple[str, Verdict, list[str]]] = [
    # What an issue is.
    (
        NEW,
        YES,
        ["", "   ", "is:unresolved", "is:new", "!is:resolved", "is:unassigned", 'is:"unresolved"', "status:unresolved"],
    ),
    (NEW, NO, ["is:resolved", "is:archived", "is:ignored", "is:muted", "is:assigned", "is:ongoing", "!is:unresolved"]),
    (
        NEW,
        NO,
        ["is:escalating", "is:regressed", "is:archived_forever", "is:archived_until_escalating", "substatus:ongoing"],
    ),
    (NEW, OPEN, ["is:for_review", "is:linked", "is:unlinked", "!is:for_review"]),
    (RESOLVED, YES, ["is:resolved", "!is:unresolved", "!is:for_review"]),
    (RESOLVED, NO, ["is:for_review", "is:new", "is:regressed"]),
    (ARCHIVED, YES, ["is:archived", "is:ignored", "is:muted", "status:ignored", "is:until_escalating"]),
    (ARCHIVED, NO, ["is:unresolved", "is:archived_forever", "is:for_review"]),
    (REGRESSED, YES, ["is:regressed", "is:unresolved is:regressed", "substatus:[new, regressed]"]),
    (ERROR, OPEN, ["is:unresolved", "!is:unresolved", "is:assigned", "is:new"]),
    # Whose it is.
    (ISSUE, YES, ["is:assigned", "assigned:jun@harborline.example", "assigned:JUN@harborline.example", "has:assigned"]),
    (
        ISSUE,
        YES,
        ["assigned:3141592", "!assigned:none", "!assigned:#berth-ops", "assigned:[#berth-ops, jun@harborline.example]"],
    ),
    (ISSUE, YES, ["assigned_or_suggested:jun@harborline.example", "!assigned_or_suggested:none"]),
    (ISSUE, NO, ["assigned:none", "assigned:ines@harborline.example", "assigned_or_suggested:ines@harborline.example"]),
    (ISSUE, NO, ["assigned:2718281", "assigned_or_suggested:#berth-ops"]),
    (
        ISSUE,
        OPEN,
        ["assigned:jun", "assigned:me", "assigned:my_teams", "bookmarks:me", "subscribed:jun@harborline.example"],
    ),
    (TEAM, YES, ["assigned:#berth-ops", "assigned:#Berth-Ops", "is:assigned", "!assigned:jun"]),
    (TEAM, NO, ["assigned:#payments", "assigned:jun@harborline.example", "assigned:none"]),
    (NEW, YES, ["assigned:none", "!assigned:me", "!assigned:[me, #berth-ops]"]),
    (NEW, OPEN, ["assigned_or_suggested:#berth-ops", "assigned_or_suggested:none", "assigned_or_suggested:[none, me]"]),
    # What it is about.
    (
        NEW,
        YES,
        ["level:error", "level:[error, fatal]", "!level:warning", "level:err*", "level:!=fatal", "level:=error"],
    ),
    (NEW, NO, ["level:fatal", "level:ERROR", "!level:error", "level:[info, debug]", "level:rror"]),
    (
        NEW,
        YES,
        [
            "project:ferry-api",
            "project:4508811229167616",
            "project:[checkout, ferry-api]",
            "project.id:4508811229167616",
        ],
    ),
    (NEW, YES, ["project:ferry-*", "project.name:ferry-api", "project.id:>=4508811229167616", "!project:checkout"]),
    (NEW, NO, ["project:checkout", "project:4508811229167617", "project.id:4508811229167617"]),
    (NEW, YES, ["platform:python", "platform.name:python", "!platform:javascript", "platform:py*"]),
    (NEW, YES, ["issue:FERRY-API-4K", "issue:ferry-api-4k", "issue:[X-1, FERRY-API-4K]", "issue.id:6941180273"]),
    (
        NEW,
        YES,
        [
            "issue.category:error",
            "issue.type:error",
            "issue.priority:high",
            "priority:[high, medium]",
            "event.type:error",
        ],
    ),
    (NEW, NO, ["issue:CHECKOUT-1", "issue.category:performance", "issue.priority:low", "!priority:high", "type:csp"]),
    (
        NEW,
        YES,
        ["TideTableError", "tidetableerror", "no slack water", '"no slack water"', "message:slack", "message:SLACK"],
    ),
    (
        NEW,
        YES,
        [
            'message:"*berth 7"',
            "message:Tide*",
            "Tide*berth*",
            'title:"TideTableError: no slack water window for berth 7"',
        ],
    ),
    (NEW, YES, ["title:TideTable*", "title:*BERTH*", "culprit:*next_window", "location:ferry/schedule/tides.py"]),
    (
        NEW,
        NO,
        [
            "KeyError",
            "slack  water",
            "title:TideTableError",
            'message:"slack water*"',
            "!message:berth",
            "message:*berth",
        ],
    ),
    (NEW, NO, ["logger:django", "has:logger", "location:tides.py"]),
    (NEW, YES, ["!has:logger", 'logger:""', "!logger:django", 'has:platform has:"level"']),
    (
        NEW,
        YES,
        [
            "error.type:TideTableError",
            "error.value:*berth*",
            "error.unhandled:true",
            "error.handled:0",
            "!error.handled:1",
        ],
    ),
    (NEW, NO, ["error.type:KeyError", "error.unhandled:false", "error.handled:TRUE"]),
    (NEW, YES, ["stack.filename:ferry/schedule/tides.py", "stack.function:next_*", "stack.filename:*/TIDES.py"]),
    (
        NEW,
        OPEN,
        [
            "stack.filename:ferry/api/windows.py",
            "!stack.filename:*/vendor/*",
            "stack.module:ferry.*",
            "error.mechanism:fastapi",
        ],
    ),
    # How often and when.
    (
        ISSUE,
        YES,
        ["timesSeen:37", "timesSeen:>36", "timesSeen:<=37", "times_seen:[1, 37]", "timesSeen:<1k", "!timesSeen:>100"],
    ),
    (ISSUE, YES, ["userCount:12", "users:>=10", "timesSeen:>10 timesSeen:<50", "timesSeen:>-1", "timesSeen:<0.04k"]),
    (ISSUE, NO, ["timesSeen:>37", "timesSeen:>1k", "timesSeen:!=37", "timesSeen:[1, 2]", "userCount:>2m"]),
    (
        ISSUE,
        YES,
        ["age:-24h", "firstSeen:-6h", "age:+5h", "lastSeen:-3h", "lastSeen:+2h", "age:-1w", "age:+5h age:-6h"],
    ),
    (ISSUE, NO, ["age:+24h", "age:-5h", "lastSeen:-2h", "lastSeen:+30d", "firstSeen:-30m"]),
    (
        ISSUE,
        YES,
        ["firstSeen:2026-10-04", "firstSeen:>2026-10-03", "firstSeen:<2026-10-05", "firstSeen:2026-10-04T06:10:00"],
    ),
    (
        ISSUE,
        YES,
        ["first_seen:>=2026-10-04T06:12:09", "firstSeen:2026-10-04T08:12:00+02:00", "lastSeen:<2026-10-04T09:47:52Z"],
    ),
    (
        ISSUE,
        NO,
        ["firstSeen:2026-10-03", "firstSeen:<2026-10-04", "firstSeen:2026-10-04T06:30:00", "firstSeen:=2026-10-04"],
    ),
    (ISSUE, NO, ["firstSeen:>2026-10-04T06:12:09.184", "lastSeen:2026-10-04T09:53:00.5"]),
    # What only an event tells.
    (
        ISSUE,
        OPEN,
        ["release:ferry-api@4.18.1", "environment:harbour-prod", "has:user", "!has:user", "browser:Chrome", "dist:1"],
    ),
    (
        ISSUE,
        OPEN,
        [
            "tags[berth]:7",
            "flags[fast-lane]:true",
            "release.version:>4",
            "transaction:/v2/windows",
            "device.family:iPad",
        ],
    ),
    (
        ISSUE,
        OPEN,
        ["firstRelease:4.18.1", "first-release:latest", "release:latest", "release.stage:adopted", "os.name:iOS"],
    ),
    (
        ISSUE,
        OPEN,
        [
            "timestamp:-1h",
            "event.timestamp:>2026-10-01",
            "id:7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97",
            "regressed_in_release:1",
        ],
    ),
    # Errors.
    (
        ERROR,
        YES,
        [
            "level:error",
            "release:ferry-api@4.18.1",
            "release:ferry-api@*",
            "environment:harbour-prod",
            "has:environment",
        ],
    ),
    (
        ERROR,
        YES,
        ["transaction:/v2/windows", "error.type:TideTableError", "error.mechanism:fastapi", "error.unhandled:1"],
    ),
    (
        ERROR,
        YES,
        [
            "stack.filename:ferry/api/windows.py",
            "stack.module:ferry.api.*",
            "stack.function:list_windows",
            "stack.in_app:true",
        ],
    ),
    (
        ERROR,
        YES,
        [
            "stack.abs_path:/srv/*",
            "stack.lineno:131",
            "stack.lineno:>100",
            "stack.stack_level:0",
            "!stack.in_app:false",
        ],
    ),
    (ERROR, YES, ["user.id:pilot-551", "user.ip:203.0.113.77", "user:id:pilot-551", "has:user", "geo.city:Göteborg"]),
    (
        ERROR,
        YES,
        [
            "geo.country_code:[SE, NO]",
            "geo.region:sweden*",
            "http.method:GET",
            "http.url:*/v2/windows",
            "sdk.name:sentry.python.*",
        ],
    ),
    (
        ERROR,
        YES,
        ["trace:0b9c1d7be1f34c1ba4f4a9f6f7d3e210", "id:7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97", "sdk.version:2.41.0"],
    ),
    (
        ERROR,
        YES,
        [
            "server_name:berth-7-api-2",
            "tags[server_name]:berth-*",
            '"server_name":berth-*',
            "tags[server_name,string]:*-2",
        ],
    ),
    (
        ERROR,
        YES,
        ['runtime:"CPython 3.12.6"', "runtime.name:CPython", "mechanism:fastapi", "handled:no", "!has:browser"],
    ),
    (
        ERROR,
        YES,
        [
            "release.version:4.18.1",
            "release.version:>=4.18",
            "release.version:<5",
            "release.version:4.*",
            "release.package:ferry-api",
        ],
    ),
    (
        ERROR,
        YES,
        [
            "release.version:ferry-api@4.18.1",
            "!release.version:>4.18.1",
            "!has:release.build",
            "release.version:<4.19.0-rc.1",
        ],
    ),
    (
        ERROR,
        YES,
        [
            "issue.id:6941180273",
            "project:4508811229167616",
            "issue.category:error",
            "timestamp:2026-10-04",
            "timestamp:-6h",
        ],
    ),
    (
        ERROR,
        YES,
        [
            "!user.email:example@customer.com",
            '!browser:"Safari 11*"',
            'user.email:""',
            "!tags[berth]:7",
            "!flags[x]:true",
        ],
    ),
    (
        ERROR,
        NO,
        [
            "level:fatal",
            "release:4.18.1",
            "release.version:>4.18.1",
            "release.version:4.17.*",
            "release.version:other@4.18.1",
        ],
    ),
    (
        ERROR,
        NO,
        [
            "browser:Chrome",
            "has:browser",
            "tags[berth]:7",
            "has:dist",
            "user.email:*",
            "stack.function:main",
            "device.class:high",
        ],
    ),
    (
        ERROR,
        NO,
        [
            "http.status_code:500",
            "error.handled:true",
            "stack.lineno:>200",
            "environment:[staging, dev]",
            "timestamp:+7d",
        ],
    ),
    (
        ERROR,
        NO,
        ["geo.city:goteborg", "os.name:Linux", "device.online:true", "tags[retries,number]:>3", "has:release.build"],
    ),
    (
        ERROR,
        OPEN,
        [
            "project:ferry-api",
            "issue:FERRY-API-4K",
            "timesSeen:>5",
            "age:-24h",
            "issue.priority:high",
            "release:latest",
        ],
    ),
    # Other kinds.
    (ALERT, YES, ["level:error environment:harbour-prod TideTable*", "release.version:>4.17 !release.version:>=5"]),
    (FEEDBACK, YES, ["issue.category:feedback", "wrong vessel", "level:info", "!has:error.type"]),
    (FEEDBACK, NO, ["issue.category:error", "error.type:TideTableError", "error.handled:true"]),
    (
        LEGACY,
        YES,
        [
            "project:ferry-api",
            "project:4508811229167616",
            "level:error",
            "server_name:berth-7-api-2",
            "issue.id:6941180273",
        ],
    ),
    (LEGACY, NO, ["project:checkout"]),
    (
        HOOK,
        YES,
        [
            "is:unresolved",
            "project:ferry-api",
            "issue:FERRY-API-4K",
            "timesSeen:37",
            "stack.filename:ferry/api/windows.py",
        ],
    ),
    (
        HOOK,
        YES,
        ["user.id:pilot-551", "tags[level]:error", "!stack.filename:*/vendor/*", "id:7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97"],
    ),
    (HOOK, NO, ["stack.filename:other.py", "release:1", "is:resolved"]),
    (ACTIVITY, YES, ["is:unresolved", "level:error", "timesSeen:37"]),
    (
        METRIC,
        YES,
        ["project:ferry-api", "environment:harbour-prod", "window endpoint", 'title:"Window endpoint error volume"'],
    ),
    (METRIC, NO, ["project:checkout", "environment:staging"]),
    (METRIC, OPEN, ["level:error", "is:unresolved", "project:4508811229167616"]),
    (COMMENT, YES, ["project:ferry-api", "issue.id:6941180273"]),
    (COMMENT, OPEN, ["level:error", "berth"]),
    (SEER, YES, ["issue.id:6941180273"]),
    (SEER, OPEN, ["project:ferry-api"]),
    (INSTALLATION, OPEN, ["project:ferry-api", "is:unresolved", "!has:user"]),
    (BUILD, YES, ["has:install_size", "install_size:>1kb", "install_size:<1tib", "!download_size:>1tb"]),
    (BUILD, NO, ["install_size:<1kib"]),
    # Marks within a text are part of it.
    (NEW, NO, ["boom! !level:fatal", '"a != b"', "f(x)! y", "undefined (reading name)", "foo (bar (baz)) qux"]),
    # Joined.
    (
        NEW,
        YES,
        [
            "level:error is:new",
            "level:error AND is:new",
            "level:fatal OR is:new",
            "level:fatal or level:error",
            "a OR level:error",
        ],
    ),
    (
        NEW,
        YES,
        [
            "level:error OR is:resolved is:archived",
            "(level:error OR is:resolved) is:new",
            "level:fatal is:new OR level:error",
        ],
    ),
    (
        NEW,
        YES,
        [
            "(((level:error)))",
            "(is:new)(level:error)",
            "level:error\n  is:new\n",
            "level:error\tAND\tis:new",
            "!level:fatal !is:resolved",
        ],
    ),
    (NEW, YES, ["level:error OR has:user", "is:new (slack OR x)", "is:unresolved TideTable level:error"]),
    (
        NEW,
        NO,
        [
            "(level:error OR is:resolved) is:archived",
            "level:fatal has:user",
            "level:error AND level:fatal",
            "has:user level:fatal",
        ],
    ),
    (
        NEW,
        OPEN,
        [
            "level:error has:user",
            "level:fatal OR has:user",
            "is:new (has:user OR level:fatal)",
            "!has:user OR has:user",
        ],
    ),
    (
        ERROR,
        YES,
        ["level:error !has:browser (server_name:x OR user.id:pilot-*)", 'is:unresolved OR user.ip:"203.0.113.77"'],
    ),
    (ERROR, NO, ["level:fatal project:checkout !has:user", "level:[fatal, warning] is:unresolved"]),
]

CASES = [(sample, query, expected) for sample, expected, queries in TABLE for query in queries]


def test_the_table_is_as_long_as_promised() -> None:
    assert len({(sample, query) for sample, query, _ in CASES}) == len(CASES)
    assert len(CASES) >= 150


@pytest.mark.parametrize(
    ("sample", "query", "expected"), CASES, ids=[f"{case[0]}-{number}" for number, case in enumerate(CASES)]
)
def test_a_search_gets_its_answer(facts_for: Callable[..., Facts], sample: str, query: str, expected: Verdict) -> None:
    search = parse(query)
    facts = facts_for(sample)
    assert search.evaluate(facts) is expected, search.explain(facts)
    assert bool(search.unknowns(facts)) == (expected is Verdict.UNKNOWN)
    assert parse(str(search)) == search
    assert search.explain(facts).verdict is expected
