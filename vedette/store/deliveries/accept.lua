-- Stores deliveries and hands them to the workers: all of it or nothing.
--
-- KEYS  1 {vedette}:deliveries     sorted set of delivery ids by acceptance
--       2 {vedette}:journal        stream
--       3 {vedette}:stored         bytes of bodies and records kept
--       4 {vedette}:queue:fan_out        dramatiq's list of message ids
--       5 {vedette}:queue:fan_out.msgs   dramatiq's hash of message id -> message
-- ARGV  1 prefix of delivery hashes, 2 prefix of deduplication keys, 3 journal length,
--       4 '1' when they may have come before under their own ids: from the spool, after an answer that came too late;
--         '=N' for one rebuilt delivery, whose occurrence had N arrivals when it was found missing,
--       then two per delivery: its facts (MessagePack; `stored_record.py` has their order) and its body
--
-- Returns one text per delivery: empty when it is stored; the id of the delivery that it repeats; `=` and that id when it
-- is stored although the very same body was stored before, since that may happen in earnest; `!` for a rebuilt delivery
-- when another delivery of its occurrence has arrived meanwhile. A delivery that comes again under its own id is stored
-- already, not a repetition.

-- Each argument of a command costs here, in the memory and in the append-only file: so the facts stay packed but for those
-- that other scripts read, argument lists are written out rather than built, and numbers go to Redis as they are, which
-- prints whole ones exactly. With a field for each fact the script took half as long again.
local delivery_prefix, seen_prefix, journal_length = ARGV[1], ARGV[2], ARGV[3]
local expected_arrivals = tonumber(string.match(ARGV[4], '^=(%d+)$'))
local may_be_stored = ARGV[4] == '1' or expected_arrivals ~= nil

local ID, KEY, WINDOW, INTEGRATION, RESOURCE, ACTION, SUBJECT, ISSUE, ACCEPTED, STATE = 1, 2, 3, 4, 6, 7, 8, 9, 10, 16
local SENT = 11
-- Records that an older version spooled end before these.
local TENANT, SENT_KEY, SENT_WINDOW, BODY_KEY, RECURS, OCCURRENCE, HAPPENED, REBUILT = 19, 20, 21, 22, 23, 26, 27, 28

-- Integrations that share a secret do not share their bodies: fields are INTEGRATION:KEY.
local BODIES = '{vedette}:bodies'
-- So many characters of the keys of bodies that said the same as a delivery's own are remembered with it.
local MOST_VARIANTS = 512
-- Ten years.
local LONGEST_WINDOW = 315360000000

-- {vedette}:arrivals:INTEGRATION:OCCURRENCE, a sorted set by time: the id of each delivery of that occurrence as Sentry sent
-- it, `rebuilt ID` for one that was rebuilt, `matched ID` for a rebuilt one whose original has come since.
local ARRIVALS, KNOWN_ISSUES = '{vedette}:arrivals:', '{vedette}:known_issues:'
-- Milliseconds: how long arrivals are kept (reconcile.py has the same); how much earlier than the change its webhook may
-- be stamped, in whole seconds; and how much later, where the same may happen again.
local ARRIVALS_AGE, SKEW, REACH = 691200000, 5000, 3600000
local DAY = 86400000

local function accepted_of(delivery)
    return tonumber(redis.call('ZSCORE', KEYS[1], delivery) or nil)
end

-- The delivery that this body repeats, or nil and, where the body came before and may do so again, the one it came with.
-- A body under a resource that we do not know is a repetition of the same body under one that we do, and a quarantined one
-- of either; never the other way round, since the resource is not signed.
local function holder_of_body(id, key, facts)
    local rank = string.sub(key, -1)
    if rank == '?' or rank == '!' then
        local bare = string.sub(key, 1, -2)
        local better = redis.call('HGET', BODIES, bare) or rank == '!' and redis.call('HGET', BODIES, bare .. '?')
        if better then
            return better
        end
    end
    if redis.call('HSETNX', BODIES, key, id) == 1 then
        return nil
    end
    local holder = redis.call('HGET', BODIES, key)
    local before = holder ~= id and accepted_of(holder)
    if before and (not facts[RECURS] or facts[ACCEPTED] - before <= facts[WINDOW]) then
        return holder
    end
    redis.call('HSET', BODIES, key, id)
    return nil, before and holder or nil
