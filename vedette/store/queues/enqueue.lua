-- Queues a message; asked again with the same id, it changes nothing while the first is there.
--
-- KEYS  1 list of ids, 2 hash of messages     ARGV  1 id, 2 message

local queue, messages, id, message = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
if redis.call('HSETNX', messages, id, message) == 1 then
    redis.call('RPUSH', queue, id)
end
