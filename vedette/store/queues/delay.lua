-- Lets a message wait in the schedule until it is due; asked again with the same message, it changes nothing.
--
-- ARGV  1 queue, 2 message's id, 3 message, 4 milliseconds until it is due

local now = milliseconds()
local member = ARGV[1] .. ' ' .. ARGV[2]
redis.call('HSET', SCHEDULED, member, ARGV[3])
redis.call('ZADD', SCHEDULE, now + tonumber(ARGV[4]), member)
wake_leader(member)