end

-- A time that Redis refuses would refuse the delivery, and all that came with it.
local function bounded(window)
    return math.min(math.max(window, 1), LONGEST_WINDOW)
end

-- The delivery that holds one of the keys that are recognised for a time.
local function holder_of_key(id, name, window, accepted)
    window = bounded(window)
    if redis.call('SET', name, id, 'NX', 'PX', window) then
        return nil
    end
    local holder = redis.call('GET', name)
    -- What waited in the spool is compared by when it came, not by when it is stored.
    local before = holder ~= id and accepted_of(holder)
    if holder == id or before and accepted - before > window then
        redis.call('SET', name, id, 'PX', window)
        return nil
    end
    return holder
end

local function was_sent_with_key(delivery)
    local packed = redis.call('HGET', delivery_prefix .. delivery, 'facts')
    return packed and (cmsgpack.unpack(packed)[SENT_KEY] or '') ~= ''
end

local function holder_by_meaning(id, facts, sent)
    local name = seen_prefix .. facts[KEY]
    local holder = holder_of_key(id, name, facts[WINDOW], facts[ACCEPTED])
    if holder and facts[RECURS] and sent ~= '' and was_sent_with_key(holder) then
        -- It happened again: the sender calls them two deliveries, and their bodies differ.
        redis.call('SET', name, id, 'PX', bounded(facts[WINDOW]))
        return nil
    end
    return holder
end

-- When it happened, or was sent: by Sentry's clock, which also dates the history of issues, where the stamp can be true.
local function moment_of(facts)
    if (facts[HAPPENED] or 0) > 0 then
        return facts[HAPPENED]
    end
    local sent, accepted = (tonumber(facts[SENT]) or 0) * 1000, facts[ACCEPTED]
    return sent > accepted - DAY and sent < accepted + DAY and sent or accepted
end

local function arrivals_of(facts)
    return ARRIVALS .. facts[INTEGRATION] .. ':' .. facts[OCCURRENCE]
end

local function matched(name, holder, moment)
    redis.call('ZREM', name, 'rebuilt ' .. holder)
    redis.call('ZADD', name, moment, 'matched ' .. holder)
    return holder
end

-- Changes of an issue's status, of which none happens again unless another has come between.
local STATUS_CHANGES = {resolved = true, unresolved = true, archived = true}

-- Whether another change of the issue's status, or the same one, is known since a time.
local function has_changed_since(facts, action, issue, moment)
    for other in pairs(STATUS_CHANGES) do
        local name = ARRIVALS .. facts[INTEGRATION] .. ':issue.' .. other .. ' ' .. issue
        for _, member in ipairs(redis.pcall('ZRANGEBYSCORE', name, '(' .. moment, '+inf')) do
            if other ~= action or not string.find(member, ' ', 1, true) then
                return true
            end
        end
    end
    return false
end

-- The newest rebuilt delivery whose original this is although it comes later than REACH, or nil; then its arrival.
local function holder_of_late_original(facts, name, before)
    local action, issue = string.match(facts[OCCURRENCE], '^issue%.(%a+) (.+)$')
    if not STATUS_CHANGES[action or ''] or facts[KEY] == '' then
        return nil
    end
    local found = redis.pcall('ZREVRANGEBYSCORE', name, '(' .. before, '-inf', 'WITHSCORES')
    for at = 1, #found, 2 do
        -- Of one that is matched, this is the original once more, whose answer was lost.
        local holder = string.match(found[at], '^%a+ (.+)$')
        if holder then
            local packed = redis.call('HGET', delivery_prefix .. holder, 'facts')
            local same = packed and cmsgpack.unpack(packed)[KEY] == facts[KEY]
            if not same or has_changed_since(facts, action, issue, found[at + 1]) then
                return nil
            end
            return holder, found[at + 1]
        end
    end
    return nil
end

