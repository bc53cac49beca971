-- Queues a message; asked again with the same id, it changes nothing while the first is there.
--
-- KEYS  1 list of ids, 2 hash of messages     ARGV  1 id, 2 message

if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2]) == 1 then
    redis.call('RPUSH', KEYS[1], ARGV[1])
end
