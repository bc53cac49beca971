-- Records one of our own writes before it is sent, so that its echo is recognised.
--
-- KEYS[1] our own writes to the issue
-- ARGV[1] id of the write   ARGV[2] the write (a JSON object that is not empty)
-- ARGV[3] milliseconds for which it is kept

local writes_key = KEYS[1]
local write, record, age = ARGV[1], ARGV[2], ARGV[3]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', writes_key, write, string.format('{"at":%.0f,', now) .. string.sub(record, 2))
redis.call('PEXPIRE', writes_key, age)
