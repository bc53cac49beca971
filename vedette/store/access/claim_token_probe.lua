-- Lets one worker try a refused token again, when it is time; the wait before the next try doubles.
--
-- KEYS  1 {vedette}:refused_tokens
-- ARGV  1 integration and fingerprint, 2 milliseconds before the first try, 3 the longest wait
--
-- Returns 1 for the worker that is to try it.

local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then
    return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- One that was altered by hand is tried again at once: while it is there, runs wait.
local function decoded(text)
    local is_json, state = pcall(cjson.decode, text)
    local is_state = is_json and type(state) == 'table' and tonumber(state.since) and tonumber(state.probe_at)
        and tonumber(state.failures) and tonumber(state.seen)
    return is_state and state or {since = now, seen = now, failures = 0, probe_at = 0, replaced = false}
end

local state = decoded(text)
if state.probe_at > now and state.probe_at - now <= tonumber(ARGV[3]) then
    return 0
end
state.failures = state.failures + 1
state.probe_at = now + math.min(tonumber(ARGV[2]) * 2 ^ math.min(state.failures, 30), tonumber(ARGV[3]))
state.seen = now
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(state))
return 1
