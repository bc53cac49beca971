-- Queues runs that waited for a token, the oldest deliveries first.
--
-- ARGV  1 integration, 2 fingerprint of the token that works ('' where no worker has one), 3 how many at most
--
-- Returns how many members were taken out; 0 when none is left, or when Sentry refuses the token again.

local integration, fingerprint, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('HEXISTS', PREFIX .. 'refused_tokens', integration .. ' ' .. fingerprint) == 1 then
    return 0
end
local now, taken = milliseconds(), 0
while taken < most do
    local member = redis.call('ZPOPMIN', token_waiters(integration))[1]
    if not member then
        break
    end
    taken = taken + 1
    local delivery, run = string.match(member, '^([^:]+):(.+)$')
    local key = run_key(delivery, run)
    local facts = redis.call('HMGET', key, 'state', 'held_by', 'held_since')
    -- A run that has ended meanwhile, superseded by a newer event, must not run.
    if facts[1] == 'waiting' and facts[2] == integration then
        redis.call('HINCRBY', key, 'held', string.format('%.0f', math.max(0, now - tonumber(facts[3] or now))))
        redis.call('HDEL', key, 'held_by', 'held_since')
        queue_run(delivery, run, now)
    end
end
return taken
