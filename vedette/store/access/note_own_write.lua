-- Notes a write of ours before it leaves, so that its echo is recognised.
--
-- KEYS[1] our own writes to the issue
-- ARGV[1] the note's id   ARGV[2] the note (a JSON object with something in it)   ARGV[3] milliseconds for which it counts

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('{"at":%.0f,', now) .. string.sub(ARGV[2], 2))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
