-- Appends an entry to the audit if it follows the newest one, and removes the entries that it says are past their age.
--
-- KEYS[1] {vedette}:audit   KEYS[2] {vedette}:audit:head
-- ARGV[1] hash of the entry that this one follows   ARGV[2] its own number   ARGV[3] its own hash
-- ARGV[4] the entry (JSON)   ARGV[5] milliseconds after which an entry is removed
-- ARGV[6] number and ARGV[7] hash of the newest entry that it removes, or 0 and an empty text
--
-- Returns 1, or 0 when another entry was appended meanwhile. No entry is removed that is younger than the age by this
-- server's clock, whatever the caller says.

local audit_key, head_key = KEYS[1], KEYS[2]
local previous_hash, number, hash, entry = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local age, removed_number, removed_hash = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]

local head = redis.call('HMGET', head_key, 'number', 'hash')
if (head[2] or '') ~= previous_hash or (tonumber(head[1] or '0') + 1) ~= tonumber(number) then
    return 0
end
local place = redis.call('XADD', audit_key, '*', 'number', number, 'hash', hash, 'entry', entry)
index_entry(place, tonumber(number), entry)
redis.call('HSET', head_key, 'number', number, 'hash', hash)
if removed_number > 0 then
    local time = redis.call('TIME')
    local limit = string.format('%.0f', math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - age))
    for _, old in ipairs(redis.call('XRANGE', audit_key, '-', '(' .. limit .. '-0', 'COUNT', 10)) do
        local old_number = 0
        for at = 1, #old[2], 2 do
            if old[2][at] == 'number' then
                old_number = tonumber(old[2][at + 1]) or 0
            end
        end
        if old_number <= removed_number then
            redis.call('XDEL', audit_key, old[1])
            unindex_entry(old[1], old[2])
        end
    end
    redis.call('HSET', head_key, 'removed', ARGV[6], 'removed_hash', removed_hash)
end
return 1
