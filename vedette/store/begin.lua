-- Begins an attempt of a run, unless it has to wait, has ended, or was asked for by a message that is no longer its own.
--
-- ARGV  1 delivery, 2 handler, 3 ticket of the message, 4 the sorted set of messages that this worker holds and
--       5 the message's id in it (both '' for not to ask), 6 how many attempts of this handler may run at once,
--       7 how many may begin per 8 milliseconds (6 and 7: 0 for any number), 9 what names this call, so that it can be
--       repeated when its answer was lost, 10 the number of deaths from which on it has to run alone (0 for never)
--
-- Returns {'go', attempt, begins, deaths, postponed, bug, bugs in a row, queued, stands for, data, the delivery's fields},
-- or {'wait', why}, {'ended', state}, {'stale', ''}, {'gone', ''}, {'alone', ''}.

local delivery, handler, ticket = ARGV[1], ARGV[2], ARGV[3]
local key, member = run_key(delivery, handler), member_of(delivery, handler)
local now = milliseconds()
local run = redis.call('HMGET', key, 'state', 'ticket', 'subject', 'ordered', 'slot', 'gathered', 'call')
local state, subject, is_ordered = run[1], run[3] or '', run[4] == '1'

local function wait(why)
    redis.call('HSET', key, 'state', 'waiting', 'reason', why)
    return {'wait', why}
end

if not state then
    return {'gone', ''}
end
if (ARGV[4] ~= '' and not redis.call('ZSCORE', ARGV[4], ARGV[5])) or run[2] ~= ticket then
    return {'stale', ''}
end
if FINAL[state] then
    return {'ended', state}
end
local function go()
    local counts = redis.call('HMGET', key, 'attempts', 'begins', 'deaths', 'postponed', 'bug', 'bugs', 'queued',
        'stands_for', 'data')
    return {'go', tonumber(counts[1]), tonumber(counts[2]), tonumber(counts[3] or 0), tonumber(counts[4] or 0),
        counts[5] or '', tonumber(counts[6] or 0), tonumber(counts[7] or now), tonumber(counts[8] or 1),
        counts[9] or '', redis.call('HGETALL', PREFIX .. 'delivery:' .. delivery)}
end

if state == 'running' and run[7] == ARGV[9] then
    return go()
end
if state == 'running' then
    -- Its worker's process died: everybody else settles, or hands it back.
    redis.call('HINCRBY', key, 'deaths', 1)
end
local risky = tonumber(ARGV[10])
if risky > 0 and tonumber(redis.call('HGET', key, 'deaths') or 0) >= risky then
    redis.call('HSET', key, 'state', 'queued')
    return {'alone', ''}
end

if is_ordered and subject ~= '' then
    local holder = holder_of(handler, subject)
    if holder and holder ~= member then
        redis.call('ZADD', lane_key(handler, subject), 0, member)
        return wait('behind ' .. holder)
    end
    redis.call('ZADD', lane_key(handler, subject), -1, member)
end

local rate, period = tonumber(ARGV[7]), tonumber(ARGV[8])
if rate > 0 and run[5] ~= '1' then
    -- The generic cell rate algorithm: a burst of `rate`, then one each period / rate; a place is kept for who waits.
    local bucket, gap = PREFIX .. 'throttle:' .. handler_of(handler), period / rate
    local arrival = math.max(tonumber(redis.call('GET', bucket) or now), now)
    local due = math.ceil(arrival + gap - period)
    redis.call('SET', bucket, string.format('%.3f', arrival + gap), 'PX', math.ceil(arrival + gap - now))
    if due > now then
        redis.call('HSET', key, 'slot', 1)
        schedule_run(delivery, handler, due, now)
        return wait('throttled')
    end
end

local limit = tonumber(ARGV[6])
if limit > 0 then
    local active = PREFIX .. 'active:' .. handler_of(handler)
    if not redis.call('ZSCORE', active, member) and redis.call('ZCARD', active) >= limit then
        redis.call('ZADD', PREFIX .. 'line:' .. handler_of(handler), 0, member)
        return wait('others are running')
    end
    redis.call('ZADD', active, now, member)
end

if run[6] == '1' then
    local window = PREFIX .. 'window:' .. handler .. ':' .. subject
    if redis.call('HGET', window, 'delivery') == delivery then
        redis.call('HSET', key, 'stands_for', redis.call('HGET', window, 'count'))
        redis.call('DEL', window)
    end
end
redis.call('HINCRBY', key, 'attempts', 1)
redis.call('HINCRBY', key, 'begins', 1)
redis.call('HSET', key, 'state', 'running', 'started', now, 'reason', '', 'call', ARGV[9])
if redis.call('HSETNX', key, 'first', now) == 1 then
    count_latency('start', delivery, handler, now)
end
redis.call('HDEL', key, 'due', 'slot')
return go()
