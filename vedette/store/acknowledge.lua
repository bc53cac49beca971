-- Ends a message, unless it has been given to another worker meanwhile; on refusal it is kept apart.
--
-- KEYS  1 hash of messages, 2 sorted set of what the worker holds, 3 sorted set of refused ids, 4 hash of refused
--       messages
-- ARGV  1 id, 2 1 when it is refused, 3 now (ms), 4 milliseconds for which the refused are kept
--
-- Returns 1 when the worker held it.

if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then
    return 0
end
if ARGV[2] == '1' then
    local message = redis.call('HGET', KEYS[1], ARGV[1])
    redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
    redis.call('HSET', KEYS[4], ARGV[1], message or '')
    for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[3] - ARGV[4], 'LIMIT', 0, 100)) do
        redis.call('ZREM', KEYS[3], old)
        redis.call('HDEL', KEYS[4], old)
    end
end
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
