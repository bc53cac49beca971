-- Promotes delayed messages that are due to their queues, in order, if the worker is the leader or becomes it.
--
-- ARGV  1 worker, 2 milliseconds of the leader's lease, 3 how many to promote at most
--
-- Returns {1 when the worker is the leader, how many were promoted, milliseconds until the next is due or -1}.

local worker, lease, most = ARGV[1], ARGV[2], ARGV[3]

local leader_key = PREFIX .. 'scheduler_leader'
local leader = redis.call('GET', leader_key)
if leader and leader ~= worker then
    return {0, 0, -1}
end
redis.call('SET', leader_key, worker, 'PX', lease)
local now = milliseconds()
local due = redis.call('ZRANGEBYSCORE', SCHEDULE, '-inf', now, 'WITHSCORES', 'LIMIT', 0, most)
for at = 1, #due, 2 do
    local member = due[at]
    local queue, id = string.match(member, '^(%S+) (.+)$')
    local message = redis.call('HGET', SCHEDULED, member)
    if queue and message then
        -- The age of a message counts from the time it was due, not from the time it was delayed.
        message = string.gsub(message, '"message_timestamp":%d+',
            '"message_timestamp":' .. string.format('%.0f', due[at + 1]), 1)
        redis.call('HSET', PREFIX .. 'queue:' .. queue .. '.msgs', id, message)
        redis.call('RPUSH', PREFIX .. 'queue:' .. queue, id)
    end
    redis.call('ZREM', SCHEDULE, member)
    redis.call('HDEL', SCHEDULED, member)
end
local next_one = redis.call('ZRANGE', SCHEDULE, 0, 0, 'WITHSCORES')
return {1, #due / 2, next_one[2] and math.max(0, math.ceil(next_one[2] - now)) or -1}
