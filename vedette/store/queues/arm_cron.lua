-- Lets a job wait for its next time, if nobody has done so since the asker looked.
--
-- {vedette}:cron_jobs   hash   job -> the time (ms) that it waits for or that is being fired; `cancelled TIME` when a person
--                          has taken that one out
--
-- ARGV  1 job, 2 what the asker saw under it or '', 3 the time (ms), or '' for the job to be forgotten, 4 message's id,
--       5 message
--
-- Returns 1 when it did.

local CRON_JOBS = PREFIX .. 'cron_jobs'
local job, seen, due = ARGV[1], ARGV[2], ARGV[3]
if (redis.call('HGET', CRON_JOBS, job) or '') ~= seen then
    return 0
end
if due == '' then
    local member = 'fan_out tick:' .. job .. ':' .. seen
    redis.call('HDEL', CRON_JOBS, job)
    redis.call('ZREM', SCHEDULE, member)
    redis.call('HDEL', SCHEDULED, member)
    return 1
end
local member = 'fan_out ' .. ARGV[4]
redis.call('HSET', CRON_JOBS, job, due)
redis.call('HSET', SCHEDULED, member, ARGV[5])
redis.call('ZADD', SCHEDULE, due, member)
wake_leader(member)
return 1
