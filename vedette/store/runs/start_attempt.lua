-- Starts an attempt of a run, unless the run has to wait or has ended, or the message is not of its newest generation.
--
-- ARGV  1 delivery, 2 handler, 3 generation of the message, 4 the worker's sorted set of messages in flight and
--       5 the message's id in it (both '' for no check), 6 how many attempts of this handler may run at once,
--       7 how many may start within any 8 milliseconds (6 and 7: 0 for any number), 9 id of this call, so that it can be
--       repeated when its response was lost, 10 the number of crashes from which on it runs isolated (0 for never),
--       11 the worker's tokens as JSON: integration -> fingerprint ('' for a run that needs none)
--
-- Returns {'go', attempt, attempt token, crashes, postponed, bug, bugs in a row, queued, started, coalesced events, data, the
-- delivery's fields, milliseconds for which it has waited for a token},
-- or {'wait', why}, {'ended', state}, {'stale', ''}, {'gone', ''}, {'isolated', ''}.

local delivery, handler, generation, in_flight, message_id = unpack(ARGV, 1, 5)
local limit, rate, period = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local call_id, isolate_after = ARGV[9], tonumber(ARGV[10])
local key, member = run_key(delivery, handler), member_of(delivery, handler)
local now = milliseconds()
local run = redis.call('HMGET', key, 'state', 'generation', 'subject', 'ordered', 'slot', 'coalesced', 'call')
local state, subject, is_ordered = run[1], run[3] or '', run[4] == '1'

local function wait(why)
    redis.call('HSET', key, 'state', 'waiting', 'reason', why)
    index_run(delivery, handler, 'waiting')
    return {'wait', why}
end

if not state then
    return {'gone', ''}
end
if (in_flight ~= '' and not redis.call('ZSCORE', in_flight, message_id)) or run[2] ~= generation then
    return {'stale', ''}
end
if FINAL[state] then
    return {'ended', state}
end
local function go()
    local counts = redis.call('HMGET', key, 'attempts', 'attempt_token', 'crashes', 'postponed', 'bug', 'bugs', 'queued',
        'started', 'coalesced_events', 'data', 'held')
    return {'go', tonumber(counts[1]), tonumber(counts[2]), tonumber(counts[3] or 0), tonumber(counts[4] or 0),
        counts[5] or '', tonumber(counts[6] or 0), tonumber(counts[7] or now), tonumber(counts[8] or now), tonumber(counts[9] or 1),
        counts[10] or '', redis.call('HGETALL', PREFIX .. 'delivery:' .. delivery),
        tonumber(counts[11] or 0)}
end

if state == 'running' and run[7] == call_id then
    return go()
end
if state == 'running' then
    -- Its worker's process crashed: every other end records an outcome, or releases the attempt.
    redis.call('HINCRBY', key, 'crashes', 1)
    note_attempt(key, redis.call('HGET', key, 'history'), 'lost', now, 0, LOST)
end
if isolate_after > 0 and tonumber(redis.call('HGET', key, 'crashes') or 0) >= isolate_after then
    redis.call('HSET', key, 'state', 'queued')
    index_run(delivery, handler, 'queued')
    return {'isolated', ''}
end

if is_ordered and subject ~= '' then
    local holder = holder_of(handler, subject)
    if holder and holder ~= member then
        redis.call('ZADD', order_key(handler, subject), 0, member)
        return wait('behind ' .. holder)
    end
    redis.call('ZADD', order_key(handler, subject), -1, member)
end

if redis.call('HEXISTS', PREFIX .. 'disabled', handler_of(handler)) == 1 then
    wait_until_enabled(delivery, handler, now)
    return {'wait', 'disabled'}
end

local refused = refused_integration(delivery, ARGV[11])
if refused then
    wait_for_token(delivery, handler, refused, now)
    return {'wait', 'token'}
end

-- A throttle keeps two lists of times, each of its last `rate` entries: those for which attempts were planned, so that
-- each that waits is scheduled once and they spread evenly; and those at which attempts began, which decide, because a
-- planned one may be late.
local planned = PREFIX .. 'throttle:' .. handler_of(handler) .. ':planned'
local begun = PREFIX .. 'throttle:' .. handler_of(handler) .. ':begun'

local function note_time(list, time)
    redis.call('RPUSH', list, string.format('%.0f', time))
    redis.call('LTRIM', list, -rate, -1)
    redis.call('PEXPIRE', list, string.format('%.0f', math.max(time - now, 0) + period))
end

-- The time from which on another may follow: `period` after the one that is `rate` entries back.
local function free_from(list)
    local first = redis.call('LINDEX', list, -rate)
    return first and first + period or now
end

local function time_to_begin()
    if tonumber(redis.call('LINDEX', begun, -1) or now) > now then
        -- The server's clock went back.
        redis.call('DEL', planned, begun)
    end
    local free = free_from(begun)
    if run[5] == '1' and free <= now then
        return now
    end
    local due = math.ceil(math.max(now, free, free_from(planned)))
    if due > now then
        due = math.ceil(math.max(due, tonumber(redis.call('LINDEX', planned, -1) or now) + period / rate))
    end
    note_time(planned, due)
    redis.call('HSET', key, 'slot', 1)
    return due
end

if rate > 0 then
    local due = time_to_begin()
    if due > now then
        schedule_run(delivery, handler, due, now)
        return wait('throttled')
    end
end

if limit > 0 then
    local active = PREFIX .. 'slots:' .. handler_of(handler)
    if not redis.call('ZSCORE', active, member) and redis.call('ZCARD', active) >= limit then
        redis.call('ZADD', PREFIX .. 'slot_waiters:' .. handler_of(handler), 0, member)
        return wait('others are running')
    end
    redis.call('ZADD', active, now, member)
end

if rate > 0 then
    note_time(begun, now)
end
if run[6] == '1' then
    local window = PREFIX .. 'coalesce:' .. handler .. ':' .. subject
    if redis.call('HGET', window, 'delivery') == delivery then
        redis.call('HSET', key, 'coalesced_events', redis.call('HGET', window, 'count'))
        redis.call('DEL', window)
    end
end
redis.call('HINCRBY', key, 'attempts', 1)
redis.call('HINCRBY', key, 'attempt_token', 1)
redis.call('HSET', key, 'state', 'running', 'started', now, 'reason', '', 'call', call_id)
index_run(delivery, handler, 'running')
if redis.call('HSETNX', key, 'first', now) == 1 then
    count_latency('start', delivery, handler, now)
end
redis.call('HDEL', key, 'due', 'slot', 'recovered', 'held_by', 'held_since')
return go()
