-- The index of the audit; this text precedes the scripts that append to it or search it.
--
-- {vedette}:audit:KIND:NAME         sorted set of places in the stream by the numbers of the entries; KIND is handler,
--                                   issue (id, or short id in lower case), rule, project, delivery, or reads (of an agent)
-- {vedette}:audit:outcomes:PART     hash of the number of an entry to the place of its outcome

-- A small hash for so many entries takes a third of the memory of one large one.
local OUTCOMES_IN_PART = 100

local function outcomes_key(number)
    return '{vedette}:audit:outcomes:' .. string.format('%.0f', math.floor(number / OUTCOMES_IN_PART))
end

local function facts_of_entry(entry)
    local is_readable, facts = pcall(cjson.decode, entry)
    return is_readable and type(facts) == 'table' and facts or {}
end

local function text_of(value)
    return type(value) == 'string' and value or ''
end

-- The keys of the indexes that an entry belongs to.
local function audit_indexes(facts)
    local keys, known = {}, {}
    local function add(kind, name)
        local key = '{vedette}:audit:' .. kind .. ':' .. name
        if name ~= '' and not known[key] then
            known[key] = true
            keys[#keys + 1] = key
        end
    end
    if facts.kind == 'reads' then
        add('reads', text_of(facts.handler))
        return keys
    end
    local reason = text_of(facts.because)
    add('handler', text_of(facts.handler))
    add('rule', text_of(facts.rule) ~= '' and facts.rule or string.match(reason, '^rule (.*)$') or '')
    add('project', text_of(facts.project))
    add('delivery', text_of(facts.delivery))
    add('issue', string.lower(text_of(facts.issue)))
    add('issue', string.lower(text_of(facts.label)))
    for _, issue in ipairs(type(facts.issues) == 'table' and facts.issues or {}) do
        add('issue', string.lower(text_of(issue)))
    end
    return keys
end

local function index_entry(place, number, entry)
    local facts = facts_of_entry(entry)
    if facts.kind == 'outcome' then
        if type(facts.of) == 'number' then
            redis.call('HSET', outcomes_key(facts.of), string.format('%.0f', facts.of), place)
        end
        return
    end
    for _, key in ipairs(audit_indexes(facts)) do
        redis.call('ZADD', key, number, place)
    end
end

-- For an entry that is removed for its age, given as the list of its fields in the stream.
local function unindex_entry(place, fields)
    local values = {}
    for at = 1, #fields, 2 do
        values[fields[at]] = fields[at + 1]
    end
    local facts, number = facts_of_entry(values.entry or ''), tonumber(values.number) or 0
    for _, key in ipairs(audit_indexes(facts)) do
        redis.call('ZREM', key, place)
    end
    redis.call('HDEL', outcomes_key(number), string.format('%.0f', number))
end
