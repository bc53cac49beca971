-- Claims a delivery as the echo of one of our own writes, unless another delivery is, or the write is too long ago.
--
-- KEYS[1] our own writes to the issue   KEYS[2] the echoes that were recognised
-- ARGV[1] id of the write   ARGV[2] the event   ARGV[3] the delivery   ARGV[4] milliseconds for which an echo is awaited
-- ARGV[5] when it happened, in milliseconds, where the delivery was rebuilt; 0 for now
--
-- Returns 1 where it is its echo; the answer for one delivery is always the same.

local writes_key, echoes_key = KEYS[1], KEYS[2]
local write, event, delivery, window, happened = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local claim = write .. ' ' .. event
local first = redis.call('HGET', echoes_key, claim)
if first then
    return first == delivery and 1 or 0
end
local recorded = redis.call('HGET', writes_key, write)
if not recorded then
    return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local moment = happened > 0 and happened or now
-- What happened is dated by the clock of Sentry, which may be behind.
if math.abs(moment - (cjson.decode(recorded).at or 0)) > window then
    return 0
end
redis.call('HSET', echoes_key, claim, delivery)
redis.call('PEXPIRE', echoes_key, 2 * window)
return 1
