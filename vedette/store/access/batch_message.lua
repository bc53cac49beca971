-- Begins a time in which messages to one channel are gathered, or keeps a message that came within one.
--
-- KEYS  1 who began it, 2 what is kept
-- ARGV  1 delivery, 2 message (JSON), 3 milliseconds that the beginning counts, 4 how many are kept whole
--
-- Returns 1 where this delivery begins it (again, if its attempt is repeated), 0 where the message is kept.

local opener = redis.call('GET', KEYS[1])
if not opener or opener == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
    return 1
end
if redis.call('HLEN', KEYS[2]) < tonumber(ARGV[4]) or redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
else
    redis.call('HINCRBY', KEYS[2], 'more', 1)
end
redis.call('PEXPIRE', KEYS[2], 86400000)
return 0
