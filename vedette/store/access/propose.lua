-- Lets a write wait for a person's yes or no, unless the same waits or was rejected already.
--
-- KEYS[1] the proposal   KEYS[2] {vedette}:proposals
-- ARGV[1] its id   ARGV[2] what would be written (JSON)   ARGV[3] milliseconds for which it waits
--
-- Returns 1, or 0 where the same is there. Times are this server's.

local state = redis.call('HGET', KEYS[1], 'state')
if state == 'open' or state == 'rejected' then
    return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(moment)
    return string.format('%.0f', moment)
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'proposal', ARGV[2], 'state', 'open', 'by', '', 'at', text(now), 'expires',
    text(now + ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. text(now))
redis.call('ZADD', KEYS[2], text(now + ARGV[3]), ARGV[1])
return 1
