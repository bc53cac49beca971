-- Keeps a delivery for people to look at: no handler sees it, and those of its subject need not wait for it.
--
-- ARGV  1 delivery, 2 why

local key = PREFIX .. 'delivery:' .. ARGV[1]
local subject = subject_of(ARGV[1])
if subject ~= '' then
    -- That key itself may be what keeps the delivery from being decided.
    redis.pcall('ZREM', PREFIX .. 'undecided:' .. subject, ARGV[1])
end
if redis.call('EXISTS', key) == 1 then
    redis.call('HSET', key, 'state', 'quarantined', 'reason', ARGV[2], 'finished', milliseconds(), 'runs', '')
end
