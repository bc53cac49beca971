-- Returns what depart.lua would decide about a write, and counts nothing.
--
-- KEYS[1] {vedette}:paused   KEYS[2] the principal's writes   KEYS[3...] for each issue: the principal's writes to it, and
-- all principals' writes to it
-- ARGV[1] principal   ARGV[2] writes an hour   ARGV[3] writes an hour and issue   ARGV[4] the same for all principals;
-- -1 for no bound
--
-- Returns {'go', ''}, or the refusal.

local paused_key, writes_key = KEYS[1], KEYS[2]
local principal, bounds = ARGV[1], {tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])}

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local issue_keys = {}
for at = 3, #KEYS do
    issue_keys[#issue_keys + 1] = KEYS[at]
end
return refusal(paused_key, principal, writes_key, issue_keys, bounds, now) or {'go', ''}
