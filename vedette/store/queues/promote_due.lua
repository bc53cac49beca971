-- Moves what is due from the schedule to the queues, in order, for the one worker that is elected to do so.
--
-- ARGV  1 who asks, 2 milliseconds for which an election holds, 3 how many to move at most
--
-- Returns {1 when the asker is elected, how many were moved, milliseconds until the next is due or -1}.

local elected = PREFIX .. 'scheduler_leader'
local holder = redis.call('GET', elected)
if holder and holder ~= ARGV[1] then
    return {0, 0, -1}
end
redis.call('SET', elected, ARGV[1], 'PX', ARGV[2])
local now = milliseconds()
local due = redis.call('ZRANGEBYSCORE', SCHEDULE, '-inf', now, 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do
    local queue, id = string.match(member, '^(%S+) (.+)$')
    local message = redis.call('HGET', SCHEDULED, member)
    if queue and message then
        redis.call('HSET', PREFIX .. 'queue:' .. queue .. '.msgs', id, message)
        redis.call('RPUSH', PREFIX .. 'queue:' .. queue, id)
    end
    redis.call('ZREM', SCHEDULE, member)
    redis.call('HDEL', SCHEDULED, member)
end
local next_one = redis.call('ZRANGE', SCHEDULE, 0, 0, 'WITHSCORES')
return {1, #due, next_one[2] and math.max(0, math.ceil(next_one[2] - now)) or -1}
