-- Requeues the messages in flight at a worker to the head of their queue, in order, except those that it keeps.
--
-- KEYS  1 list of ids, 2 hash of messages, 3 sorted set of the messages in flight at the worker
-- ARGV  ids that it keeps
--
-- Returns how many were requeued.

local queue_key, messages_key, in_flight_key = unpack(KEYS)
local kept = {}
for _, id in ipairs(ARGV) do
    kept[id] = true
end
local count = 0
for _, id in ipairs(redis.call('ZREVRANGE', in_flight_key, 0, -1)) do
    if not kept[id] then
        redis.call('ZREM', in_flight_key, id)
        if redis.call('HEXISTS', messages_key, id) == 1 then
            redis.call('LPUSH', queue_key, id)
            count = count + 1
        end
    end
end
return count
