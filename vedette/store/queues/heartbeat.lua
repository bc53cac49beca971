-- Writes a worker's heartbeat; on request, requeues the messages in flight at dead workers to the heads of their queues.
--
-- KEYS  1 sorted set of workers by their last heartbeat, 2 set of all queues' names
-- ARGV  1 worker, 2 milliseconds without a heartbeat until one is dead, 3 '1' to recover dead ones, 4 prefix of queues,
--       then the names of this worker's queues
--
-- Returns {dead worker, how many messages it had in flight, ...}.

local workers_key, queues_key = KEYS[1], KEYS[2]
local this_worker, timeout, is_recovering, queue_prefix = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1', ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', workers_key, now, this_worker)
for at = 5, #ARGV do
    redis.call('SADD', queues_key, ARGV[at])
end
local found = {}
if not is_recovering then
    return found
end
local queues = redis.call('SMEMBERS', queues_key)
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', workers_key, '-inf', now - timeout, 'LIMIT', 0, 20)) do
    local count = 0
    for _, name in ipairs(queues) do
        local queue = queue_prefix .. name
        local in_flight_key = queue .. '.in_flight:' .. worker
        for _, id in ipairs(redis.call('ZREVRANGE', in_flight_key, 0, -1)) do
            if redis.call('HEXISTS', queue .. '.msgs', id) == 1 then
                redis.call('LPUSH', queue, id)
                count = count + 1
            end
        end
        redis.call('DEL', in_flight_key)
    end
    redis.call('ZREM', workers_key, worker)
    found[#found + 1] = worker
    found[#found + 1] = count
end
return found
