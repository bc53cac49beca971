-- Acknowledges messages, except those that are in flight at another worker by now; rejected ones are kept for a time.
--
-- KEYS  1 hash of messages, 2 sorted set of the messages in flight at the worker, 3 sorted set of rejected ids,
--       4 hash of rejected messages
-- ARGV  1 '1' when they are rejected, 2 milliseconds for which rejected ones are kept, then the ids
--
-- Returns how many of them were in flight at the worker.

local messages_key, in_flight_key, rejected_ids_key, rejected_key = unpack(KEYS)
local is_rejected, kept_for = ARGV[1] == '1', tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count = 0
for at = 3, #ARGV do
    local id = ARGV[at]
    if redis.call('ZREM', in_flight_key, id) == 1 then
        count = count + 1
        if is_rejected then
            redis.call('ZADD', rejected_ids_key, now, id)
            redis.call('HSET', rejected_key, id, redis.call('HGET', messages_key, id) or '')
        end
        redis.call('HDEL', messages_key, id)
    end
end
if is_rejected then
    local expired = redis.call('ZRANGEBYSCORE', rejected_ids_key, '-inf', now - kept_for, 'LIMIT', 0, 100)
    for _, old in ipairs(expired) do
        redis.call('ZREM', rejected_ids_key, old)
        redis.call('HDEL', rejected_key, old)
    end
end
return count
