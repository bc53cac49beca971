-- Writes a worker's heartbeat; on request, requeues the messages in flight at dead workers to the heads of their queues.
--
-- KEYS  1 sorted set of workers by their last heartbeat, 2 set of all queues' names
-- ARGV  1 worker, 2 milliseconds without a heartbeat until one is dead, 3 1 to recover dead ones, 4 prefix of queues,
--       then the names of this worker's queues
--
-- Returns {dead worker, how many messages it had in flight, ...}.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
for at = 5, #ARGV do
    redis.call('SADD', KEYS[2], ARGV[at])
end
local found = {}
if ARGV[3] ~= '1' then
    return found
end
local queues = redis.call('SMEMBERS', KEYS[2])
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2], 'LIMIT', 0, 20)) do
    local count = 0
    for _, name in ipairs(queues) do
        local queue = ARGV[4] .. name
        local held = queue .. '.in_flight:' .. worker
        for _, id in ipairs(redis.call('ZREVRANGE', held, 0, -1)) do
            if redis.call('HEXISTS', queue .. '.msgs', id) == 1 then
                redis.call('LPUSH', queue, id)
                count = count + 1
            end
        end
        redis.call('DEL', held)
    end
    redis.call('ZREM', KEYS[1], worker)
    found[#found + 1] = worker
    found[#found + 1] = count
end
return found