-- The rebuilt delivery whose original this is, or nil; no later delivery is then taken for its original.
local function holder_rebuilt_before(facts)
    local name, moment = arrivals_of(facts), moment_of(facts)
    local from = facts[RECURS] and moment - REACH or '-inf'
    local found = redis.pcall('ZREVRANGEBYSCORE', name, moment + SKEW, from, 'WITHSCORES')
    for at = 1, #found, 2 do
        local holder = string.match(found[at], '^rebuilt (.+)$')
        if holder then
            return matched(name, holder, found[at + 1])
        end
    end
    if facts[RECURS] then
        local holder, at = holder_of_late_original(facts, name, from)
        return holder and matched(name, holder, at)
    end
    return nil
end

-- The delivery by which a rebuilt one was here already, or nil: of the same happening, or of the object's only one.
local function holder_of_happening(id, facts)
    for _, member in ipairs(redis.call('ZRANGEBYSCORE', arrivals_of(facts), facts[HAPPENED], facts[HAPPENED])) do
        local holder = string.match(member, '^%a+ (.+)$')
        if holder then
            return holder
        end
    end
    if not facts[RECURS] and facts[KEY] ~= '' then
        return holder_of_key(id, seen_prefix .. facts[KEY], facts[WINDOW], facts[ACCEPTED])
    end
    return nil
end

-- A retry is serialised anew; its body, too, is then known for as long as the delivery is kept.
local function note_variant(holder, body, key)
    local name = delivery_prefix .. holder
    local variants = redis.call('HGET', name, 'variants') or ''
    if #variants < MOST_VARIANTS and redis.call('EXISTS', name) == 1 then
        redis.call('HSET', BODIES, body, holder)
        redis.call('HSET', name, 'variants', variants .. key .. ',')
    else
        redis.call('HDEL', BODIES, body)
    end
end

-- The delivery that this one repeats (itself when it is stored already), or nil; then the one that had the same body.
local function holder_of(id, facts)
    if may_be_stored and redis.call('EXISTS', delivery_prefix .. id) == 1 then
        return id
    end
    if (facts[HAPPENED] or 0) > 0 then
        return holder_of_happening(id, facts)
    end
    -- What cannot recur is known by its meaning for as long as by the sender's key, which then needs no key of its own.
    local body, sent, holder, again = facts[BODY_KEY] or '', facts[RECURS] and facts[SENT_KEY] or '', nil, nil
    if body ~= '' then
        body = facts[INTEGRATION] .. ':' .. body
        holder, again = holder_of_body(id, body, facts)
        if holder then
            return holder
        end
    end
    if sent ~= '' then
        -- It is not signed, so it reaches no further than its own subject.
        sent = seen_prefix .. facts[INTEGRATION] .. ':sent:' .. facts[RESOURCE] .. '.' .. facts[ACTION] .. ':'
            .. facts[SUBJECT] .. ':' .. sent
        holder = holder_of_key(id, sent, facts[SENT_WINDOW], facts[ACCEPTED])
    end
    if not holder and (facts[OCCURRENCE] or '') ~= '' then
        holder = holder_rebuilt_before(facts)
        if holder and sent == '' and facts[KEY] ~= '' then
            -- Its retries, which nothing else tells from it.
            redis.call('SET', seen_prefix .. facts[KEY], holder, 'PX', bounded(facts[WINDOW]))
        end
    end
    if not holder and facts[KEY] ~= '' then
        holder = holder_by_meaning(id, facts, sent)
    end
    if holder and sent ~= '' then
        redis.call('SET', sent, holder, 'PX', bounded(facts[SENT_WINDOW]))
    end
    if holder and body ~= '' then
        note_variant(holder, body, facts[BODY_KEY])
    end
    return holder, again
end

-- What goes into a key that all deliveries share is gathered here and written once, in order.
local index, by_resource, journal, queue, messages, bytes = {}, {}, {}, {}, {}, 0

-- What `fan_out_message` in messages.py writes; here it need not be sent.
local function message_of(id, accepted)
    return '{"queue_name":"fan_out","actor_name":"fan_out","args":["' .. id .. '"],"kwargs":{},"options":{"redis_message_id":"'
        .. id .. '"},"message_id":"' .. id .. '","message_timestamp":' .. string.format('%.0f', accepted) .. '}'
end

-- The subject with its tenant: issue 42 of one Sentry is not issue 42 of another.
local function subject_key_of(facts)
    local subject, tenant = facts[SUBJECT], facts[TENANT] or ''
    return (subject == '' or tenant == '') and subject or tenant .. ' ' .. subject
