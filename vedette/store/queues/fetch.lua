-- Takes messages from the head of a queue; they are in flight at the worker, in their order.
--
-- KEYS  1 list of ids, 2 hash of messages, 3 sorted set of the messages in flight at the worker
-- ARGV  1 how many at most
--
-- Returns id, message, id, message...

-- The number in `edition.py`: a worker takes nothing that another version has written, and its consumer waits.
local EDITION = '2'
local edition = redis.call('GET', '{vedette}:edition')
if edition and edition ~= EDITION then
    return redis.error_reply('EDITION Redis holds data of edition ' .. edition .. ', and this worker uses edition ' .. EDITION)
end

local queue_key, messages_key, in_flight_key = unpack(KEYS)
local most = ARGV[1]
local ids = redis.call('LPOP', queue_key, most)
if not ids then
    return {}
end
local last = redis.call('ZRANGE', in_flight_key, -1, -1, 'WITHSCORES')
local place = tonumber(last[2] or 0)
local taken = {}
for _, id in ipairs(ids) do
    local message = redis.call('HGET', messages_key, id)
    if message then
        place = place + 1
        redis.call('ZADD', in_flight_key, place, id)
        taken[#taken + 1] = id
        taken[#taken + 1] = message
    end
end
return taken
