-- Takes a proposal to decide it, keeps it, or writes down what was decided; only one person at a time has it.
--
-- KEYS[1] the proposal   KEYS[2] {vedette}:proposals
-- ARGV[1] its id   ARGV[2] the lease's token, one for each person and try   ARGV[3] milliseconds of the lease
-- ARGV[4] what is asked for: `take` (also to keep what was taken), or the state that it ends in: approved, rejected,
-- stale, gone; `open` gives it back
-- ARGV[5] who
--
-- Returns {what became of it, state, by}: `done`; `absent`; `decided`; `taken` by somebody else, whose lease lasts. A
-- lease that nobody keeps ends by itself, so that a decider who was killed holds nothing up. No key is left without an
-- end.

local known = redis.call('HMGET', KEYS[1], 'state', 'by', 'token', 'taken_by', 'until')
local state, by = known[1], known[2] or ''
if not state then
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[2], ARGV[1])
    return {'absent', '', ''}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local is_mine = known[3] == ARGV[2]
local is_taken = known[3] and tonumber(known[5] or '0') > now
if state ~= 'open' then
    return {'decided', state, by}
end
if is_taken and not is_mine then
    return {'taken', state, known[4] or ''}
end
if ARGV[4] == 'take' then
    redis.call('HSET', KEYS[1], 'token', ARGV[2], 'taken_by', ARGV[5], 'until', string.format('%.0f', now + ARGV[3]))
    -- It must not end while it is decided.
    if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
    end
    return {'done', state, by}
end
if not is_mine then
    return {'taken', state, known[4] or ''}
end
redis.call('HDEL', KEYS[1], 'token', 'taken_by', 'until')
if ARGV[4] ~= 'open' then
    redis.call('HSET', KEYS[1], 'state', ARGV[4], 'by', ARGV[5])
    redis.call('ZREM', KEYS[2], ARGV[1])
end
return {'done', ARGV[4], ARGV[5]}