end

local known_issues = {}

local function note_arrival(id, facts)
    local name, is_rebuilt = arrivals_of(facts), (facts[HAPPENED] or 0) > 0
    -- A key of another type must not keep the delivery from being stored.
    redis.pcall('ZADD', name, moment_of(facts), is_rebuilt and 'rebuilt ' .. id or id)
    redis.pcall('PEXPIRE', name, ARRIVALS_AGE)
    if facts[ISSUE] ~= '' then
        local found = known_issues[facts[INTEGRATION]] or {}
        known_issues[facts[INTEGRATION]] = found
        found[#found + 1], found[#found + 2] = facts[ACCEPTED], facts[ISSUE]
    end
end

local function store(id, facts, packed, body)
    local resource, action, accepted, state = facts[RESOURCE], facts[ACTION], facts[ACCEPTED], facts[STATE]
    local subject = subject_key_of(facts)
    -- Each field costs 64 bytes: what other scripts read, and no more. One that is absent has its usual value.
    local key, name = delivery_prefix .. id, action == '' and resource or resource .. '.' .. action
    if subject == '' then
        redis.call('HSET', key, 'facts', packed, 'name', name, 'body', body)
    else
        redis.call('HSET', key, 'facts', packed, 'name', name, 'body', body, 'subject_key', subject)
    end
    if state ~= 'accepted' then
        redis.call('HSET', delivery_prefix .. id, 'state', state)
    end
    index[#index + 1], index[#index + 2] = accepted, id
    local of_resource = by_resource[resource] or {}
    by_resource[resource] = of_resource
    of_resource[#of_resource + 1], of_resource[#of_resource + 2] = accepted, id
    if (facts[REBUILT] or '') ~= '' then
        redis.call('ZADD', '{vedette}:rebuilt', accepted, id)
    end
    bytes = bytes + #body + #packed
    if (facts[OCCURRENCE] or '') ~= '' then
        note_arrival(id, facts)
    end
    journal[#journal + 1] = {id, resource, action, facts[ISSUE], accepted, state}
    if subject ~= '' then
        -- Deliveries of one subject are decided in this order; see plan.lua. A quarantined one is not decided.
        -- A key of another type must not keep the delivery, and those that came with it, from being stored.
        redis.pcall('ZADD', '{vedette}:subject:' .. subject, state == 'accepted' and 0 or accepted, id)
    end
    if state == 'accepted' then
        messages[#messages + 1], messages[#messages + 2] = id, message_of(id, accepted)
        queue[#queue + 1] = id
    end
end

local function count_repetition(id, earlier)
    local count = redis.call('HGET', delivery_prefix .. earlier, 'repetitions') or 0
    redis.call('HSET', delivery_prefix .. id, 'repetitions', count + 1)
end

local answers = {}
for at = 5, #ARGV, 2 do
    local facts = cmsgpack.unpack(ARGV[at])
    local id = facts[ID]
    local answer, holder, again = '', nil, nil
    local is_outdated = expected_arrivals and redis.call('EXISTS', delivery_prefix .. id) == 0
        and redis.call('ZCARD', arrivals_of(facts)) ~= expected_arrivals
    if not is_outdated then
        holder, again = holder_of(id, facts)
    end
    if is_outdated then
        answer = '!'
    elseif not holder or holder == id and redis.call('ZSCORE', KEYS[1], id) == false then
        -- New; or a script that failed half-way has stored the record and nothing else.
        store(id, facts, ARGV[at], ARGV[at + 1])
        if again then
            count_repetition(id, again)
            answer = '=' .. again
        end
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
    for resource, members in pairs(by_resource) do
        redis.pcall('ZADD', '{vedette}:resource:' .. resource, unpack(members))
    end
    redis.call('INCRBY', KEYS[3], bytes)
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', journal_length, '*', 'kind', 'accepted', 'deliveries',
        cmsgpack.pack(journal))
end
for integration, issues in pairs(known_issues) do
    redis.pcall('ZADD', KNOWN_ISSUES .. integration, unpack(issues))
end
if #queue > 0 then
    redis.call('HSET', KEYS[5], unpack(messages))
    redis.call('RPUSH', KEYS[4], unpack(queue))
end
return answers
