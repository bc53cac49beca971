-- Judges deliveries and runs: one is stalled when it has not ended and nothing in Redis will take it up again. It only
-- reads; `_shared.lua` precedes it.
--
-- A run is not stalled when its latest message is delayed, queued or in flight at a registered worker; when it waits in
-- its order queue behind a run that has not ended; when it waits for a slot while others have one; or when it waits for a
-- token, whose waiters the workers release.

local MOST_TRIES = 20
-- List entries that one call may compare; beyond that a message counts as queued.
local comparisons = 200000
local workers

local function is_held(queue, id)
    workers = workers or redis.call('ZRANGE', PREFIX .. 'workers', 0, -1)
    for _, worker in ipairs(workers) do
        if redis.call('ZSCORE', PREFIX .. 'queue:' .. queue .. '.in_flight:' .. worker, id) then
            return true
        end
    end
    return false
end

local function is_listed(queue, id)
    local list = PREFIX .. 'queue:' .. queue
    local length = redis.call('LLEN', list)
    local most = math.min(length, comparisons)
    local place = most > 0 and redis.call('LPOS', list, id, 'MAXLEN', most)
    comparisons = comparisons - (place or most)
    return place or most < length
end

-- Whether a message will come to a worker, or has.
local function is_under_way(queue, id)
    local scheduled = queue .. ' ' .. id
    if redis.call('ZSCORE', SCHEDULE, scheduled) and redis.call('HEXISTS', SCHEDULED, scheduled) == 1 then
        return true
    end
    if is_held(queue, id) then
        return true
    end
    return redis.call('HEXISTS', PREFIX .. 'queue:' .. queue .. '.msgs', id) == 1 and is_listed(queue, id)
end

local function has_ended(delivery, run)
    local state = redis.call('HGET', run_key(delivery, run), 'state')
    return not state or FINAL[state] or false
end

local function waits_in_order(delivery, run, subject)
    local order, member = order_key(run, subject), member_of(delivery, run)
    if subject == '' or not redis.call('ZSCORE', order, member) then
        return false
    end
    local head = redis.call('ZRANGE', order, 0, 0, 'WITHSCORES')
    if tonumber(head[2]) >= 0 or head[1] == member then
        return false
    end
    local holder = run_of(head[1], run)
    return not has_ended(run_of(head[1], run)) and redis.call('EXISTS', PREFIX .. 'delivery:' .. holder) == 1
end

local function waits_for_slot(delivery, run)
    if not redis.call('ZSCORE', PREFIX .. 'slot_waiters:' .. handler_of(run), member_of(delivery, run)) then
        return false
    end
    for _, member in ipairs(redis.call('ZRANGE', PREFIX .. 'slots:' .. handler_of(run), 0, -1)) do
        if not has_ended(run_of(member, run)) then
            return true
        end
    end
    return false
end

local function waits_for_token(delivery, run, integration)
    return integration and redis.call('ZSCORE', token_waiters(integration), delivery .. ':' .. run)
end

-- The state in which a run is stalled (`missing` where it has none), or nil; and what tells this from a later stall.
local function stalled_run(delivery, run)
    local facts = redis.call('HMGET', run_key(delivery, run), 'state', 'generation', 'attempt_token', 'subject', 'held_by')
    local state = facts[1]
    if not state then
        return 'missing', ''
    end
    if FINAL[state] or is_under_way('run', delivery .. ':' .. run .. ':' .. (facts[2] or 0)) then
        return nil
    end
    local waits = state == 'waiting' and (waits_in_order(delivery, run, facts[4] or '') or waits_for_slot(delivery, run)
        or waits_for_token(delivery, run, facts[5]))
    if waits then
        return nil
    end
    return state, (facts[2] or '') .. '/' .. (facts[3] or '')
end

local function is_decided_soon(delivery, replays)
    if is_under_way('fan_out', delivery) or is_under_way('fan_out', delivery .. ':again:' .. replays) then
        return true
    end
    for try = 2, MOST_TRIES do
        if is_under_way('fan_out', delivery .. ':' .. try) then
            return true
        end
    end
    return false
end

-- Returns nil for a delivery that has ended or is gone, else a list of {run or '', problem, what tells it from a later
-- one}, which is empty while all is well. Problems of the delivery itself are `undecided` and `unclosed`.
local function problems_of(delivery)
    local facts = redis.call('HMGET', PREFIX .. 'delivery:' .. delivery, 'state', 'runs', 'finished', 'replays')
    if facts[3] or (facts[1] or state_of(delivery)) ~= 'accepted' then
        return nil
    end
    if not facts[2] then
        return is_decided_soon(delivery, facts[4] or 0) and {} or {{'', 'undecided', facts[4] or ''}}
    end
    local found, is_open = {}, false
    for run in string.gmatch(facts[2], '[^,]+') do
        local problem, mark = stalled_run(delivery, run)
        if problem then
            found[#found + 1] = {run, problem, mark}
        end
        is_open = is_open or problem ~= nil or not has_ended(delivery, run)
    end
    return is_open and found or {{'', 'unclosed', ''}}
end
