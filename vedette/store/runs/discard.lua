-- Closes a dead run for good, because a person said so.
--
-- ARGV  1 delivery, 2 handler, 3 journal length
--
-- Returns 1 when it was dead.

local delivery, handler, journal_length = ARGV[1], ARGV[2], ARGV[3]
local key = run_key(delivery, handler)
if not KEPT[redis.call('HGET', key, 'state') or ''] then
    return 0
end
remove_dead(delivery, handler)
redis.call('HSET', key, 'state', 'discarded')
index_run(delivery, handler, 'discarded')
record_end(delivery, handler, 'discarded', milliseconds(), journal_length)
return 1
