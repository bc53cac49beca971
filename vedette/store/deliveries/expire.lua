-- Removes deliveries that are past their age, or the oldest while all bodies together are too large; never one that is
-- unfinished or has dead letters.
--
-- KEYS  1 {vedette}:deliveries     sorted set of delivery ids by acceptance
--       2 {vedette}:stored         bytes of bodies kept
-- ARGV  1 prefix of delivery hashes, 2 prefix of runs,
--       3 milliseconds after which a delivery is past its age, 4 how many bytes of bodies may stay,
--       5 how many of the oldest to skip (they were found to stay), 6 how many to look at
--
-- Returns {how many were looked at, how many were removed}; fewer looked at than asked for means that the end is reached.

local BODIES = '{vedette}:bodies'
-- Places among the facts; see accept.lua.
local INTEGRATION, BODY_KEY = 4, 22
local deliveries_key, stored_key = KEYS[1], KEYS[2]
local delivery_prefix, run_prefix, age = ARGV[1], ARGV[2], tonumber(ARGV[3])
local limit, offset, count = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local cutoff = time[1] * 1000 + math.floor(time[2] / 1000) - age

-- Removes the keys of a delivery's body and those of its repetitions, unless a later delivery has one now.
local function remove_body_keys(id, integration, keys)
    for key in string.gmatch(keys, '[^,]+') do
        local body = integration .. ':' .. key
        if redis.call('HGET', BODIES, body) == id then
            redis.call('HDEL', BODIES, body)
        end
    end
end

local function remove(id, name)
    local known = redis.call('HMGET', name, 'facts', 'variants')
    local runs = redis.call('HGET', name, 'runs')
    for handler in string.gmatch(runs or '', '[^,]+') do
        redis.call('DEL', run_prefix .. id .. ':' .. handler)
    end
    local size = redis.call('HSTRLEN', name, 'body')
    -- A full server allows this command first: once a script has written, it may continue.
    redis.call('DEL', name)
    redis.call('ZREM', deliveries_key, id)
    redis.call('DECRBY', stored_key, size)
    local facts = known[1] and cmsgpack.unpack(known[1])
    if facts then
        remove_body_keys(id, facts[INTEGRATION], (facts[BODY_KEY] or '') .. ',' .. (known[2] or ''))
    end
end

local looked, removed = 0, 0
local entries = redis.call('ZRANGE', deliveries_key, offset, offset + count - 1, 'WITHSCORES')
for at = 1, #entries, 2 do
    local id, name = entries[at], delivery_prefix .. entries[at]
    local stored = tonumber(redis.call('GET', stored_key) or '0')
    if tonumber(entries[at + 1]) >= cutoff and stored <= limit then
        break
    end
    looked = looked + 1
    local facts = redis.call('HMGET', name, 'state', 'finished', 'dead')
    -- A receiver whose clock is behind gives its deliveries an age that they do not have.
    local is_old = stored > limit or tonumber(facts[2] or 0) < cutoff
    if is_old and (facts[2] or facts[1] ~= 'accepted') and tonumber(facts[3] or 0) <= 0 then
        remove(id, name)
        removed = removed + 1
    end
end
return {looked, removed}
