-- Cancels a delayed message on a person's order; a run that it was for is dropped.
--
-- ARGV  1 the entry, or its run as DELIVERY:HANDLER, 2 the reason to record, 3 journal length
--
-- Returns 1 when it was there.

local entry, reason, journal_length = ARGV[1], ARGV[2], ARGV[3]
local delivery, handler = string.match(entry, '^([^: ]+):([^: ]+)$')
if delivery then
    local generation = redis.call('HGET', run_key(delivery, handler), 'generation')
    entry = 'run ' .. entry .. ':' .. (generation or 0)
end
if redis.call('ZREM', SCHEDULE, entry) == 0 then
    return 0
end
redis.call('HDEL', SCHEDULED, entry)
local job, due = string.match(entry, '^fan_out cron:(.+):(%d+)$')
if job then
    -- The job's later times are not cancelled.
    redis.call('HSET', PREFIX .. 'cron_jobs', job, 'cancelled ' .. due)
end
delivery, handler = string.match(entry, '^run ([^:]+):([^:]+):%d+$')
local key = delivery and run_key(delivery, handler)
if key and redis.call('EXISTS', key) == 1 then
    local now = milliseconds()
    redis.call('HSET', key, 'state', 'dropped', 'ended', now, 'error', reason, 'reason', '')
    index_run(delivery, handler, 'dropped')
    record_end(delivery, handler, 'dropped', now, journal_length)
    leave_order(delivery, handler, redis.call('HGET', key, 'subject'), now)
    close(delivery, now)
end
return 1
