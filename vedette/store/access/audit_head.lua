-- Reads what the next entry of the audit follows, and which entries it has to remove for their age.
--
-- KEYS[1] {vedette}:audit   KEYS[2] {vedette}:audit:head
-- ARGV[1] milliseconds after which an entry is removed
--
-- Returns {number, hash, removed, now, expired}: number and hash of the newest entry; number of the newest that is removed
-- already; this server's clock (ms); and of the oldest entries that are past their age, at most ten, the newest as
-- {number, hash, at}, or nothing.

local MOST = 10
local audit_key, head_key, age = KEYS[1], KEYS[2], tonumber(ARGV[1])

local head = redis.call('HMGET', head_key, 'number', 'hash', 'removed')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit = string.format('%.0f', math.max(0, now - age))
local old = redis.call('XRANGE', audit_key, '-', '(' .. limit .. '-0', 'COUNT', MOST)
local last = old[#old]
local expired = {}
if last then
    local fields = {}
    for at = 1, #last[2], 2 do
        fields[last[2][at]] = last[2][at + 1]
    end
    expired = {fields['number'] or '0', fields['hash'] or '', string.match(last[1], '^%d+')}
end
return {head[1] or '0', head[2] or '', head[3] or '0', string.format('%.0f', now), expired}
