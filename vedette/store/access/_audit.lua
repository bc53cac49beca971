-- Functions on the chain of the audit, for the scripts that append to it; _audit_index.lua precedes them.
--
-- All take the keys {vedette}:audit and {vedette}:audit:head, and the milliseconds after which an entry is removed.

local LARGEST_SKEW = 10000
local MOST_REMOVED = 10

local function now_in_ms()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function expiry_limit(now, age)
    return '(' .. string.format('%.0f', math.max(0, now - age)) .. '-0'
end

-- Returns {number, hash, now, expired}: number and hash of the newest entry, this server's clock (ms), and of the oldest
-- entries that are past their age, at most ten, the newest as {number, hash, at}, or nothing.
local function chain_state(audit_key, head_key, age)
    local head = redis.call('HMGET', head_key, 'number', 'hash')
    local now = now_in_ms()
    local old = redis.call('XRANGE', audit_key, '-', expiry_limit(now, age), 'COUNT', MOST_REMOVED)
    local last = old[#old]
    local expired = {}
    if last then
        local fields = {}
        for at = 1, #last[2], 2 do
            fields[last[2][at]] = last[2][at + 1]
        end
        expired = {fields['number'] or '0', fields['hash'] or '', string.match(last[1], '^%d+')}
    end
    return {head[1] or '0', head[2] or '', string.format('%.0f', now), expired}
end

-- Returns whether the entry follows the newest one, and its time is this server's within ten seconds.
local function follows(head_key, previous_hash, number, at)
    local head = redis.call('HMGET', head_key, 'number', 'hash')
    local is_next = (head[2] or '') == previous_hash and (tonumber(head[1] or '0') or -1) + 1 == tonumber(number)
    return is_next and math.abs(now_in_ms() - tonumber(at)) <= LARGEST_SKEW
end

-- Appends an entry, and removes the entries that it says are past their age: those up to removed_number, 0 for none. No
-- entry is removed that is younger than the age by this server's clock, whatever the caller says.
local function append_entry(audit_key, head_key, age, number, hash, entry, removed_number, removed_hash)
    local place = redis.call('XADD', audit_key, '*', 'number', number, 'hash', hash, 'entry', entry)
    index_entry(place, tonumber(number), entry)
    redis.call('HSET', head_key, 'number', number, 'hash', hash)
    if tonumber(removed_number) <= 0 then
        return
    end
    local limit = expiry_limit(now_in_ms(), age)
    for _, old in ipairs(redis.call('XRANGE', audit_key, '-', limit, 'COUNT', MOST_REMOVED)) do
        local old_number = 0
        for at = 1, #old[2], 2 do
            if old[2][at] == 'number' then
                old_number = tonumber(old[2][at + 1]) or 0
            end
        end
        if old_number <= tonumber(removed_number) then
            redis.call('XDEL', audit_key, old[1])
            unindex_entry(old[1], old[2])
        end
    end
    redis.call('HSET', head_key, 'removed', removed_number, 'removed_hash', removed_hash)
end
