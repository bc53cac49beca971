-- Records that Sentry refuses a token.
--
-- KEYS  1 {vedette}:refused_tokens
-- ARGV  1 integration and fingerprint, 2 HTTP status, 3 Sentry's sentence, 4 milliseconds until it is tried again
--
-- Returns 1 when that was not known.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local text = redis.call('HGET', KEYS[1], ARGV[1])
local is_json, known = pcall(cjson.decode, text or '')
local state = is_json and type(known) == 'table' and known or {since = now, failures = 0, probe_at = now + tonumber(ARGV[4]),
    replaced = false}
state.seen, state.status, state.detail = now, tonumber(ARGV[2]), ARGV[3]
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(state))
return text and 0 or 1
