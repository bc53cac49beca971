"""Examples of each command: what its help and docs/commands.md show, and what tests run or parse.

A line fits 72 columns, so that the help shows it whole at 80.
"""

from collections.abc import Mapping
from typing import Final

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "up": ("vedette up", "vedette up --reload"),
    "receiver": ("vedette receiver", "VEDETTE_PORT=8651 vedette receiver"),
    "worker": ("vedette worker", "vedette worker --processes 4"),
    "gateway": ("vedette gateway", "VEDETTE_GATEWAY__PORT=8653 vedette gateway"),
    "console": ("vedette console", "vedette console link"),
    "console link": ("vedette console link", "vedette console link --role viewer --name ann"),
    "simulate": ("vedette simulate", "vedette simulate --port 0 --past 500 --json"),
    "doctor": ("vedette doctor", "vedette doctor --integration default --json"),
    "trigger": (
        "vedette trigger issue.created --set level=fatal",
        "vedette trigger issue.resolved --issue SHOP-4K",
        "vedette trigger --body fixture.json --count 100 --rate 20",
        "vedette trigger --from 01k2m3n4p5q6r7s8t9v0w1x2y3",
    ),
    "listen": ("vedette listen --with cloudflared", "vedette listen --with smee --channel https://smee.io/abc123"),
    "status": ("vedette status", "vedette status --watch"),
    "deliveries": ("vedette deliveries --issue SHOP-4K", "vedette deliveries -f --resource issue"),
    "runs": ("vedette runs --handler triage --state dead", "vedette runs -f --issue SHOP-4K"),
    "show": ("vedette show 01k2m3n4p5q6r7s8t9v0w1x2y3", "vedette show 01k2m3n4p5q6r7s8t9v0w1x2y3 --raw > fixture.json"),
    "config": ("vedette config worker", "vedette config --changed"),
    "refused": ("vedette refused", "vedette refused --json"),
    "explain": ("vedette explain 01k2m3n4p5q6r7s8t9v0w1x2y3", "vedette explain SHOP-4K"),
    "reconcile": ("vedette reconcile --since 2h --dry-run", "vedette reconcile --since 2h"),
    "dead": ("vedette dead --by error", "vedette dead --handler triage --since 24h"),
    "dead show": (
        "vedette dead show 01k2m3n4p5q6r7s8t9v0w1x2y3:triage",
        "vedette dead show 01k2m3n4p5q6r7s8t9v0w1x2y3:triage --json",
    ),
    "dead discard": (
        "vedette dead discard 01k2m3n4p5q6r7s8t9v0w1x2y3:triage",
        "vedette dead discard --all --handler triage --since 24h",
    ),
    "replay": ("vedette replay 01k2m3n4p5q6r7s8t9v0w1x2y3", "vedette replay --dead --group 1f3a5c7e --rate 5"),
    "schedule": ("vedette schedule", "vedette schedule --limit 10 --json"),
    "schedule cancel": (
        "vedette schedule cancel 01k2m3n4p5q6r7s8t9v0w1x2y3:triage",
        "vedette schedule cancel 01k2m3n4p5q6r7s8t9v0w1x2y3:remind@later",
    ),
    "handlers": ("vedette handlers", "vedette handlers --json"),
    "handlers check": ("vedette handlers check my_handlers.py", "vedette handlers check ./vedette-night-watch"),
    "agents": ("vedette agents", "vedette agents --json"),
    "agents token": ("vedette agents token helper", "vedette agents token helper --expires 30d --note CI"),
    "agents tokens": ("vedette agents tokens", "vedette agents tokens helper --json"),
    "agents revoke": ("vedette agents revoke 0123456789ab", "vedette agents revoke helper --all"),
    "agents serve": ("vedette agents serve helper", "vedette agents serve helper --by ann"),
    "agents areas": ("vedette agents areas", "vedette agents areas triage"),
    "audit": ("vedette audit --issue SHOP-4K", "vedette audit --rule 'browser noise' --since 24h"),
    "audit verify": ("vedette audit verify", "vedette audit verify --expect 42-1f3a5c7e9b2d4f60"),
    "audit reads": ("vedette audit reads 42", "vedette audit reads 42 > reads.jsonl"),
    "audit export": ("vedette audit export > audit.jsonl", "vedette audit export | gzip > audit.jsonl.gz"),
    "proposals": ("vedette proposals", "vedette proposals --json"),
    "approve": ("vedette approve 01k2m3n4p5q6r7s8t9v0w1x2y3", "vedette approve 01k2m3n4p5q6r7s8t9v0w1x2y3 --by ann"),
    "reject": ("vedette reject 01k2m3n4p5q6r7s8t9v0w1x2y3", "vedette reject 01k2m3n4p5q6r7s8t9v0w1x2y3 --by ann"),
    "undo": ("vedette undo 42", "vedette undo --rule 'browser noise' --since 2h --dry-run"),
    "pause": ("vedette pause --for 1h", "vedette pause triage --by ann"),
    "disable": ("vedette disable night_watch", "vedette disable night_watch --by ann"),
    "enable": ("vedette enable night_watch", "vedette enable night_watch --by ann"),
    "resume": ("vedette resume", "vedette resume triage"),
    "rules": ("vedette rules check", "vedette rules test --sample issue.created"),
    "rules check": ("vedette rules check", "vedette rules check triage.toml --online"),
    "rules test": ("vedette rules test --sample issue.created", "vedette rules test --issue SHOP-4K"),
    "rules backtest": ("vedette rules backtest", "vedette rules backtest --since 7d --html report.html"),
    "rules suggest": ("vedette rules suggest", "vedette rules suggest --since 90d"),
    "rules ready": ("vedette rules ready", "vedette rules ready noise"),
    "rules schema": ("vedette rules schema", "vedette rules schema > rules.schema.json"),
    "new": ("vedette new handler night_watch", "vedette new handler night_watch --in plugins"),
    "new handler": ("vedette new handler night_watch", "vedette new handler night_watch --in plugins"),
}
"""Name of a command, without `vedette` -> its examples, as typed in a shell."""
