-- Takes some reads out of an agent's budget for an hour, which is counted by the minute.
--
-- KEYS[1] {vedette}:agent_reads:NAME
-- ARGV[1] reads an hour   ARGV[2] the number of reads wanted, at least 1
--
-- Returns {granted, wait}: the number of reads that may be made, at most those wanted; and, where it is 0, the milliseconds
-- until the first minute that counts is an hour old.

local reads_key = KEYS[1]
local per_hour, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local MINUTE, MINUTES = 60000, 60
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local this_minute = math.floor(now / MINUTE)

local used, oldest = 0, this_minute
local counted = redis.call('HGETALL', reads_key)
for at = 1, #counted, 2 do
    local minute = tonumber(counted[at])
    if minute == nil or minute <= this_minute - MINUTES or minute > this_minute + MINUTES then
        redis.call('HDEL', reads_key, counted[at])
    else
        used = used + (tonumber(counted[at + 1]) or 0)
        oldest = math.min(oldest, minute)
    end
end
local granted = math.min(wanted, per_hour - used)
if granted <= 0 then
    return {0, (oldest + MINUTES) * MINUTE - now}
end
redis.call('HINCRBY', reads_key, string.format('%.0f', this_minute), granted)
redis.call('PEXPIRE', reads_key, MINUTES * MINUTE)
return {granted, 0}
