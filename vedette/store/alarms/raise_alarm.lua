-- Opens an alarm, or renews the text of one that is open.
--
-- KEYS  1 {vedette}:alarms
-- ARGV  1 name of the alarm (kind and subject), 2 kind, 3 subject, 4 sentence, 5 command, 6 level
--
-- Returns 1 when the alarm was not open before.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local text = redis.call('HGET', KEYS[1], ARGV[1])
local alarm = text and cjson.decode(text) or {kind = ARGV[2], subject = ARGV[3], since = now, notified = 0}
local is_new = not text or alarm.ended ~= nil
-- One that comes back before people were notified of its end has not ended for them.
alarm.ended = nil
alarm.sentence, alarm.command, alarm.level = ARGV[4], ARGV[5], ARGV[6]
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(alarm))
return is_new and 1 or 0
