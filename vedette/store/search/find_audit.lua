-- Finds entries of the audit that are no outcomes, the newest first, each with its outcome.
--
-- ARGV  1 MessagePack of {limit, steps, from, since, until, names, with_reads}: how many entries at most; how many entries
--       to look at; {number, place in the stream} to continue behind, or {}; times (ms; until 0 for none); lists of KIND:NAME
--       of which an entry has to have one of each list; 1 when entries about reads are found, too
--
-- Returns {lists of {entry's fields, its outcome's fields or {}}, number and place to continue behind or {}}.

local AUDIT = PREFIX .. 'audit'
local query = cmsgpack.unpack(ARGV[1])
local limit, steps, since, till, names, with_reads = query[1], query[2], query[4], query[5], query[6], query[7] == 1
local from = #query[3] == 2 and query[3] or nil

local function entry_at(place)
    local found = redis.call('XRANGE', AUDIT, place, place)
    return found[1] and found[1][2] or {}
end

local function outcome_of(number)
    local place = redis.call('HGET', outcomes_key(number), number)
    return place and entry_at(place) or {}
end

local function size_of(keys)
    local size = 0
    for _, key in ipairs(keys) do
        size = size + redis.call('ZCARD', key)
    end
    return size
end

local conditions, narrowest = {}, nil
for _, list in ipairs(names) do
    local keys = {}
    for _, name in ipairs(list) do
        keys[#keys + 1] = AUDIT .. ':' .. name
        local handler = with_reads and string.match(name, '^handler:(.*)$')
        if handler then
            keys[#keys + 1] = AUDIT .. ':reads:' .. handler
        end
    end
    local condition = {keys = keys, size = size_of(keys)}
    conditions[#conditions + 1] = condition
    if not narrowest or condition.size < narrowest.size then
        narrowest = condition
    end
end

-- Walks through the stream itself, where there is no condition.
local function newest_places()
    local start, buffer, at = from and '(' .. from[2] or '+', {}, 1
    if till > 0 and not from then
        start = string.format('%.0f', till)
    end
    return function()
        if at > #buffer then
            buffer, at = redis.call('XREVRANGE', AUDIT, start, '-', 'COUNT', CHUNK), 1
            if #buffer == 0 then
                return nil
            end
            start = '(' .. buffer[#buffer][1]
        end
        at = at + 1
        return buffer[at - 1][1], 0, buffer[at - 1][2]
    end
end

local function indexed_places()
    local sources = {}
    for _, key in ipairs(narrowest.keys) do
        sources[#sources + 1] = ranged(key, 0, LATEST, 0, from)
    end
    return merged(sources)
end

local function value_of(fields, name)
    for at = 1, #fields, 2 do
        if fields[at] == name then
            return fields[at + 1]
        end
    end
    return ''
end

local function is_wanted(place, fields)
    for _, condition in ipairs(conditions) do
        if condition ~= narrowest and not is_in_any(condition.keys, place) then
            return false
        end
    end
    if narrowest then
        return true
    end
    local is_readable, facts = pcall(cjson.decode, value_of(fields, 'entry'))
    local kind = is_readable and type(facts) == 'table' and facts.kind
    return kind ~= 'outcome' and (kind ~= 'reads' or with_reads)
end

local next_place = narrowest and indexed_places() or newest_places()
local found, looked, last, last_number = {}, 0, nil, nil
while #found < limit and looked < steps do
    local place, number, known = next_place()
    local time = place and tonumber(string.match(place, '^%d+'))
    if not place or time < since then
        return {found, {}}
    end
    looked = looked + 1
    if place ~= last and (till == 0 or time <= till) then
        local fields = known or entry_at(place)
        if #fields > 0 and is_wanted(place, fields) then
            found[#found + 1] = {fields, outcome_of(tonumber(value_of(fields, 'number')) or 0)}
        end
    end
    last, last_number = place, number
end
return {found, last and {string.format('%.0f', last_number), last} or {}}
