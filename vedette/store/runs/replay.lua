-- Runs a run again that has ended, as if for the first time.
--
-- ARGV  1 delivery, 2 handler, 3 milliseconds until it is queued
--
-- Returns 1 when it will run, 0 when it is still going, -1 when there is no such run.

local delivery, handler, delay = ARGV[1], ARGV[2], tonumber(ARGV[3])
local key, now = run_key(delivery, handler), milliseconds()
local state = redis.call('HGET', key, 'state')
if not state then
    return -1
end
if not FINAL[state] then
    return 0
end
forget(delivery, handler)
redis.call('HDEL', PREFIX .. 'delivery:' .. delivery, 'finished')
redis.call('HSET', key, 'state', 'waiting', 'reason', 'replayed', 'queued', now, 'attempts', 0)
redis.call('HINCRBY', key, 'round', 1)
index_run(delivery, handler, 'waiting')
if delay > 0 then
    schedule_run(delivery, handler, now + delay, now)
else
    queue_run(delivery, handler, now)
end
return 1
