-- Loads what the dispatch of a delivery needs in one round trip.
--
-- ARGV  1 delivery, 2 the largest body to return, in bytes, since no handler may subscribe to the delivery;
--       then two per integration: its name and its tenant
--
-- Returns {the delivery's fields, without `body` where that is larger; our own writes to its issue whose echoes are
-- awaited}, both as lists of names and values.

-- Places among the facts; see accept.lua.
local INTEGRATION, ISSUE = 4, 9
local delivery, largest_body = ARGV[1], tonumber(ARGV[2])
local key = PREFIX .. 'delivery:' .. delivery

local function fields()
    if redis.call('HSTRLEN', key, 'body') <= largest_body then
        return redis.call('HGETALL', key)
    end
    local found = {}
    for _, name in ipairs(redis.call('HKEYS', key)) do
        if name ~= 'body' then
            found[#found + 1], found[#found + 2] = name, redis.call('HGET', key, name)
        end
    end
    return found
end

local function own_writes()
    local known = redis.call('HMGET', key, 'issue', 'integration', 'facts')
    local facts = known[3] and cmsgpack.unpack(known[3]) or {}
    local issue, integration = known[1] or facts[ISSUE] or '', known[2] or facts[INTEGRATION]
    for at = 3, #ARGV, 2 do
        local name, tenant = ARGV[at], ARGV[at + 1]
        if name == integration and issue ~= '' then
            return redis.call('HGETALL', PREFIX .. 'own:' .. tenant .. ':' .. issue)
        end
    end
    return {}
end

return {fields(), own_writes()}
