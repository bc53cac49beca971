-- Checks unfinished deliveries in turn, and recovers those that have been stalled for a while, whatever the cause.
--
-- {vedette}:unfinished   sorted set   delivery -> when it is looked at next (ms)
-- {vedette}:suspects     hash         DELIVERY:RUN -> since when it has been found stalled, and what tells that stall
--
-- ARGV  1 milliseconds for which something has to be stalled, 2 milliseconds between two looks at a delivery, 3 how many to
--       look at, 4 journal length, 5 how often one is recovered before it is given up, then ids of deliveries that may be
--       unfinished
--
-- Returns a flat list of delivery, run (or ''), problem, 1 when it was given up.

local UNFINISHED, SUSPECTS = PREFIX .. 'unfinished', PREFIX .. 'suspects'
local grace, interval, most, journal_length, most_often = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])
local now = milliseconds()

for at = 6, #ARGV do
    local delivery = ARGV[at]
    if state_of(delivery) == 'accepted' and redis.call('HEXISTS', PREFIX .. 'delivery:' .. delivery, 'finished') == 0 then
        redis.call('ZADD', UNFINISHED, 'NX', now, delivery)
    end
end

-- Whether this has been stalled for long enough: seen twice, unchanged. Between two steps of a worker nothing may seem
-- to take a run up.
local function is_confirmed(delivery, run, mark)
    local name = delivery .. ':' .. run
    local seen = redis.call('HGET', SUSPECTS, name)
    local since = seen and string.match(seen, '^(%d+) ')
    if not since or seen ~= since .. ' ' .. mark then
        redis.call('HSET', SUSPECTS, name, string.format('%.0f', now) .. ' ' .. mark)
        return false
    end
    if now - since < grace then
        return false
    end
    redis.call('HDEL', SUSPECTS, name)
    return true
end

-- What is taken up again is no suspect; a later stall has to be seen twice again.
local function forget_suspects(delivery, problems)
    local is_stalled = {}
    for _, one in ipairs(problems) do
        is_stalled[one[1]] = true
    end
    local runs = redis.call('HGET', PREFIX .. 'delivery:' .. delivery, 'runs') or ''
    for run in string.gmatch(runs .. ',', '[^,]*') do
        if not is_stalled[run] then
            redis.call('HDEL', SUSPECTS, delivery .. ':' .. run)
        end
    end
end

-- A run that ended without leaving its order queue or its slot blocks the others.
local function unblock(delivery, run)
    local subject = redis.call('HGET', run_key(delivery, run), 'subject') or ''
    local order = order_key(run, subject)
    local head = subject ~= '' and redis.call('ZRANGE', order, 0, 0)[1]
    if head and redis.call('EXISTS', PREFIX .. 'delivery:' .. run_of(head, run)) == 0 then
        redis.call('ZREM', order, head)
    end
    local active = PREFIX .. 'slots:' .. handler_of(run)
    for _, member in ipairs(redis.call('ZRANGE', active, 0, -1)) do
        if has_ended(run_of(member, run)) then
            redis.call('ZREM', active, member)
        end
    end
    redis.call('ZREM', PREFIX .. 'slot_waiters:' .. handler_of(run), member_of(delivery, run))
end

local function give_up(delivery, run)
    local key = run_key(delivery, run)
    redis.call('HSET', key, 'state', 'quarantined', 'ended', now, 'reason', '', 'error',
        'its message was lost ' .. most_often .. ' times before it began: see the log of the workers, then replay it')
    index_run(delivery, run, 'quarantined')
    redis.call('ZADD', DEAD, now, delivery .. ':' .. run)
    redis.call('HINCRBY', PREFIX .. 'delivery:' .. delivery, 'dead', 1)
    record_end(delivery, run, 'quarantined', now, journal_length)
    -- What cannot be begun may be in the way here too; the others are looked at in their turn.
    pcall(leave_order, delivery, run, redis.call('HGET', key, 'subject'), now)
    close(delivery, now)
end

local function recover_run(delivery, run, problem)
    local key = run_key(delivery, run)
    if problem == 'missing' then
        local at = string.find(run, '@', 1, true)
        redis.call('HSET', key, 'delivery', delivery, 'handler', handler_of(run), 'mode', '', 'queued', now,
            'attempts', 0, 'subject', subject_of(delivery),
            'ordered', 1, 'name', at and string.sub(run, at + 1) or '')
        redis.call('SADD', PREFIX .. 'handlers', handler_of(run))
    elseif problem == 'running' then
        -- Its attempt is lost without an outcome, as if its process had died.
        redis.call('HINCRBY', key, 'crashes', 1)
    end
    local generation = redis.call('HGET', key, 'generation') or 0
    redis.call('HDEL', PREFIX .. 'queue:run.msgs', delivery .. ':' .. run .. ':' .. generation)
    unschedule_run(delivery, run)
    if redis.call('HINCRBY', key, 'recovered', 1) > most_often then
        give_up(delivery, run)
        return 1
    end
    pcall(unblock, delivery, run)
    local due = tonumber(redis.call('HGET', key, 'due') or 0)
    if due > now then
        schedule_run(delivery, run, due, now)
    else
        queue_run(delivery, run, now)
    end
    return 0
end

local function quarantine(delivery)
    pcall(index_decided, delivery, subject_of(delivery))
    redis.call('HSET', PREFIX .. 'delivery:' .. delivery, 'state', 'quarantined', 'finished', now, 'runs', '',
        'reason', 'could not be decided: its message was lost ' .. most_often .. ' times')
end

local function recover(delivery, run, problem)
    if run ~= '' then
        return recover_run(delivery, run, problem)
    end
    if problem == 'unclosed' then
        close(delivery, now)
        return 0
    end
    local key = PREFIX .. 'delivery:' .. delivery
    if redis.call('HINCRBY', key, 'recovered', 1) > most_often then
        quarantine(delivery)
        return 1
    end
    redis.call('ZADD', PREFIX .. 'deliveries', 'NX', accepted_of(delivery, now), delivery)
    queue_fan_out(delivery, delivery, now)
    return 0
end

local report = {}
for _, delivery in ipairs(redis.call('ZRANGEBYSCORE', UNFINISHED, '-inf', now, 'LIMIT', 0, most)) do
    local problems = problems_of(delivery)
    if not problems then
        redis.call('ZREM', UNFINISHED, delivery)
    else
        redis.call('ZADD', UNFINISHED, now + (#problems > 0 and grace or interval), delivery)
    end
    problems = problems or {}
    if redis.call('EXISTS', SUSPECTS) == 1 then
        forget_suspects(delivery, problems)
    end
    for _, one in ipairs(problems) do
        if is_confirmed(delivery, one[1], one[2] .. ' ' .. one[3]) then
            redis.call('HINCRBY', PREFIX .. 'counts', 'stalled:' .. one[2], 1)
            report[#report + 1], report[#report + 2], report[#report + 3] = delivery, one[1], one[2]
            report[#report + 1] = recover(delivery, one[1], one[2])
        end
    end
end
return report
