-- Takes an attempt as lost whose worker holds its message and does not have it under way: it counts as a death, and the
-- run is queued again.
--
-- ARGV  1 delivery, 2 handler, 3 generation of the message, 4 `begins` of the attempt
--
-- Returns 1 when it was still said to be running.

local delivery, handler = ARGV[1], ARGV[2]
local run = redis.call('HMGET', run_key(delivery, handler), 'state', 'generation', 'attempt_token')
if run[1] ~= 'running' or run[2] ~= ARGV[3] or run[3] ~= ARGV[4] then
    return 0
end
redis.call('HINCRBY', run_key(delivery, handler), 'crashes', 1)
redis.call('HINCRBY', PREFIX .. 'counts', 'stalled:running', 1)
queue_run(delivery, handler, milliseconds())
return 1
