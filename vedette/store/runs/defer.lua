-- Defers a run: a handler runs again on the same delivery later, because a run of it requested that. A repeated request, by
-- another attempt or while the deferred run of that name waits, changes nothing.
--
-- ARGV  1 delivery, 2 the run that asks, 3 token of its attempt, 4 name, 5 data (JSON), 6 milliseconds until it is due
--
-- Returns 1, or 0 when that attempt is no longer under way.

local delivery, asking, token, name, data, delay = unpack(ARGV)
local now = milliseconds()
local due = now + tonumber(delay)
local asker = redis.call('HMGET', run_key(delivery, asking), 'attempt_token', 'state', 'round', 'mode', 'source', 'subject',
    'ordered')
if asker[1] ~= token or asker[2] ~= 'running' then
    return 0
end
local handler = handler_of(asking)
local run = handler .. '@' .. name
local key = run_key(delivery, run)
if run == asking then
    -- When this attempt ends; see finish_attempt.lua.
    if redis.call('HSETNX', key, 'next', due) == 1 then
        redis.call('HSET', key, 'next_data', data)
    end
    return 1
end
local by = asking .. '/' .. (asker[3] or 0)
local there = redis.call('HMGET', key, 'state', 'asked')
if there[1] and (there[2] == by or not FINAL[there[1]] or KEPT[there[1]]) then
    return 1
end
if not there[1] then
    local names = redis.call('HGET', PREFIX .. 'delivery:' .. delivery, 'runs')
    if not names then
        return 0
    end
    redis.call('HSET', PREFIX .. 'delivery:' .. delivery, 'runs', names .. ',' .. run)
end
redis.call('HSET', key, 'delivery', delivery, 'handler', handler, 'name', name, 'mode', asker[4], 'source', asker[5],
    'subject', asker[6], 'ordered', asker[7], 'asked', by)
defer_run(delivery, run, due, data, now)
return 1
