-- Finds delayed messages, the next one first.
--
-- ARGV  1 MessagePack of {limit, steps, from, issue, tenants, handler}: as in find_deliveries.lua, but `from` is
--       {due time, message} to continue behind
--
-- Returns {messages and due times, due time and message to continue behind or {}}.

local query = cmsgpack.unpack(ARGV[1])
local limit, steps, from, issue, tenants, handler = unpack(query, 1, 6)
from = #from == 2 and from or nil
local subjects = issue ~= '' and subjects_of(issue, tenants) or {}

local function about(member)
    local delivery, run = string.match(member, '^run ([^:]+):([^:]+):%d+$')
    if delivery then
        return delivery, handler_of(run)
    end
    local job = string.match(member, '^cron cron:([^:]+):') or string.match(member, '^%S+ cron:([^:]+):')
    return string.match(member, '^fan_out ([^:]+)') or '', job or ''
end

local function holds(member)
    local delivery, name = about(member)
    return (handler == '' or handler == name) and (issue == '' or is_in_any(subjects, delivery))
end

local found, looked, last, last_time = {}, 0, nil, nil
local rank = from and redis.call('ZCOUNT', SCHEDULE, '-inf', '(' .. string.format('%.0f', from[1])) or 0
while looked < steps and #found < 2 * limit do
    local chunk = redis.call('ZRANGE', SCHEDULE, rank, rank + CHUNK - 1, 'WITHSCORES')
    if #chunk == 0 then
        return {found, {}}
    end
    rank = rank + CHUNK
    for at = 1, #chunk, 2 do
        local member, time = chunk[at], tonumber(chunk[at + 1])
        if (not from or time > from[1] or member > from[2]) and #found < 2 * limit then
            looked, last, last_time = looked + 1, member, time
            if holds(member) then
                found[#found + 1], found[#found + 2] = member, chunk[at + 1]
            end
        end
    end
end
return {found, last and {string.format('%.0f', last_time), last} or {}}
