-- Stores a proposal, unless the same one is open or was rejected.
--
-- KEYS[1] the proposal   KEYS[2] {vedette}:proposals   KEYS[3] {vedette}:proposals:decided
-- ARGV[1] its id   ARGV[2] the write (JSON)   ARGV[3] milliseconds after which it expires
--
-- Returns 1, or 0 where the same is there. Times are this server's.

local proposal_key, proposals_key = KEYS[1], KEYS[2]
local proposal, record, age = ARGV[1], ARGV[2], tonumber(ARGV[3])

local state = redis.call('HGET', proposal_key, 'state')
if state == 'open' or state == 'rejected' then
    return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(moment)
    return string.format('%.0f', moment)
end
redis.call('DEL', proposal_key)
redis.call('HSET', proposal_key, 'proposal', record, 'state', 'open', 'by', '', 'at', text(now), 'expires',
    text(now + age))
redis.call('PEXPIRE', proposal_key, text(age))
redis.call('ZREMRANGEBYSCORE', proposals_key, '-inf', '(' .. text(now))
redis.call('ZREM', KEYS[3], proposal)
-- None is kept for longer than its age, from when it was proposed.
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. text(now - age))
redis.call('ZADD', proposals_key, text(now + age), proposal)
return 1
