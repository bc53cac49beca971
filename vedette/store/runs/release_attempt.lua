-- Takes an attempt back that a worker could not finish before its own end: it neither counts nor failed.
--
-- ARGV  1 delivery, 2 handler, 3 token of the attempt
--
-- Returns 1 when it was this attempt's to take back. The message stays with its worker, which puts it back.

local delivery, handler, token = ARGV[1], ARGV[2], ARGV[3]
local key = run_key(delivery, handler)
local run = redis.call('HMGET', key, 'attempt_token', 'state')
if run[1] ~= token or run[2] ~= 'running' then
    return 0
end
redis.call('HSET', key, 'state', 'queued')
index_run(delivery, handler, 'queued')
redis.call('HINCRBY', key, 'attempts', -1)
free_slot(delivery, handler, milliseconds())
return 1
