-- Stores deliveries and hands them to the workers: all of it or nothing.
--
-- KEYS  1 {vedette}:deliveries     sorted set of delivery ids by acceptance
--       2 {vedette}:journal        stream
--       3 {vedette}:stored         bytes of bodies kept
--       4 {vedette}:queue:fan_out        dramatiq's list of message ids
--       5 {vedette}:queue:fan_out.msgs   dramatiq's hash of message id -> message
-- ARGV  1 prefix of delivery hashes, 2 prefix of deduplication keys, 3 journal length,
--       then 20 per delivery: id, deduplication key, its window in ms, message, and the hash's fields in order
--
-- Returns one text per delivery: empty when it is stored, else the id of the delivery that it repeats. A delivery that
-- comes again under its own id (from the spool, after an answer that came too late) is stored already, not a repetition.

local WIDTH = 20
local delivery_prefix, seen_prefix, journal_length = ARGV[1], ARGV[2], ARGV[3]

local function holder_of(id, key, window, accepted)
    if key == '' then
        return redis.call('EXISTS', delivery_prefix .. id) == 1 and id
    end
    local name = seen_prefix .. key
    if redis.call('SET', name, id, 'NX', 'PX', window) then
        -- The key may have expired since the delivery was stored.
        return redis.call('EXISTS', delivery_prefix .. id) == 1 and id
    end
    local holder = redis.call('GET', name)
    -- What waited in the spool is compared by when it came, not by when it is stored.
    local before = holder ~= id and redis.call('HGET', delivery_prefix .. holder, 'accepted')
    if before and accepted - before > tonumber(window) then
        redis.call('SET', name, id, 'PX', window)
        return redis.call('EXISTS', delivery_prefix .. id) == 1 and id
    end
    return holder
end

local function store(at)
    local id, message, accepted, body, state = ARGV[at], ARGV[at + 3], ARGV[at + 10], ARGV[at + 16], ARGV[at + 17]
    local resource, action, issue = ARGV[at + 6], ARGV[at + 7], ARGV[at + 9]
    redis.call('HSET', delivery_prefix .. id,
        'integration', ARGV[at + 4], 'source', ARGV[at + 5], 'resource', resource, 'action', action,
        'subject', ARGV[at + 8], 'issue', issue, 'accepted', accepted, 'sent', ARGV[at + 11],
        'request_id', ARGV[at + 12], 'headers', ARGV[at + 13], 'size', ARGV[at + 14], 'encoding', ARGV[at + 15],
        'body', body, 'state', state, 'reason', ARGV[at + 18], 'secret', ARGV[at + 19])
    redis.call('ZADD', KEYS[1], accepted, id)
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', journal_length, '*', 'kind', 'accepted', 'delivery', id,
        'resource', resource, 'action', action, 'issue', issue, 'state', state, 'at', accepted, 'accepted', accepted)
    redis.call('INCRBY', KEYS[3], #body)
    if message ~= '' then
        redis.call('HSET', KEYS[5], id, message)
        redis.call('RPUSH', KEYS[4], id)
    end
end

local answers = {}
for at = 4, #ARGV, WIDTH do
    local id = ARGV[at]
    local holder = holder_of(id, ARGV[at + 1], ARGV[at + 2], ARGV[at + 10])
    if not holder then
        store(at)
        answers[#answers + 1] = ''
    elseif holder == id then
        answers[#answers + 1] = ''
    else
        if redis.call('EXISTS', delivery_prefix .. holder) == 1 then
            redis.call('HINCRBY', delivery_prefix .. holder, 'duplicates', 1)
        end
        answers[#answers + 1] = holder
    end
end
return answers
