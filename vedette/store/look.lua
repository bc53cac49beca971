-- Looks at a delivery that is to be decided: all that the decision takes, in one round trip.
--
-- ARGV  1 delivery, 2 the largest body that comes along, in bytes: nobody may want the delivery
--
-- Returns {the delivery's fields, without `body` where that is larger; our own writes to its issue whose echoes are
-- awaited}, both as lists of names and values.

local key, issue_at = PREFIX .. 'delivery:' .. ARGV[1], 9

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

local function issue()
    local known = redis.call('HMGET', key, 'issue', 'facts')
    return known[1] or known[2] and cmsgpack.unpack(known[2])[issue_at] or ''
end

local about = issue()
return {fields(), about ~= '' and redis.call('HGETALL', PREFIX .. 'own:' .. about) or {}}
