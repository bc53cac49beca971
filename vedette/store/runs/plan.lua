-- Plans a delivery's runs, one per handler: all or none, and only once however often it is called.
--
-- Deliveries of one subject are decided in the order of acceptance ({vedette}:subject:SUBJECT, a sorted set of ids whose
-- scores are 0 until they are decided): runs could otherwise overtake those of an older delivery that is still being
-- decided. It stays the index of the subject's deliveries.
--
-- ARGV  1 delivery, 2 issue's label, 3 journal length, 4 title of the issue or event, 5 the issue's id, 6 its tenant,
--       7 Sentry's Request-ID (each '' where there is none),
--       then five per handler: name, mode, source, 1 when its runs keep the order of their subject,
--       milliseconds for which events of a subject are coalesced into one run (0 for not)
--
-- Returns {how many runs were new, the older delivery that has to be decided first or ''}.

local delivery, label, journal_length, title, issue, tenant, request = unpack(ARGV, 1, 7)
local FIRST_HANDLER, ARGUMENTS_PER_HANDLER = 8, 5
local now = milliseconds()
local key = PREFIX .. 'delivery:' .. delivery
local subject = subject_of(delivery)

local function older_undecided()
    while subject ~= '' do
        local first = redis.call('ZRANGE', SUBJECTS .. subject, 0, 0, 'WITHSCORES')
        local oldest = first[1]
        if not oldest or first[2] ~= '0' or oldest >= delivery then
            return ''
        end
        if redis.call('EXISTS', PREFIX .. 'delivery:' .. oldest) == 1 then
            return oldest
        end
        redis.call('ZREM', SUBJECTS .. subject, oldest)
    end
    return ''
end

local function supersede(older, newer, handler)
    unschedule_run(older, handler)
    redis.call('ZREM', PREFIX .. 'slot_waiters:' .. handler_of(handler), member_of(older, handler))
    local held_by = redis.call('HGET', run_key(older, handler), 'held_by')
    if held_by then
        redis.call('ZREM', token_waiters(held_by), older .. ':' .. handler)
    end
    redis.call('HSET', run_key(older, handler), 'state', 'superseded', 'ended', now, 'reason', newer)
    index_run(older, handler, 'superseded')
    record_end(older, handler, 'superseded', now, journal_length)
    leave_order(older, handler, subject, now)
    close(older, now)
end

-- The newest event of a window runs when the window ends, on behalf of the others.
local function coalesce(handler, length_of_window)
    local window = PREFIX .. 'coalesce:' .. handler .. ':' .. subject
    local other = redis.call('HGET', window, 'delivery')
    if other and FINAL[redis.call('HGET', run_key(other, handler), 'state') or 'done'] then
        -- A person cancelled it.
        redis.call('DEL', window)
        other = nil
    end
    local due = other and tonumber(redis.call('HGET', window, 'due')) or now + length_of_window
    redis.call('HINCRBY', window, 'count', 1)
    if other and other > delivery then
        -- This one was stored late, from a receiver's disk.
        supersede(delivery, other, handler)
        return
    end
    if other then
        supersede(other, delivery, handler)
    end
    redis.call('HSET', window, 'delivery', delivery, 'due', due)
    redis.call('HSET', run_key(delivery, handler), 'state', 'waiting', 'reason', 'gathers events', 'coalesced', 1)
    index_run(delivery, handler, 'waiting')
    schedule_run(delivery, handler, due, now)
end

local function start(handler, ordered, window)
    if subject ~= '' and window > 0 then
        coalesce(handler, window)
    elseif subject ~= '' and ordered then
        redis.call('ZADD', order_key(handler, subject), 'NX', 0, delivery)
        promote_next(handler, subject, now)
        local holder = holder_of(handler, subject)
        if holder ~= delivery then
            redis.call('HSET', run_key(delivery, handler), 'state', 'waiting', 'reason', 'behind ' .. holder)
            index_run(delivery, handler, 'waiting')
        end
    else
        queue_run(delivery, handler, now)
    end
end

local older = older_undecided()
if older ~= '' then
    return {0, older}
end
if redis.call('EXISTS', key) == 0 then
    if subject ~= '' then
        redis.call('ZREM', SUBJECTS .. subject, delivery)
    end
    return {0, ''}
end
index_decided(delivery, subject)
if redis.call('HEXISTS', key, 'runs') == 1 then
    return {0, ''}
end
local names = {}
for at = FIRST_HANDLER, #ARGV, ARGUMENTS_PER_HANDLER do
    names[#names + 1] = ARGV[at]
end
redis.call('HSET', key, 'runs', table.concat(names, ','), 'label', label)
if #names == 0 then
    redis.call('HSET', key, 'finished', now)
else
    redis.call('SADD', PREFIX .. 'handlers', unpack(names))
end
if request ~= '' then
    index_request(delivery, request)
end
if issue ~= '' and label ~= '' and label ~= issue then
    redis.call('HSET', PREFIX .. 'labels:' .. tenant, string.lower(label), issue)
    redis.call('SADD', PREFIX .. 'tenants', tenant)
end
for at = FIRST_HANDLER, #ARGV, ARGUMENTS_PER_HANDLER do
    local handler, mode, source, is_ordered, window = unpack(ARGV, at, at + 4)
    redis.call('HSET', run_key(delivery, handler), 'delivery', delivery, 'handler', handler, 'mode', mode,
        'source', source, 'state', 'queued', 'queued', now, 'attempts', 0, 'subject', subject,
        'ordered', is_ordered)
    start(handler, is_ordered == '1', tonumber(window))
end
local name = redis.call('HGET', key, 'name')
redis.call('XADD', PREFIX .. 'journal', 'MAXLEN', '~', journal_length, '*', 'kind', 'decided', 'delivery', delivery,
    'handlers', #names, 'name', name or '', 'accepted', accepted_of(delivery, now),
    'issue', label, 'title', title, 'at', now)
return {#names, ''}
