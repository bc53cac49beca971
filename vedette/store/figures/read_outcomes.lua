-- Reads how many deliveries were accepted and how many runs ended with each effect, minute by minute.
--
-- ARGV  1 how many minutes, the present one included
--
-- Returns {minute (Unix time in minutes), deliveries, list of effect and number} for each, the oldest first.

local PREFIX, MINUTE, MINUTES_OF_HOUR = '{vedette}:', 60000, 60
local time = redis.call('TIME')
local present = math.floor(time[1] / 60)
local hours, counts = {}, {}

local function effects_of(minute)
    local hour = math.floor(minute / MINUTES_OF_HOUR)
    if not hours[hour] then
        hours[hour] = {}
        local fields = redis.call('HGETALL', PREFIX .. 'outcomes:' .. string.format('%.0f', hour))
        for at = 1, #fields, 2 do
            local of, effect = string.match(fields[at], '^(%d+) (.*)$')
            local found = hours[hour][tonumber(of)] or {}
            hours[hour][tonumber(of)] = found
            found[#found + 1], found[#found + 2] = effect, fields[at + 1]
        end
    end
    return hours[hour][minute % MINUTES_OF_HOUR] or {}
end

for minute = present - tonumber(ARGV[1]) + 1, present do
    local accepted = redis.call('ZCOUNT', PREFIX .. 'deliveries', string.format('%.0f', minute * MINUTE),
        string.format('(%.0f', (minute + 1) * MINUTE))
    counts[#counts + 1] = {minute, accepted, effects_of(minute)}
end
return counts
