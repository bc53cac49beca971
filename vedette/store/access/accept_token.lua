-- Records that a token works: it is no longer refused, and other tokens of its integration are replaced by it.
--
-- KEYS  1 {vedette}:refused_tokens
-- ARGV  1 integration, 2 fingerprint
--
-- Returns 1 when a refusal ended with that.

local changed = redis.call('HDEL', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
local states = redis.call('HGETALL', KEYS[1])
for at = 1, #states, 2 do
    local integration = string.match(states[at], '^(.*) [^ ]+$')
    local is_json, state = pcall(cjson.decode, states[at + 1])
    if integration == ARGV[1] and is_json and type(state) == 'table' and not state.replaced then
        state.replaced = true
        redis.call('HSET', KEYS[1], states[at], cjson.encode(state))
        changed = 1
    end
end
return changed
