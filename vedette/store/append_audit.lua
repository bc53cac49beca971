-- Appends an entry to the audit if nobody else was quicker, and removes what is past its age.
--
-- KEYS[1] {vedette}:audit   KEYS[2] {vedette}:audit:head
-- ARGV[1] hash of the entry that this one follows   ARGV[2] its own number   ARGV[3] its own hash
-- ARGV[4] the entry (JSON)   ARGV[5] what was written before this (ms) is past its age
--
-- Returns 1, or 0 when another entry was appended meanwhile.

local head = redis.call('HMGET', KEYS[2], 'number', 'hash')
if (head[2] or '') ~= ARGV[1] or (tonumber(head[1] or '0') + 1) ~= tonumber(ARGV[2]) then
    return 0
end
redis.call('XADD', KEYS[1], '*', 'number', ARGV[2], 'hash', ARGV[3], 'entry', ARGV[4])
redis.call('HSET', KEYS[2], 'number', ARGV[2], 'hash', ARGV[3])
for _, old in ipairs(redis.call('XRANGE', KEYS[1], '-', ARGV[5] .. '-0', 'COUNT', 10)) do
    local fields = {}
    for at = 1, #old[2], 2 do
        fields[old[2][at]] = old[2][at + 1]
    end
    redis.call('XDEL', KEYS[1], old[1])
    redis.call('HSET', KEYS[2], 'removed', fields['number'], 'removed_hash', fields['hash'])
end
return 1
