-- Reads indexes in order, the newest first; this text follows `runs/_shared.lua` and precedes the scripts that search.
--
-- A source yields the members of one range of a sorted set. Several are merged in the order (time, member). A script
-- looks at a bounded number of members, and returns where the next call continues.

local CHUNK = 64

-- The members of `key` with scores from `low` to `high`, in descending order; `base` is what scores have above the time.
-- `from` is {time, member} to continue behind, or nil.
local function ranged(key, low, high, base, from)
    local start = from and math.min(base + from[1], high) or high
    local source = {key = key, low = low, base = base, from = from, buffer = {}, next = 1,
        rank = redis.call('ZCOUNT', key, '(' .. string.format('%.0f', start), '+inf')}
    return source
end

local function fill(source)
    local found = redis.call('ZREVRANGE', source.key, source.rank, source.rank + CHUNK - 1, 'WITHSCORES')
    source.buffer, source.next = found, 1
    source.rank = source.rank + CHUNK
end

-- The next member of a source and its time, which stay there until `take`; nil at the end.
local function peek(source)
    while true do
        if source.next > #source.buffer then
            if source.is_list then
                return nil
            end
            fill(source)
            if #source.buffer == 0 then
                return nil
            end
        end
        local member, score = source.buffer[source.next], tonumber(source.buffer[source.next + 1])
        if score < source.low then
            return nil
        end
        local time, from = score - source.base, source.from
        if not from or time < from[1] or (time == from[1] and member < from[2]) then
            return member, time
        end
        source.next = source.next + 2
    end
end

-- A source of given members and times, in descending order.
local function listed(pairs_of, low, from)
    return {is_list = true, low = low, base = 0, from = from, buffer = pairs_of, next = 1}
end

-- Returns a function that returns the next member of all sources and its time, or nil.
local function merged(sources)
    return function()
        local best, best_member, best_time
        for at = #sources, 1, -1 do
            local member, time = peek(sources[at])
            if not member then
                table.remove(sources, at)
            elseif not best or time > best_time or (time == best_time and member > best_member) then
                best, best_member, best_time = sources[at], member, time
            end
        end
        if best then
            best.next = best.next + 2
        end
        return best_member, best_time
    end
end

-- The subjects of an issue: by its id or short id, for each tenant.
local function subjects_of(issue, tenants)
    local found, known = {}, {['']  = true}
    local function add(tenant, id)
        local key = SUBJECTS .. (tenant == '' and '' or tenant .. ' ') .. 'issue:' .. id
        if redis.call('EXISTS', key) == 1 then
            found[#found + 1] = key
        end
    end
    local function add_tenant(tenant)
        add(tenant, issue)
        local id = redis.call('HGET', PREFIX .. 'labels:' .. tenant, string.lower(issue))
        if id and id ~= issue then
            add(tenant, id)
        end
    end
    add_tenant('')
    for _, list in ipairs({tenants, redis.call('SMEMBERS', PREFIX .. 'tenants')}) do
        for _, tenant in ipairs(list) do
            if not known[tenant] then
                known[tenant] = true
                add_tenant(tenant)
            end
        end
    end
    return found
end

local function is_in_any(keys, member)
    for _, key in ipairs(keys) do
        if redis.call('ZSCORE', key, member) then
            return true
        end
    end
    return false
end
