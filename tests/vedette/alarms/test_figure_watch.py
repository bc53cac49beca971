from vedette.alarms.alarms import Alarms
from vedette.alarms.figure_watch import FigureWatch
from vedette.settings.alarms import AlarmSettings
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import ALARM_SAMPLES, COUNTS, DEAD


async def _open(client: RedisClient) -> list[str]:
    return [alarm.kind for alarm in await Alarms(client).list_open()]


async def test_figures_raise_alarms_and_end_them(client: RedisClient) -> None:
    watch = FigureWatch(client, AlarmSettings(dead=1))
    await watch.look()
    assert await _open(client) == []
    await client.zadd(DEAD, {"1:triage": 1, "2:triage": 2})
    await client.hincrby(COUNTS, "quarantined", 1)
    await watch.look()
    assert await _open(client) == ["dead_letters", "quarantine"]
    await client.zrem(DEAD, "1:triage")
    await watch.look()
    assert await _open(client) == ["quarantine"]


async def test_samples_that_were_altered_begin_anew(client: RedisClient) -> None:
    watch = FigureWatch(client, AlarmSettings())
    await client.set(ALARM_SAMPLES, "not JSON")
    await client.hincrby(COUNTS, "quarantined", 5)
    await watch.look()
    assert await _open(client) == []
    await client.hincrby(COUNTS, "quarantined", 1)
    await watch.look()
    assert await _open(client) == ["quarantine"]


async def test_a_receiver_that_spools_is_an_alarm_until_its_spool_is_empty(client: RedisClient) -> None:
    watch, statuses = FigureWatch(client, AlarmSettings()), ReceiverStatuses(client)
    await statuses.write(ReceiverStatus("r1", "web1", 0, 0, spool_records=7, spool_age=90.0))
    await watch.look()
    assert await _open(client) == ["spool"]
    await statuses.write(ReceiverStatus("r1", "web1", 0, 0))
    await watch.look()
    assert await _open(client) == []
