-- Looks at a delivery that is to be decided: all that the decision takes, in one round trip.
--
-- ARGV  1 delivery, 2 the largest body that comes along, in bytes: nobody may want the delivery; then two per integration:
--       its name and its tenant
--
-- Returns {the delivery's fields, without `body` where that is larger; our own writes to its issue whose echoes are
-- awaited}, both as lists of names and values.

local key, integration_at, issue_at = PREFIX .. 'delivery:' .. ARGV[1], 4, 9

local function fields()
    if redis.call('HSTRLEN', key, 'body') <= tonumber(ARGV[2]) then
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
    local issue, integration = known[1] or facts[issue_at] or '', known[2] or facts[integration_at]
    for at = 3, #ARGV, 2 do
        if ARGV[at] == integration and issue ~= '' then
            return redis.call('HGETALL', PREFIX .. 'own:' .. ARGV[at + 1] .. ':' .. issue)
        end
    end
    return {}
end

return {fields(), own_writes()}
