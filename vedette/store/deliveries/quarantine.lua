-- Quarantines a delivery for people to look at: no handler runs on it, and others of its subject do not wait for it.
--
-- ARGV  1 delivery, 2 reason

local delivery, reason = ARGV[1], ARGV[2]
local key = PREFIX .. 'delivery:' .. delivery
local subject = subject_of(delivery)
if subject ~= '' then
    -- That key itself may be what keeps the delivery from being decided.
    pcall(index_decided, delivery, subject)
end
if redis.call('EXISTS', key) == 1 then
    redis.call('HINCRBY', PREFIX .. 'counts', 'quarantined', 1)
    redis.call('HSET', key, 'state', 'quarantined', 'reason', reason, 'finished', milliseconds(), 'runs', '')
end
