-- Leases a proposal to the person who decides it, renews the lease, or records the decision.
--
-- KEYS[1] the proposal   KEYS[2] {vedette}:proposals   KEYS[3] {vedette}:proposals:decided
-- ARGV[1] its id   ARGV[2] the lease's token, one for each person and try   ARGV[3] milliseconds of the lease
-- ARGV[4] what is asked for: `take` (also renews a lease), or the state that it ends in: approved, rejected, stale, gone;
-- `open` gives it back
-- ARGV[5] the person
--
-- Returns {result, state, by}: `done`; `absent`; `decided`; `taken` where another person's lease has not expired. A lease
-- that is not renewed expires, so that a process that is killed blocks no decision. No key is left without an expiry.

local proposal_key, proposals_key = KEYS[1], KEYS[2]
local proposal, token, lease, wanted, person = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]

local known = redis.call('HMGET', proposal_key, 'state', 'by', 'token', 'taken_by', 'until')
local state, by, holder, taken_by, expires = known[1], known[2] or '', known[3], known[4] or '', tonumber(known[5] or '0')
if not state then
    redis.call('DEL', proposal_key)
    redis.call('ZREM', proposals_key, proposal)
    redis.call('ZREM', KEYS[3], proposal)
    return {'absent', '', ''}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local is_mine = holder == token
local is_taken = holder and expires > now
if state ~= 'open' then
    return {'decided', state, by}
end
if is_taken and not is_mine then
    return {'taken', state, taken_by}
end
if wanted == 'take' then
    redis.call('HSET', proposal_key, 'token', token, 'taken_by', person, 'until', string.format('%.0f', now + lease))
    -- It must not expire while it is decided.
    if redis.call('PTTL', proposal_key) < lease then
        redis.call('PEXPIRE', proposal_key, lease)
    end
    return {'done', state, by}
end
if not is_mine then
    return {'taken', state, taken_by}
end
redis.call('HDEL', proposal_key, 'token', 'taken_by', 'until')
if wanted ~= 'open' then
    redis.call('HSET', proposal_key, 'state', wanted, 'by', person)
    redis.call('ZREM', proposals_key, proposal)
    redis.call('ZADD', KEYS[3], now, proposal)
end
return {'done', wanted, person}
