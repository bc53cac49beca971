-- Takes an attempt as lost whose worker holds its message and does not have it under way: it counts as a crash, and the
-- run is queued again.
--
-- ARGV  1 delivery, 2 handler, 3 generation of the message, 4 token of the attempt
--
-- Returns 1 when it was still said to be running.

local delivery, handler, generation, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local run = redis.call('HMGET', run_key(delivery, handler), 'state', 'generation', 'attempt_token')
if run[1] ~= 'running' or run[2] ~= generation or run[3] ~= token then
    return 0
end
local key = run_key(delivery, handler)
redis.call('HINCRBY', key, 'crashes', 1)
note_attempt(key, redis.call('HGET', key, 'history'), 'lost', milliseconds(), 0, LOST)
redis.call('HINCRBY', PREFIX .. 'counts', 'stalled:running', 1)
queue_run(delivery, handler, milliseconds())
return 1
