-- Admits a write, or says what stands against it: a pause, or a budget that is used up. A write that is admitted counts.
--
-- KEYS[1] {vedette}:paused   KEYS[2] the handler's writes   KEYS[3...] for each issue: the handler's writes to it, and all
-- handlers' writes to it
-- ARGV[1] handler   ARGV[2] unique member
-- ARGV[3] writes an hour   ARGV[4] writes an hour and issue   ARGV[5] the same over all handlers; -1 for no bound
--
-- Returns {verdict, detail}: go; paused and by whom (JSON); hour, issue or circle and the bound.

local HOUR = 3600000
local handler, member = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for _, who in ipairs({'*', handler}) do
    local paused = redis.call('HGET', KEYS[1], who)
    if paused then
        return {'paused', paused}
    end
end

local function used_up(key, bound)
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - HOUR)
    return bound >= 0 and redis.call('ZCARD', key) >= bound
end

if used_up(KEYS[2], tonumber(ARGV[3])) then
    return {'hour', ARGV[3]}
end
for at = 3, #KEYS, 2 do
    if used_up(KEYS[at], tonumber(ARGV[4])) then
        return {'issue', ARGV[4]}
    end
    if used_up(KEYS[at + 1], tonumber(ARGV[5])) then
        return {'circle', ARGV[5]}
    end
end
for at = 2, #KEYS do
    redis.call('ZADD', KEYS[at], now, member)
    redis.call('PEXPIRE', KEYS[at], HOUR)
end
return {'go', ''}
