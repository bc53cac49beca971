-- Says what the next entry of the audit follows, and what it is to remove for its age.
--
-- KEYS[1] {vedette}:audit   KEYS[2] {vedette}:audit:head
-- ARGV[1] milliseconds after which an entry is removed
--
-- Returns {number, hash, removed, now, what is past its age}: the newest entry; the newest that is removed already; this
-- server's clock (ms); and of the oldest entries that are past their age, at most ten, the newest as {number, hash, at}
-- or nothing.

local MOST = 10
local head = redis.call('HMGET', KEYS[2], 'number', 'hash', 'removed')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit = string.format('%.0f', math.max(0, now - tonumber(ARGV[1])))
local old = redis.call('XRANGE', KEYS[1], '-', '(' .. limit .. '-0', 'COUNT', MOST)
local last = old[#old]
local past = {}
if last then
    local fields = {}
    for at = 1, #last[2], 2 do
        fields[last[2][at]] = last[2][at + 1]
    end
    past = {fields['number'] or '0', fields['hash'] or '', string.match(last[1], '^%d+')}
end
return {head[1] or '0', head[2] or '', head[3] or '0', string.format('%.0f', now), past}
