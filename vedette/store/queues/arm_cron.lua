-- Arms a cron job for its next time, unless another worker has changed it since the caller read it.
--
-- {vedette}:cron_jobs   hash   job -> the time (ms) that it waits for or that is being fired; `cancelled TIME` when a person
--                          has cancelled that one
--
-- ARGV  1 job, 2 the value that the caller read for it or '', 3 the time (ms), or '' to remove the job, 4 message's id,
--       5 message
--
-- Returns 1 when it was changed.

local CRON_JOBS = PREFIX .. 'cron_jobs'
local job, seen, due, id, message = unpack(ARGV)
if (redis.call('HGET', CRON_JOBS, job) or '') ~= seen then
    return 0
end
if due == '' then
    local member = 'fan_out cron:' .. job .. ':' .. seen
    redis.call('HDEL', CRON_JOBS, job)
    redis.call('ZREM', SCHEDULE, member)
    redis.call('HDEL', SCHEDULED, member)
    return 1
end
local member = 'fan_out ' .. id
redis.call('HSET', CRON_JOBS, job, due)
redis.call('HSET', SCHEDULED, member, message)
redis.call('ZADD', SCHEDULE, due, member)
wake_leader(member)
return 1
