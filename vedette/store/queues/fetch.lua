-- Takes messages from the head of a queue and notes them, in their order, as held by the worker.
--
-- KEYS  1 list of ids, 2 hash of messages, 3 sorted set of what the worker holds     ARGV  1 how many at most
--
-- Returns id, message, id, message...

local ids = redis.call('LPOP', KEYS[1], ARGV[1])
if not ids then
    return {}
end
local last = redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')
local place = tonumber(last[2] or 0)
local taken = {}
for _, id in ipairs(ids) do
    local message = redis.call('HGET', KEYS[2], id)
    if message then
        place = place + 1
        redis.call('ZADD', KEYS[3], place, id)
        taken[#taken + 1] = id
        taken[#taken + 1] = message
    end
end
return taken
