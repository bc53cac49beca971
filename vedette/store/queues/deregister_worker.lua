-- Removes a worker at its orderly end, and its leadership, so that another becomes leader at once.
--
-- KEYS  1 sorted set of workers by their last heartbeat, 2 the leader     ARGV  1 worker

local workers, leader, worker = KEYS[1], KEYS[2], ARGV[1]

redis.call('ZREM', workers, worker)
if redis.call('GET', leader) == worker then
    redis.call('DEL', leader)
end
