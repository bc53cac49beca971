-- Ends an alarm: people are notified if they were notified of it, or if a worker is telling them now.
--
-- KEYS  1 {vedette}:alarms
-- ARGV  1 name of the alarm
--
-- Returns 1 when the alarm was open.

local text = redis.call('HGET', KEYS[1], ARGV[1])
local alarm = text and cjson.decode(text)
if not alarm or alarm.ended then
    return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if alarm.notified == 0 and not alarm.claim then
    redis.call('HDEL', KEYS[1], ARGV[1])
    return 1
end
alarm.ended = now
-- The end is not held up by failures of the message before it.
alarm.retry = nil
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(alarm))
return 1
