-- Takes a message out of the schedule, because a person said so; a run that it asked for has ended with that.
--
-- ARGV  1 the entry, or its run as DELIVERY:HANDLER, 2 what is written down as the reason, 3 journal length
--
-- Returns 1 when it was there.

local entry = ARGV[1]
local delivery, handler = string.match(entry, '^([^: ]+):([^: ]+)$')
if delivery then
    local generation = redis.call('HGET', run_key(delivery, handler), 'generation')
    entry = 'run ' .. entry .. ':' .. (generation or 0)
end
if redis.call('ZREM', SCHEDULE, entry) == 0 then
    return 0
end
redis.call('HDEL', SCHEDULED, entry)
local job, due = string.match(entry, '^fan_out tick:(.+):(%d+)$')
if job then
    -- The times after this one go on.
    redis.call('HSET', PREFIX .. 'cron_jobs', job, 'cancelled ' .. due)
end
delivery, handler = string.match(entry, '^run ([^:]+):([^:]+):%d+$')
local key = delivery and run_key(delivery, handler)
if key and redis.call('EXISTS', key) == 1 then
    local now = milliseconds()
    redis.call('HSET', key, 'state', 'dropped', 'ended', now, 'error', ARGV[2], 'reason', '')
    record_end(delivery, handler, 'dropped', now, ARGV[3])
    leave_order(delivery, handler, redis.call('HGET', key, 'subject'), now)
    close(delivery, now)
end
return 1
