-- Puts what a worker holds back to the head of its queue, in order, except what it keeps.
--
-- KEYS  1 list of ids, 2 hash of messages, 3 sorted set of what the worker holds     ARGV  ids that it keeps
--
-- Returns how many were put back.

local kept = {}
for _, id in ipairs(ARGV) do
    kept[id] = true
end
local held = redis.call('ZREVRANGE', KEYS[3], 0, -1)
local count = 0
for _, id in ipairs(held) do
    if not kept[id] then
        redis.call('ZREM', KEYS[3], id)
        if redis.call('HEXISTS', KEYS[2], id) == 1 then
            redis.call('LPUSH', KEYS[1], id)
            count = count + 1
        end
    end
end
return count
