-- Finds the deliveries that came with Sentry's Request-ID.
--
-- ARGV  1 Request-ID, 2 how many deliveries that are not decided yet, and so not indexed, to look at
--
-- Returns ids, the oldest first.

local REQUEST = 12
local request, most = ARGV[1], tonumber(ARGV[2])
local found, is_known = {}, {}

local function consider(id)
    id = string.match(id, '^[^:]*')
    if is_known[id] then
        return
    end
    is_known[id] = true
    local packed = redis.call('HGET', PREFIX .. 'delivery:' .. id, 'facts')
    if packed and cmsgpack.unpack(packed)[REQUEST] == request then
        found[#found + 1] = id
    end
end

local key, field = request_place(request)
for id in string.gmatch(redis.call('HGET', key, field) or '', '[^,]+') do
    consider(id)
end
for _, id in ipairs(redis.call('LRANGE', PREFIX .. 'queue:fan_out', -most, -1)) do
    consider(id)
end
for _, worker in ipairs(redis.call('ZRANGE', PREFIX .. 'workers', 0, -1)) do
    for _, id in ipairs(redis.call('ZRANGE', PREFIX .. 'queue:fan_out.in_flight:' .. worker, 0, most)) do
        consider(id)
    end
end
table.sort(found)
return found
