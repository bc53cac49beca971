-- Takes a message out of the schedule, because a person said so; a run that it asked for has ended with that.
--
-- ARGV  1 the entry, 2 what is written down as the reason, 3 journal length
--
-- Returns 1 when it was there.

if redis.call('ZREM', SCHEDULE, ARGV[1]) == 0 then
    return 0
end
redis.call('HDEL', SCHEDULED, ARGV[1])
local delivery, handler = string.match(ARGV[1], '^run ([^:]+):([^:]+):%d+$')
local key = delivery and run_key(delivery, handler)
if key and redis.call('EXISTS', key) == 1 then
    local now = milliseconds()
    redis.call('HSET', key, 'state', 'dropped', 'ended', now, 'error', ARGV[2], 'reason', '')
    tell_end(delivery, handler, 'dropped', now, ARGV[3])
    leave_lane(delivery, handler, redis.call('HGET', key, 'subject'), now)
    close(delivery, now)
end
return 1
