-- Reads the figures that alarms and `vedette status` judge, at one moment.
--
-- ARGV  1 milliseconds without a heartbeat after which a worker is not counted, 2 how many of the newest dead letters are
--       counted by their handlers, then the integrations whose waiting runs are counted
--
-- Returns an object (JSON); see `figures.py`.

local PREFIX = '{vedette}:'
local silence, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function queue_figures(name)
    local list = PREFIX .. 'queue:' .. name
    local depth, first = redis.call('LLEN', list), redis.call('LINDEX', list, 0)
    local message = first and redis.call('HGET', list .. '.msgs', first)
    local sent = message and tonumber(string.match(message, '"message_timestamp":(%d+)'))
    return {
        depth = depth,
        in_flight = math.max(0, redis.call('HLEN', list .. '.msgs') - depth),
        age = sent and math.max(0, now - sent) or 0,
    }
end

local queues = {}
for _, name in ipairs(redis.call('SMEMBERS', PREFIX .. 'queues')) do
    queues[name] = queue_figures(name)
end
local dead = {}
for _, member in ipairs(redis.call('ZREVRANGE', PREFIX .. 'dead', 0, most - 1)) do
    local handler = string.match(member, '^[^:]+:([^@]+)') or ''
    dead[handler] = (dead[handler] or 0) + 1
end
local waiting = {}
for at = 3, #ARGV do
    waiting[ARGV[at]] = redis.call('ZCARD', PREFIX .. 'token_waiters:' .. ARGV[at])
end
return cjson.encode({
    at = now,
    queues = queues,
    delayed = redis.call('ZCARD', PREFIX .. 'schedule'),
    workers = redis.call('ZCOUNT', PREFIX .. 'workers', now - silence, '+inf'),
    dead = redis.call('ZCARD', PREFIX .. 'dead'),
    dead_by_handler = dead,
    waiting_for_token = waiting,
    quarantined = tonumber(redis.call('HGET', PREFIX .. 'counts', 'quarantined') or 0),
})
