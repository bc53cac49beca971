-- Takes messages from the head of a queue; they are in flight at the worker, in their order.
--
-- KEYS  1 list of ids, 2 hash of messages, 3 sorted set of the messages in flight at the worker, 4 sorted set of workers by
--       their last heartbeat
-- ARGV  1 how many at most, 2 worker
--
-- Returns id, message, id, message...

-- The number in `edition.py`: a worker takes nothing that another version has written, and its consumer waits.
local EDITION = '2'
local edition = redis.call('GET', '{vedette}:edition')
if edition and edition ~= EDITION then
    return redis.error_reply('EDITION Redis holds data of edition ' .. edition .. ', and this worker uses edition ' .. EDITION)
end

local queue_key, messages_key, in_flight_key, workers_key = unpack(KEYS)
local most, worker = unpack(ARGV)
local ids = redis.call('LPOP', queue_key, most)
if not ids then
    return {}
end
-- A worker that dies before its first heartbeat, or was taken for dead, must be missed, or nobody requeues what it takes.
if not redis.call('ZSCORE', workers_key, worker) then
    local time = redis.call('TIME')
    redis.call('ZADD', workers_key, time[1] * 1000 + math.floor(time[2] / 1000), worker)
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
