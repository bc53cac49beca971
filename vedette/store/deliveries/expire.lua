-- Removes deliveries that are past their age, or the oldest while all together take too much memory; never one that is
-- unfinished or has dead letters.
--
-- KEYS  1 {vedette}:deliveries     sorted set of delivery ids by acceptance
--       2 {vedette}:stored         bytes of bodies and records kept
-- ARGV  1 prefix of delivery hashes, 2 prefix of runs,
--       3 milliseconds after which a delivery is past its age, 4 how many bytes of memory they may take,
--       5 how many of the oldest to skip (they were found to stay), 6 how many to look at,
--       7 and 8 the bytes that a delivery takes beside its body and record, and that a run takes
--
-- Returns {how many were looked at, how many were removed}; fewer looked at than asked for means that the end is reached.

local BODIES = '{vedette}:bodies'
-- Places among the facts; see accept.lua.
local INTEGRATION, RESOURCE, ISSUE, REQUEST, TENANT, BODY_KEY = 4, 6, 9, 12, 19, 22
local deliveries_key, stored_key = KEYS[1], KEYS[2]
local delivery_prefix, run_prefix, age = ARGV[1], ARGV[2], tonumber(ARGV[3])
local limit, offset, count = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local delivery_overhead, run_overhead = tonumber(ARGV[7]), tonumber(ARGV[8])
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

local function remove_run(id, run)
    local name, index = run_prefix .. id .. ':' .. run, RUNS .. handler_of(run)
    local rules = redis.call('HGET', name, 'rules')
    redis.call('DEL', name)
    for _, rule in ipairs(rules and cjson.decode(rules) or {}) do
        redis.call('ZREM', RULES .. rule, id)
    end
    local known = redis.call('ZREM', index, member_of(id, run))
    if redis.call('EXISTS', index) == 0 then
        redis.call('SREM', PREFIX .. 'handlers', handler_of(run))
    end
    return known
end

-- The last delivery of an issue takes the issue's short id with it.
local function remove_from_subject(id, subject, tenant, issue, label)
    redis.pcall('ZREM', SUBJECTS .. subject, id)
    if issue ~= '' and label and redis.call('EXISTS', SUBJECTS .. subject) == 0 then
        local labels, short = PREFIX .. 'labels:' .. tenant, string.lower(label)
        if redis.call('HGET', labels, short) == issue then
            redis.call('HDEL', labels, short)
        end
        if redis.call('EXISTS', labels) == 0 then
            redis.call('SREM', PREFIX .. 'tenants', tenant)
        end
    end
end

local function remove_from_indexes(id, facts, known)
    redis.call('ZREM', RESOURCES .. (facts and facts[RESOURCE] or known[4] or ''), id)
    redis.call('ZREM', PREFIX .. 'rebuilt', id)
    local issue, tenant = facts and facts[ISSUE] or '', facts and facts[TENANT] or ''
    if (known[3] or '') ~= '' then
        remove_from_subject(id, known[3], tenant, issue, known[5])
    end
    if facts and (facts[REQUEST] or '') ~= '' then
        forget_request(id, facts[REQUEST])
    end
end

-- Removes a delivery, and returns how many bytes that frees.
local function remove(id, name)
    local known = redis.call('HMGET', name, 'facts', 'variants', 'subject_key', 'resource', 'label')
    local runs = redis.call('HGET', name, 'runs')
    local freed = delivery_overhead
    for run in string.gmatch(runs or '', '[^,]+') do
        freed = freed + run_overhead * remove_run(id, run)
    end
    local size = redis.call('HSTRLEN', name, 'body') + redis.call('HSTRLEN', name, 'facts')
    -- A full server allows this command first: once a script has written, it may continue.
    redis.call('DEL', name)
    redis.call('ZREM', deliveries_key, id)
    redis.call('DECRBY', stored_key, size)
    local facts = known[1] and cmsgpack.unpack(known[1])
    remove_from_indexes(id, facts, known)
    if facts then
        remove_body_keys(id, facts[INTEGRATION], (facts[BODY_KEY] or '') .. ',' .. (known[2] or ''))
    end
    return freed + size
end

-- How many bytes all deliveries take together, with their runs and indexes.
local function memory_used()
    local runs = 0
    for _, handler in ipairs(redis.call('SMEMBERS', PREFIX .. 'handlers')) do
        runs = runs + redis.call('ZCARD', RUNS .. handler)
    end
    return tonumber(redis.call('GET', stored_key) or '0') + runs * run_overhead
        + redis.call('ZCARD', deliveries_key) * delivery_overhead
end

local looked, removed, used = 0, 0, memory_used()
local entries = redis.call('ZRANGE', deliveries_key, offset, offset + count - 1, 'WITHSCORES')
for at = 1, #entries, 2 do
    local id, name = entries[at], delivery_prefix .. entries[at]
    if tonumber(entries[at + 1]) >= cutoff and used <= limit then
        break
    end
    looked = looked + 1
    local facts = redis.call('HMGET', name, 'state', 'finished', 'dead')
    -- A receiver whose clock is behind gives its deliveries an age that they do not have.
    local is_old = used > limit or tonumber(facts[2] or 0) < cutoff
    if is_old and (facts[2] or (facts[1] or 'accepted') ~= 'accepted') and tonumber(facts[3] or 0) <= 0 then
        used = used - remove(id, name)
        removed = removed + 1
    end
end
return {looked, removed}
