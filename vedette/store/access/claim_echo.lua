-- Takes a delivery for the echo of a write of ours, unless another delivery is, or the write is too long ago.
--
-- KEYS[1] our own writes to the issue   KEYS[2] the echoes that were recognised
-- ARGV[1] the note's id   ARGV[2] the event   ARGV[3] the delivery   ARGV[4] milliseconds for which a note counts
--
-- Returns 1 where it is; asked again for the same delivery the same.

local claim = ARGV[1] .. ' ' .. ARGV[2]
local first = redis.call('HGET', KEYS[2], claim)
if first then
    return first == ARGV[3] and 1 or 0
end
local note = redis.call('HGET', KEYS[1], ARGV[1])
if not note then
    return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now - (cjson.decode(note).at or 0) > tonumber(ARGV[4]) then
    return 0
end
redis.call('HSET', KEYS[2], claim, ARGV[3])
redis.call('PEXPIRE', KEYS[2], 2 * ARGV[4])
return 1
