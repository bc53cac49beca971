-- Lets a message wait in the schedule until it is due; asked again with the same message, it changes nothing.
--
-- ARGV  1 queue, 2 message's id, 3 message, 4 milliseconds until it is due

local queue, id, message, delay = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local member = queue .. ' ' .. id
redis.call('HSET', SCHEDULED, member, message)
redis.call('ZADD', SCHEDULE, milliseconds() + delay, member)
wake_leader(member)
