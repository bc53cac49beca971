-- Takes a worker off the list at its orderly end, and ends its election as mover, so that another moves at once.
--
-- KEYS  1 sorted set of workers by their last sign of life, 2 who is elected mover     ARGV  1 worker

redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('GET', KEYS[2]) == ARGV[1] then
    redis.call('DEL', KEYS[2])
end
