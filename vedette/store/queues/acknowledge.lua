-- Ends messages, except those that have been given to another worker meanwhile; on refusal they are kept apart.
--
-- KEYS  1 hash of messages, 2 sorted set of what the worker holds, 3 sorted set of refused ids, 4 hash of refused
--       messages
-- ARGV  1 1 when they are refused, 2 milliseconds for which the refused are kept, then the ids
--
-- Returns how many of them the worker held.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count = 0
for at = 3, #ARGV do
    local id = ARGV[at]
    if redis.call('ZREM', KEYS[2], id) == 1 then
        count = count + 1
        if ARGV[1] == '1' then
            redis.call('ZADD', KEYS[3], now, id)
            redis.call('HSET', KEYS[4], id, redis.call('HGET', KEYS[1], id) or '')
        end
        redis.call('HDEL', KEYS[1], id)
    end
end
if ARGV[1] == '1' then
    for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[2], 'LIMIT', 0, 100)) do
        redis.call('ZREM', KEYS[3], old)
        redis.call('HDEL', KEYS[4], old)
    end
end
return count
