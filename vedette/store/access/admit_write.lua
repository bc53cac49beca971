-- Admits and counts a write, unless a pause is in force or a budget is used up.
--
-- KEYS[1] {vedette}:paused   KEYS[2] the principal's writes   KEYS[3...] for each issue: the principal's writes to it, and
-- all principals' writes to it
-- ARGV[1] principal   ARGV[2] unique member; empty to count nothing
-- ARGV[3] writes an hour   ARGV[4] writes an hour and issue   ARGV[5] the same for all principals; -1 for no bound
--
-- Returns {verdict, detail}: go; paused and by whom (JSON); hour, issue or circle, the bound, and the milliseconds until
-- the oldest counted write is an hour old.

local HOUR = 3600000
local paused_key, writes_key = KEYS[1], KEYS[2]
local principal, member = ARGV[1], ARGV[2]
local per_hour, per_issue, per_issue_of_all = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for _, who in ipairs({'*', principal}) do
    local paused = redis.call('HGET', paused_key, who)
    if paused then
        return {'paused', paused}
    end
end

local function used_up(key, bound)
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - HOUR)
    return bound >= 0 and redis.call('ZCARD', key) >= bound
end

local function denied(verdict, key, bound)
    local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
    return {verdict, tostring(bound), oldest and tonumber(oldest) + HOUR - now or HOUR}
end

if used_up(writes_key, per_hour) then
    return denied('hour', writes_key, per_hour)
end
for at = 3, #KEYS, 2 do
    if used_up(KEYS[at], per_issue) then
        return denied('issue', KEYS[at], per_issue)
    end
    if used_up(KEYS[at + 1], per_issue_of_all) then
        return denied('circle', KEYS[at + 1], per_issue_of_all)
    end
end
if member == '' then
    return {'go', ''}
end
for at = 2, #KEYS do
    redis.call('ZADD', KEYS[at], now, member)
    redis.call('PEXPIRE', KEYS[at], HOUR)
end
return {'go', ''}
