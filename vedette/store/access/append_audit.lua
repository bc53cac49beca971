-- Appends an entry to the audit if nobody else was quicker, and removes what the entry says is past its age.
--
-- KEYS[1] {vedette}:audit   KEYS[2] {vedette}:audit:head
-- ARGV[1] hash of the entry that this one follows   ARGV[2] its own number   ARGV[3] its own hash
-- ARGV[4] the entry (JSON)   ARGV[5] milliseconds after which an entry is removed
-- ARGV[6] number and ARGV[7] hash of the newest entry that it removes, or 0 and an empty text
--
-- Returns 1, or 0 when another entry was appended meanwhile. By this server's clock nothing younger than its age goes,
-- whatever the caller says.

local head = redis.call('HMGET', KEYS[2], 'number', 'hash')
if (head[2] or '') ~= ARGV[1] or (tonumber(head[1] or '0') + 1) ~= tonumber(ARGV[2]) then
    return 0
end
redis.call('XADD', KEYS[1], '*', 'number', ARGV[2], 'hash', ARGV[3], 'entry', ARGV[4])
redis.call('HSET', KEYS[2], 'number', ARGV[2], 'hash', ARGV[3])
local upto = tonumber(ARGV[6])
if upto > 0 then
    local time = redis.call('TIME')
    local limit = string.format('%.0f', math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[5])))
    for _, old in ipairs(redis.call('XRANGE', KEYS[1], '-', '(' .. limit .. '-0', 'COUNT', 10)) do
        local number = 0
        for at = 1, #old[2], 2 do
            if old[2][at] == 'number' then
                number = tonumber(old[2][at + 1]) or 0
            end
        end
        if number <= upto then
            redis.call('XDEL', KEYS[1], old[1])
        end
    end
    redis.call('HSET', KEYS[2], 'removed', ARGV[6], 'removed_hash', ARGV[7])
end
return 1
