import asyncio

from vedette.alarms.alarms import Alarms
from vedette.store.alarms.alarm_records import AlarmRecords, ClaimedMessage
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import ALARMS

LEASE = 60.0
DAY = 86_400.0


async def _raise(client: RedisClient, subject: str = "default", sentence: str = "the token does not work") -> bool:
    return await Alarms(client).raise_("token", subject, sentence, "vedette doctor")


async def _claim(client: RedisClient, *, again: float = DAY) -> ClaimedMessage:
    found = await AlarmRecords(client).claim(LEASE, again)
    assert found is not None
    return found


async def _is_quiet(client: RedisClient) -> bool:
    return await AlarmRecords(client).claim(LEASE, DAY) is None


async def test_an_alarm_that_is_raised_again_stays_one_with_the_newest_sentence(client: RedisClient) -> None:
    assert await _raise(client)
    assert not await _raise(client, sentence="the token has expired")
    (alarm,) = await Alarms(client).list_open()
    assert (alarm.kind, alarm.subject, alarm.sentence) == ("token", "default", "the token has expired")
    assert (alarm.command, alarm.level, alarm.notified) == ("vedette doctor", "broken", 0)


async def test_one_of_many_workers_claims_a_message_and_nobody_once_it_was_sent(client: RedisClient) -> None:
    await _raise(client)
    claims = await asyncio.gather(*(AlarmRecords(client).claim(LEASE, DAY) for _ in range(20)))
    (claimed,) = [claim for claim in claims if claim is not None]
    assert claimed.message == "begun"
    assert await AlarmRecords(client).settle(claimed)
    assert await _is_quiet(client)
    assert await AlarmRecords(client).settle(claimed) is False


async def test_the_message_of_a_worker_that_crashed_is_another_workers(client: RedisClient) -> None:
    await _raise(client)
    lost = await AlarmRecords(client).claim(0.01, DAY)
    assert lost is not None
    await asyncio.sleep(0.02)
    assert (await _claim(client)).message == "begun"
    assert await AlarmRecords(client).settle(lost) is False


async def test_a_failed_message_waits_and_is_then_sent_by_anybody(client: RedisClient) -> None:
    await _raise(client)
    await AlarmRecords(client).settle(await _claim(client), again_in=0.05)
    assert await _is_quiet(client)
    await asyncio.sleep(0.06)
    again = await _claim(client)
    assert (again.message, again.alarm.failures) == ("begun", 1)


async def test_an_alarm_that_lasts_is_told_again_and_its_end_once(client: RedisClient) -> None:
    await _raise(client)
    await AlarmRecords(client).settle(await _claim(client))
    await asyncio.sleep(0.03)
    lasting = await _claim(client, again=0.02)
    assert lasting.message == "lasting"
    await AlarmRecords(client).settle(lasting)
    assert await Alarms(client).clear("token", "default")
    assert await Alarms(client).list_open() == []
    ended = await _claim(client)
    assert ended.message == "ended"
    await AlarmRecords(client).settle(ended)
    assert await _is_quiet(client)
    assert not await client.exists(ALARMS)


async def test_an_alarm_that_nobody_was_told_of_ends_without_a_message(client: RedisClient) -> None:
    await _raise(client)
    assert await Alarms(client).clear("token", "default")
    assert not await Alarms(client).clear("token", "default")
    assert await _is_quiet(client)


async def test_an_alarm_that_ends_while_it_is_told_is_told_to_be_over(client: RedisClient) -> None:
    await _raise(client)
    begun = await _claim(client)
    await Alarms(client).clear("token", "default")
    assert await AlarmRecords(client).settle(begun)
    assert (await _claim(client)).message == "ended"


async def test_an_alarm_that_ends_while_its_message_fails_is_told_to_nobody(client: RedisClient) -> None:
    await _raise(client)
    begun = await _claim(client)
    await Alarms(client).clear("token", "default")
    assert await AlarmRecords(client).settle(begun, again_in=0)
    assert await _is_quiet(client)
    assert not await client.exists(ALARMS)


async def test_an_alarm_that_comes_back_before_its_end_was_told_is_not_told_again(client: RedisClient) -> None:
    await _raise(client)
    await AlarmRecords(client).settle(await _claim(client))
    await Alarms(client).clear("token", "default")
    await _raise(client)
    assert await _is_quiet(client)


async def test_an_alarm_that_comes_back_while_its_end_is_told_is_told_again(client: RedisClient) -> None:
    await _raise(client)
    await AlarmRecords(client).settle(await _claim(client))
    await Alarms(client).clear("token", "default")
    ended = await _claim(client)
    await _raise(client)
    await AlarmRecords(client).settle(ended)
    assert (await _claim(client)).message == "begun"


async def test_alarms_of_several_subjects_are_kept_apart_and_one_altered_by_hand_is_removed(
    client: RedisClient,
) -> None:
    await client.hset(ALARMS, mapping={"token x": "not JSON", "token y": "[]"})
    for subject in ("default", "other", "a b"):
        await _raise(client, subject)
    assert {alarm.subject for alarm in await Alarms(client).list_open()} == {"default", "other", "a b"}
    notified = [await _claim(client) for _ in range(3)]
    assert {one.alarm.subject for one in notified} == {"default", "other", "a b"}
    assert await _is_quiet(client)
    assert {name.decode() for name in await client.hgetall(ALARMS)} == {"token default", "token other", "token a b"}
