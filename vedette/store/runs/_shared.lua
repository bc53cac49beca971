-- Functions that the scripts about runs share; this text precedes each of them.
--
-- {vedette}:run:ID:HANDLER           hash      one handler's work on one delivery
-- {vedette}:delivery:ID              hash      the delivery; `runs` names its handlers once they are decided
-- {vedette}:queue:run, ...run.msgs   list and hash of the messages that ask for runs
-- {vedette}:schedule, ...schedule.messages   sorted set by due time (ms) and hash of what is to be queued then
-- {vedette}:order:HANDLER:SUBJECT    the order queue: sorted set of delivery ids in the order of acceptance (all scores
--                                    0, so the ids sort, and they begin with the time); the head has the score -1
-- (SUBJECT is the delivery's `subject_key`: the tenant, a blank, and what the delivery is about.)
-- {vedette}:slots:HANDLER            sorted set of the runs that have a slot of a handler with a concurrency limit
-- {vedette}:slot_waiters:HANDLER     sorted set of the runs that wait for one
-- {vedette}:refused_tokens           hash      integration and fingerprint of a token that Sentry refuses -> its state
-- {vedette}:token_waiters:INTEGRATION   sorted set of the runs (DELIVERY:RUN) that wait until its token works
-- {vedette}:token_waiters:handler HANDLER   the same of the runs that wait until their handler is enabled
-- {vedette}:disabled                 hash      handler that is disabled -> who disabled it and when
-- {vedette}:coalesce:HANDLER:SUBJECT hash      the events that are coalesced into one run
--
-- Indexes, which `search/` reads; TIME is the time in a delivery's id:
-- {vedette}:runs:HANDLER             sorted set of runs (DELIVERY, DELIVERY@NAME) by code of their state * SPAN + TIME
-- {vedette}:handlers                 set of the handlers that have such an index
-- {vedette}:subject:SUBJECT          sorted set of deliveries by TIME; 0 while they are not decided
-- {vedette}:resource:RESOURCE        sorted set of deliveries by TIME
-- {vedette}:rule:RULE                sorted set of the deliveries on which a rule matched, by TIME
-- {vedette}:rebuilt                  sorted set of rebuilt deliveries by TIME
-- {vedette}:requests:PART            hash of a digest of Sentry's Request-ID to the deliveries that came with it
-- {vedette}:labels:TENANT            hash of an issue's short id, in lower case, to its id
-- {vedette}:tenants                  set of the tenants that have such a hash
--
-- A run has the name of its handler; a deferred run (`ctx.later`) is HANDLER@NAME. It shares the order queues and the
-- limits of its handler, where its member is ID@NAME.
--
-- A run's `generation` counts how often it was queued, and its message carries it: older messages have no effect.
-- Its `attempt_token` counts its attempts and fences them: one that was taken for lost can no longer record an outcome.
-- The clock is the server's, so that the workers' own may differ.

local PREFIX = '{vedette}:'
local SCHEDULE, SCHEDULED = PREFIX .. 'schedule', PREFIX .. 'schedule.messages'
local DEAD = PREFIX .. 'dead'
local SUBJECTS, RUNS, RESOURCES, RULES = PREFIX .. 'subject:', PREFIX .. 'runs:', PREFIX .. 'resource:', PREFIX .. 'rule:'
-- Above every time in milliseconds: a whole number that a score holds exactly, with any code before it.
local SPAN = 2 ^ 43
local LATEST = SPAN - 1
-- The states of runs as they are indexed; `run.py` has the same.
local CODES = {queued = 0, waiting = 1, running = 2, retrying = 3, dropped = 4, superseded = 5, dead = 6,
    quarantined = 7, discarded = 8, done = 9, ['done acted'] = 10, ['done nothing'] = 11, ['done observed'] = 12,
    ['done proposed'] = 13, ['done denied'] = 14, ['done failed'] = 15, ['done skipped'] = 16}
local ALL_CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
local FINAL = {done = true, dropped = true, superseded = true, dead = true, quarantined = true, discarded = true}
local KEPT = {dead = true, quarantined = true}

local function milliseconds()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function run_key(delivery, handler)
    return PREFIX .. 'run:' .. delivery .. ':' .. handler
end

-- A delivery's subject with its tenant: the key of its order queues and coalescing windows; empty where it has none.
local function subject_of(delivery)
    local found = redis.call('HMGET', PREFIX .. 'delivery:' .. delivery, 'subject_key', 'subject')
    -- Deliveries that an older version accepted have their subject alone.
    return found[1] or found[2] or ''
end

local function handler_of(run)
    local at = string.find(run, '@', 1, true)
    return at and string.sub(run, 1, at - 1) or run
end

local function is_deferred(run)
    return string.find(run, '@', 1, true) ~= nil
end

-- A run's member in the order queues and slots of its handler.
local function member_of(delivery, run)
    local at = string.find(run, '@', 1, true)
    return at and delivery .. string.sub(run, at) or delivery
end

-- The delivery and the run of a member.
local function run_of(member, handler)
    local at = string.find(member, '@', 1, true)
    if not at then
        return member, handler_of(handler)
    end
    return string.sub(member, 1, at - 1), handler_of(handler) .. string.sub(member, at)
end

-- The value of each digit of an id.
local DIGITS = {}
for at = 1, 32 do
    DIGITS[string.byte('0123456789abcdefghjkmnpqrstvwxyz', at)] = at - 1
end

-- The time in a delivery's id, in milliseconds; see `vedette/_core/ids.py`.
local function time_of(id)
    local time = 0
    for at = 1, 10 do
        time = time * 32 + (DIGITS[string.byte(id, at) or 0] or 0)
    end
    return time < SPAN and time or 0
end

-- When a delivery was accepted; `now` where its id does not tell.
local function accepted_of(delivery, now)
    local time = time_of(delivery)
    return time > 0 and time or now
end

-- `accepted` or `quarantined`; nil when the delivery is gone.
local function state_of(delivery)
    local key = PREFIX .. 'delivery:' .. delivery
    return redis.call('HGET', key, 'state') or redis.call('EXISTS', key) == 1 and 'accepted' or nil
end

-- Moves a run to its state in the index. Called wherever `state` is written.
local function index_run(delivery, run, state, effect)
    local code = effect and CODES[state .. ' ' .. effect] or CODES[state] or 0
    redis.call('ZADD', RUNS .. handler_of(run), code * SPAN + time_of(delivery), member_of(delivery, run))
end

-- The effect of states that are written without one.
local EFFECTS = {done = 'nothing', dropped = 'skipped', superseded = 'skipped', retrying = 'failed', dead = 'failed',
    quarantined = 'failed'}

-- Keeps the rules that matched (a JSON list, '' for none), and their index, in place of those of an earlier attempt.
local function index_rules(delivery, key, rules, before)
    if rules == (before or '') then
        return
    end
    for _, rule in ipairs(before and cjson.decode(before) or {}) do
        redis.call('ZREM', RULES .. rule, delivery)
    end
    if rules == '' then
        redis.call('HDEL', key, 'rules')
        return
    end
    redis.call('HSET', key, 'rules', rules)
    for _, rule in ipairs(cjson.decode(rules)) do
        redis.call('ZADD', RULES .. rule, time_of(delivery), delivery)
    end
end

local MOST_ATTEMPTS, LONGEST_ERROR = 10, 300
local LOST = "the worker's process ended during this attempt"

-- Keeps an attempt in the run's history (a JSON list of {state, end, milliseconds, error}), of which the last ones stay.
local function note_attempt(key, history, state, now, took, failure)
    local attempts = history and cjson.decode(history) or {}
    attempts[#attempts + 1] = {state, now, tonumber(took), string.sub(failure, 1, LONGEST_ERROR)}
    while #attempts > MOST_ATTEMPTS do
        table.remove(attempts, 1)
    end
    redis.call('HSET', key, 'history', cjson.encode(attempts))
end

-- Notes a delivery as decided: others of its subject no longer wait for it.
local function index_decided(delivery, subject)
    if subject ~= '' then
        redis.call('ZADD', SUBJECTS .. subject, math.max(time_of(delivery), 1), delivery)
    end
end

-- The hash and the field for Sentry's Request-ID. Small hashes take a quarter of the memory of one large one.
local function request_place(request)
    local digest = redis.sha1hex(request)
    return PREFIX .. 'requests:' .. string.sub(digest, 1, 4), string.sub(digest, 5, 14)
end

-- A sender may give several deliveries one Request-ID; so many characters of their ids are kept.
local MOST_OF_REQUEST = 512

local function index_request(delivery, request)
    local key, field = request_place(request)
    if redis.call('HSETNX', key, field, delivery) == 1 then
        return
    end
    local there = redis.call('HGET', key, field)
    if #there < MOST_OF_REQUEST and not string.find(there, delivery, 1, true) then
        redis.call('HSET', key, field, there .. ',' .. delivery)
    end
end

local function forget_request(delivery, request)
    local key, field = request_place(request)
    local left = {}
    for one in string.gmatch(redis.call('HGET', key, field) or '', '[^,]+') do
        if one ~= delivery then
            left[#left + 1] = one
        end
    end
    if #left == 0 then
        redis.call('HDEL', key, field)
    else
        redis.call('HSET', key, field, table.concat(left, ','))
    end
end

local function order_key(handler, subject)
    return PREFIX .. 'order:' .. handler_of(handler) .. ':' .. subject
end

-- A new message for a run; the ones before it become stale.
local function new_message(delivery, handler, now)
    local generation = redis.call('HINCRBY', run_key(delivery, handler), 'generation', 1)
    local id = delivery .. ':' .. handler .. ':' .. generation
    return id, '{"queue_name":"run","actor_name":"run","args":["' .. delivery .. '","' .. handler .. '",' .. generation
        .. '],"kwargs":{},"options":{"redis_message_id":"' .. id .. '"},"message_id":"' .. id
        .. '","message_timestamp":' .. string.format('%.0f', now) .. '}'
end

local function queue_run(delivery, handler, now)
    local id, message = new_message(delivery, handler, now)
    redis.call('HSET', run_key(delivery, handler), 'state', 'queued', 'reason', '')
    index_run(delivery, handler, 'queued')
    redis.call('HSET', PREFIX .. 'queue:run.msgs', id, message)
    redis.call('RPUSH', PREFIX .. 'queue:run', id)
end

-- The message that asks to decide a delivery; `queue_messages.py` writes the same.
local function fan_out_message(delivery, id, now)
    return '{"queue_name":"fan_out","actor_name":"fan_out","args":["' .. delivery
        .. '"],"kwargs":{},"options":{"redis_message_id":"' .. id .. '"},"message_id":"' .. id
        .. '","message_timestamp":' .. string.format('%.0f', now) .. '}'
end

local function queue_fan_out(delivery, id, now)
    redis.call('HSET', PREFIX .. 'queue:fan_out.msgs', id, fan_out_message(delivery, id, now))
    redis.call('RPUSH', PREFIX .. 'queue:fan_out', id)
end

-- Wakes the leader when an entry is due before all others.
local function wake_leader(member)
    if redis.call('ZRANK', SCHEDULE, member) == 0 then
        redis.call('DEL', SCHEDULE .. ':wake')
        redis.call('RPUSH', SCHEDULE .. ':wake', 1)
    end
end

local function schedule_run(delivery, handler, due, now)
    local id, message = new_message(delivery, handler, now)
    redis.call('HSET', run_key(delivery, handler), 'due', due)
    redis.call('HSET', SCHEDULED, 'run ' .. id, message)
    redis.call('ZADD', SCHEDULE, due, 'run ' .. id)
    wake_leader('run ' .. id)
end

local function unschedule_run(delivery, handler)
    local generation = redis.call('HGET', run_key(delivery, handler), 'generation')
    local member = 'run ' .. delivery .. ':' .. handler .. ':' .. (generation or 0)
    redis.call('ZREM', SCHEDULE, member)
    redis.call('HDEL', SCHEDULED, member)
end

-- The head of an order queue, or nil. A head whose run has ended or is gone does not block the others.
local function holder_of(handler, subject)
    local order = order_key(handler, subject)
    local head = redis.call('ZRANGE', order, 0, 0, 'WITHSCORES')
    if not head[1] or tonumber(head[2]) >= 0 then
        return nil
    end
    local state = redis.call('HGET', run_key(run_of(head[1], handler)), 'state')
    if state and not FINAL[state] then
        return head[1]
    end
    redis.call('ZREM', order, head[1])
    return nil
end

-- Promotes the first member of an order queue, unless it has a head.
local function promote_next(handler, subject, now)
    local order = order_key(handler, subject)
    while not holder_of(handler, subject) do
        local first = redis.call('ZRANGE', order, 0, 0)[1]
        if not first then
            return
        end
        redis.call('ZADD', order, -1, first)
        if holder_of(handler, subject) then
            local delivery, run = run_of(first, handler)
            queue_run(delivery, run, now)
        end
    end
end

local function leave_order(delivery, handler, subject, now)
    if subject and subject ~= '' then
        redis.call('ZREM', order_key(handler, subject), member_of(delivery, handler))
        promote_next(handler, subject, now)
    end
end

-- Frees the slot of a run, and queues the next slot waiter.
local function free_slot(delivery, handler, now)
    if redis.call('ZREM', PREFIX .. 'slots:' .. handler_of(handler), member_of(delivery, handler)) == 0 then
        return
    end
    local next_one = redis.call('ZPOPMIN', PREFIX .. 'slot_waiters:' .. handler_of(handler))
    while next_one[1] do
        local called, run = run_of(next_one[1], handler)
        -- A run that has ended meanwhile, superseded by a newer event, must not run.
        if redis.call('HGET', run_key(called, run), 'state') == 'waiting' then
            queue_run(called, run, now)
            return
        end
        next_one = redis.call('ZPOPMIN', PREFIX .. 'slot_waiters:' .. handler_of(handler))
    end
end

-- The integration of a delivery.
local function integration_of(delivery)
    local found = redis.call('HMGET', PREFIX .. 'delivery:' .. delivery, 'facts', 'integration')
    -- The fourth field of a record; see `stored_record.py`.
    return found[1] and cmsgpack.unpack(found[1])[4] or found[2] or ''
end

local function token_waiters(integration)
    return PREFIX .. 'token_waiters:' .. integration
end

-- The delivery's integration, if Sentry refuses the token that the calling worker has for it; else nil.
-- `tokens` is that worker's JSON object of integration -> fingerprint; '' for a run that needs no token.
local function refused_integration(delivery, tokens)
    if tokens == '' or redis.call('EXISTS', PREFIX .. 'refused_tokens') == 0 then
        return nil
    end
    local integration = integration_of(delivery)
    local fingerprint = cjson.decode(tokens)[integration]
    local is_refused = fingerprint
        and redis.call('HEXISTS', PREFIX .. 'refused_tokens', integration .. ' ' .. fingerprint) == 1
    return is_refused and integration or nil
end

-- Lets a run wait until it is released. It keeps its place in its order queue, so that later runs stay behind it.
local function hold_run(delivery, run, held_by, reason, now)
    redis.call('HSET', run_key(delivery, run), 'state', 'waiting', 'reason', reason, 'held_by', held_by, 'held_since', now)
    index_run(delivery, run, 'waiting')
    redis.call('HDEL', run_key(delivery, run), 'due')
    redis.call('ZADD', token_waiters(held_by), 0, delivery .. ':' .. run)
    free_slot(delivery, run, now)
end

local function wait_for_token(delivery, run, integration, now)
    hold_run(delivery, run, integration, 'Sentry refuses the token of ' .. integration, now)
end

-- Lets a run wait until its handler is enabled. No integration has a blank in its name.
local function wait_until_enabled(delivery, run, now)
    local handler = handler_of(run)
    hold_run(delivery, run, 'handler ' .. handler, handler .. ' is disabled: `vedette enable ' .. handler .. '`', now)
end

-- Marks a delivery as finished when all its runs have ended; returns 1 when they have.
local function close(delivery, now)
    local key = PREFIX .. 'delivery:' .. delivery
    local names = redis.call('HGET', key, 'runs')
    for handler in string.gmatch(names or '', '[^,]+') do
        if not FINAL[redis.call('HGET', run_key(delivery, handler), 'state') or ''] then
            return 0
        end
    end
    if names then
        redis.call('HSET', key, 'finished', now)
    end
    return 1
end

-- Counts how long after its acceptance a delivery's run got to a point (`start`, `end`), in the smallest bucket that fits.
local BUCKETS = {10, 50, 100, 500, 1000, 5000, 30000, 300000}

local function count_latency(point, delivery, handler, now)
    local accepted = accepted_of(delivery, now)
    if is_deferred(handler) then
        return
    end
    local latency, bucket = math.max(0, now - accepted), 'more'
    for _, bound in ipairs(BUCKETS) do
        if latency <= bound then
            bucket = bound
            break
        end
    end
    redis.call('HINCRBY', PREFIX .. 'counts', point .. ':' .. bucket, 1)
    redis.call('HINCRBY', PREFIX .. 'counts', point .. ':sum', latency)
end

-- Counts an end by its minute and effect: {vedette}:outcomes:HOUR is a hash of MINUTE EFFECT to a number.
local HOUR_IN_MS, MINUTE_IN_MS, OUTCOMES_AGE = 3600000, 60000, 49 * 3600
local function count_outcome(effect, now)
    local key = PREFIX .. 'outcomes:' .. string.format('%.0f', math.floor(now / HOUR_IN_MS))
    local minute = math.floor(now % HOUR_IN_MS / MINUTE_IN_MS)
    if redis.call('HINCRBY', key, minute .. ' ' .. effect, 1) == 1 then
        redis.call('EXPIRE', key, OUTCOMES_AGE)
    end
end

-- Records a run's end in the journal, and counts it.
local function record_end(delivery, handler, state, now, length)
    local run = redis.call('HMGET', run_key(delivery, handler), 'attempts', 'mode', 'did', 'error', 'took', 'effect',
        'rules', 'audit')
    local effect = state == 'done' and run[6] or state == 'dead' and run[6] or EFFECTS[state] or ''
    local facts = redis.call('HMGET', PREFIX .. 'delivery:' .. delivery, 'name', 'label')
    redis.call('XADD', PREFIX .. 'journal', 'MAXLEN', '~', length, '*', 'kind', 'ended', 'delivery', delivery,
        'handler', handler, 'attempts', run[1] or 0, 'mode', run[2] or '', 'state', state, 'did', run[3] or '[]',
        'error', run[4] or '', 'took', run[5] or 0, 'name', facts[1] or '',
        'accepted', accepted_of(delivery, now), 'issue', facts[2] or '', 'at', now, 'effect', effect, 'rules', run[7] or '',
        'audit', run[8] or '')
    redis.call('HINCRBY', PREFIX .. 'counts', 'runs:' .. state, 1)
    if FINAL[state] and state ~= 'discarded' then
        count_outcome(effect, now)
        count_latency('end', delivery, handler, now)
    end
end

local function remove_dead(delivery, handler)
    local key = PREFIX .. 'delivery:' .. delivery
    if redis.call('ZREM', DEAD, delivery .. ':' .. handler) == 1 and redis.call('EXISTS', key) == 1 then
        redis.call('HINCRBY', key, 'dead', -1)
    end
end

-- Forgets how a run that has ended went; its numbers of queueing and beginning go on, so that old messages stay stale.
local function forget(delivery, handler)
    remove_dead(delivery, handler)
    redis.call('HDEL', run_key(delivery, handler), 'crashes', 'postponed', 'bug', 'bugs', 'first', 'due', 'slot',
        'coalesced', 'coalesced_events', 'error', 'trace', 'did', 'ended', 'took', 'started', 'call', 'reason',
        'next', 'next_data', 'recovered', 'held', 'held_by', 'held_since', 'effect', 'audit', 'reasons')
end

-- Delays a deferred run as if for the first time. `round` counts these times, so that a request in a later one is not
-- taken for a repeated attempt.
local function defer_run(delivery, run, due, data, now)
    forget(delivery, run)
    redis.call('HINCRBY', run_key(delivery, run), 'round', 1)
    redis.call('HSET', run_key(delivery, run), 'state', 'waiting', 'reason', 'deferred by its handler', 'queued', due,
        'attempts', 0, 'data', data)
    index_run(delivery, run, 'waiting')
    schedule_run(delivery, run, due, now)
end
