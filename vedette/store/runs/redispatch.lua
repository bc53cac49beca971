-- Dispatches a delivery again: to the handlers that are loaded now, those that ran on it before included.
--
-- ARGV  1 delivery, 2 milliseconds until it is dispatched
--
-- Returns 1 when it will be, 0 when a run of it is still going or it is not decided yet, -1 when there is no such
-- delivery, -2 when it is quarantined.

local delivery, delay = ARGV[1], tonumber(ARGV[2])
local key, now = PREFIX .. 'delivery:' .. delivery, milliseconds()
local state, runs = state_of(delivery), redis.call('HGET', key, 'runs')
if not state then
    return -1
end
if state ~= 'accepted' then
    return -2
end
local function is_going(handler)
    local run = redis.call('HMGET', run_key(delivery, handler), 'state', 'due', 'started')
    return not FINAL[run[1] or ''] and not (is_deferred(handler) and run[1] == 'waiting' and run[2] and not run[3])
end

if not runs then
    return 0
end
for handler in string.gmatch(runs, '[^,]+') do
    if is_going(handler) then
        return 0
    end
end
for handler in string.gmatch(runs, '[^,]+') do
    forget(delivery, handler)
    if is_deferred(handler) then
        -- Its handler defers it again, or not.
        unschedule_run(delivery, handler)
        redis.call('DEL', run_key(delivery, handler))
        redis.call('ZREM', RUNS .. handler_of(handler), member_of(delivery, handler))
    else
        redis.call('HSET', run_key(delivery, handler), 'state', 'superseded', 'reason', 'decided again')
        index_run(delivery, handler, 'superseded')
    end
end
-- A person asks for what a sweep only recorded; see `Rebuilt` in stored_record.py.
local REBUILT = 28
local packed = redis.call('HGET', key, 'facts')
local rebuilt = packed and cmsgpack.unpack(packed)[REBUILT]
if rebuilt == 'late' or rebuilt == 'superseded' then
    redis.call('HSET', key, 'rebuilt', 'recent')
end
redis.call('HDEL', key, 'runs', 'finished')
local id = delivery .. ':again:' .. redis.call('HINCRBY', key, 'replays', 1)
if delay > 0 then
    redis.call('HSET', SCHEDULED, 'fan_out ' .. id, fan_out_message(delivery, id, now))
    redis.call('ZADD', SCHEDULE, now + delay, 'fan_out ' .. id)
    wake_leader('fan_out ' .. id)
else
    queue_fan_out(delivery, id, now)
end
return 1
