-- Stores deliveries and hands them to the workers: all of it or nothing.
--
-- KEYS  1 {vedette}:deliveries     sorted set of delivery ids by acceptance
--       2 {vedette}:journal        stream
--       3 {vedette}:stored         bytes of bodies kept
--       4 {vedette}:queue:fan_out        dramatiq's list of message ids
--       5 {vedette}:queue:fan_out.msgs   dramatiq's hash of message id -> message
-- ARGV  1 prefix of delivery hashes, 2 prefix of deduplication keys, 3 journal length,
--       4 '1' when they may have come before under their own ids: from the spool, after an answer that came too late,
--       then two per delivery: its facts (MessagePack; `facts.py` has their order) and its body
--
-- Returns one text per delivery: empty when it is stored, else the id of the delivery that it repeats. A delivery that
-- comes again under its own id is stored already, not a repetition.

-- Each argument of a command costs here, in the memory and in the append-only file: so the facts stay packed but for those
-- that other scripts read, argument lists are written out rather than built, and numbers go to Redis as they are, which
-- prints whole ones exactly. With a field for each fact the script took half as long again.
local delivery_prefix, seen_prefix, journal_length = ARGV[1], ARGV[2], ARGV[3]
local may_be_stored = ARGV[4] == '1'

local function itself_if_stored(id)
    return may_be_stored and redis.call('EXISTS', delivery_prefix .. id) == 1 and id
end

local function holder_of(id, key, window, accepted)
    if key == '' then
        return itself_if_stored(id)
    end
    local name = seen_prefix .. key
    if redis.call('SET', name, id, 'NX', 'PX', window) then
        -- The key may have expired since the delivery was stored.
        return itself_if_stored(id)
    end
    local holder = redis.call('GET', name)
    -- What waited in the spool is compared by when it came, not by when it is stored.
    local before = holder ~= id and redis.call('HGET', delivery_prefix .. holder, 'accepted')
    if before and accepted - before > window then
        redis.call('SET', name, id, 'PX', window)
        return itself_if_stored(id)
    end
    return holder
end

-- What goes into a key that all deliveries share is gathered here and written once, in order.
local index, journal, queue, messages, bytes = {}, {}, {}, {}, 0

-- What `fan_out_message` in messages.py writes; here it need not be sent.
local function message_of(id, accepted)
    return '{"queue_name":"fan_out","actor_name":"fan_out","args":["' .. id .. '"],"kwargs":{},"options":{"redis_message_id":"'
        .. id .. '"},"message_id":"' .. id .. '","message_timestamp":' .. string.format('%.0f', accepted) .. '}'
end

local function store(id, facts, packed, body)
    local resource, action, accepted = facts[6], facts[7], facts[10]
    redis.call('HSET', delivery_prefix .. id, 'facts', packed, 'resource', resource, 'action', action,
        'subject', facts[8], 'accepted', accepted, 'state', facts[16], 'body', body)
    index[#index + 1], index[#index + 2] = accepted, id
    bytes = bytes + #body
    journal[#journal + 1] = {id, resource, action, facts[9], accepted, facts[16]}
    if facts[16] == 'accepted' then
        if facts[8] ~= '' then
            -- Deliveries of one subject are decided in this order; see plan.lua.
            -- A key of another type must not keep the delivery, and those that came with it, from being stored.
            redis.pcall('ZADD', '{vedette}:undecided:' .. facts[8], 0, id)
        end
        messages[#messages + 1], messages[#messages + 2] = id, message_of(id, accepted)
        queue[#queue + 1] = id
    end
end

local answers = {}
for at = 5, #ARGV, 2 do
    local facts = cmsgpack.unpack(ARGV[at])
    local id = facts[1]
    local holder = holder_of(id, facts[2], facts[3], facts[10])
    local answer = ''
    if not holder or holder == id and redis.call('ZSCORE', KEYS[1], id) == false then
        -- New; or a script that failed half-way has stored the record and nothing else.
        store(id, facts, ARGV[at], ARGV[at + 1])
    elseif holder ~= id then
        if redis.call('EXISTS', delivery_prefix .. holder) == 1 then
            redis.call('HINCRBY', delivery_prefix .. holder, 'duplicates', 1)
        end
        answer = holder
    end
    answers[#answers + 1] = answer
end
if #index > 0 then
    redis.call('ZADD', KEYS[1], unpack(index))
    redis.call('INCRBY', KEYS[3], bytes)
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', journal_length, '*', 'kind', 'accepted', 'deliveries',
        cmsgpack.pack(journal))
end
if #queue > 0 then
    redis.call('HSET', KEYS[5], unpack(messages))
    redis.call('RPUSH', KEYS[4], unpack(queue))
end
return answers
