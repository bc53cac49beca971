-- Returns one entry of the audit and its outcome by the entry's number: {its fields or {}, its outcome's fields or {}}.
--
-- ARGV  1 number

local AUDIT, PAGE = PREFIX .. 'audit', 100
local wanted = tonumber(ARGV[1])

local function number_of(entry)
    for at = 1, #entry[2], 2 do
        if entry[2][at] == 'number' then
            return tonumber(entry[2][at + 1]) or 0
        end
    end
    return 0
end

local function moment_of(entry)
    return entry and tonumber(string.match(entry[1], '^%d+')) or 0
end

-- Numbers rise with the places in the stream, which begin with a time: so the time is halved in on.
local low = moment_of(redis.call('XRANGE', AUDIT, '-', '+', 'COUNT', 1)[1])
local high = moment_of(redis.call('XREVRANGE', AUDIT, '+', '-', 'COUNT', 1)[1])
while low < high do
    local middle = math.floor((low + high) / 2)
    local newest = redis.call('XREVRANGE', AUDIT, string.format('%.0f', middle), '-', 'COUNT', 1)[1]
    if newest and number_of(newest) >= wanted then
        high = middle
    else
        low = middle + 1
    end
end

local start = string.format('%.0f', low)
while true do
    local page = redis.call('XRANGE', AUDIT, start, '+', 'COUNT', PAGE)
    for _, entry in ipairs(page) do
        local number = number_of(entry)
        if number == wanted then
            local place = redis.call('HGET', outcomes_key(number), string.format('%.0f', number))
            local outcome = place and redis.call('XRANGE', AUDIT, place, place)[1]
            return {entry[2], outcome and outcome[2] or {}}
        elseif number > wanted then
            return {{}, {}}
        end
    end
    if #page < PAGE then
        return {{}, {}}
    end
    start = '(' .. page[#page][1]
end
