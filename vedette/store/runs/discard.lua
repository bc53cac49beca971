-- Closes a dead run for good, because a person said so.
--
-- ARGV  1 delivery, 2 handler, 3 journal length
--
-- Returns 1 when it was dead.

local key = run_key(ARGV[1], ARGV[2])
if not KEPT[redis.call('HGET', key, 'state') or ''] then
    return 0
end
remove_dead(ARGV[1], ARGV[2])
redis.call('HSET', key, 'state', 'discarded')
record_end(ARGV[1], ARGV[2], 'discarded', milliseconds(), ARGV[3])
return 1
