-- Finds deliveries, the newest first.
--
-- ARGV  1 MessagePack of {limit, steps, from, since, until, issue, tenants, rule, resource, is_rebuilt, handler, codes,
--       has_codes}: how many deliveries at most; how many members of an index to look at; {time, delivery} to continue
--       behind, or {}; times of acceptance (ms; until 0 for none); conditions, '' for none; codes of runs, see CODES
--
-- Returns {deliveries, time and delivery to continue behind or {}, how many members were looked at}.

local query = cmsgpack.unpack(ARGV[1])
local limit, steps = query[1], query[2]
local from = #query[3] == 2 and query[3] or nil
local since, till = query[4], query[5] > 0 and query[5] or LATEST
local issue, tenants, rule, resource, is_rebuilt, handler = query[6], query[7], query[8], query[9], query[10], query[11]
local codes, has_codes = query[12], query[13]

local function count(key, base)
    return redis.call('ZCOUNT', key, string.format('%.0f', base + since), string.format('%.0f', base + till))
end

local function by_time(key)
    return ranged(key, since, till, 0, from)
end

-- Each condition: {how many members its index has, the sources of its members, whether it holds for a delivery}.
local conditions = {}

local function add_index(key)
    conditions[#conditions + 1] = {size = count(key, 0),
        sources = function() return {by_time(key)} end,
        holds = function(id) return redis.call('ZSCORE', key, id) end}
end

local function add_issue()
    local keys, size = subjects_of(issue, tenants), 0
    for _, key in ipairs(keys) do
        size = size + redis.call('ZCARD', key)
    end
    local function sources()
        local found = {}
        for _, key in ipairs(keys) do
            found[#found + 1] = ranged(key, math.max(since, 1), till, 0, from)
            local undecided = {}
            for _, id in ipairs(redis.call('ZREVRANGEBYSCORE', key, 0, 0, 'LIMIT', 0, steps)) do
                local time = time_of(id)
                if time <= till then
                    undecided[#undecided + 1], undecided[#undecided + 2] = id, time
                end
            end
            found[#found + 1] = listed(undecided, since, from)
        end
        return found
    end
    conditions[#conditions + 1] = {size = size, sources = sources, holds = function(id) return is_in_any(keys, id) end}
end

local function add_runs()
    local names, size, ranges = handler ~= '' and {handler} or redis.call('SMEMBERS', PREFIX .. 'handlers'), 0, {}
    local chosen, is_chosen = has_codes and codes or ALL_CODES, {}
    for _, code in ipairs(chosen) do
        is_chosen[code] = true
        for _, name in ipairs(names) do
            local key, base = RUNS .. name, code * SPAN
            local members = count(key, base)
            if members > 0 then
                size = size + members
                ranges[#ranges + 1] = {key, base}
            end
        end
    end
    local function sources()
        local found = {}
        for _, range in ipairs(ranges) do
            found[#found + 1] = ranged(range[1], range[2] + since, range[2] + till, range[2], from)
        end
        return found
    end
    local function holds(id)
        local runs = redis.call('HGET', PREFIX .. 'delivery:' .. id, 'runs') or ''
        for run in string.gmatch(runs, '[^,]+') do
            local name = handler_of(run)
            if handler == '' or handler == name then
                local score = redis.call('ZSCORE', RUNS .. name, member_of(id, run))
                if score and is_chosen[math.floor(tonumber(score) / SPAN)] then
                    return true
                end
            end
        end
        return false
    end
    conditions[#conditions + 1] = {size = size, sources = sources, holds = holds}
end

if issue ~= '' then
    add_issue()
end
if rule ~= '' then
    add_index(RULES .. rule)
end
if handler ~= '' or has_codes then
    add_runs()
end
if resource ~= '' then
    add_index(RESOURCES .. resource)
end
if is_rebuilt then
    add_index(PREFIX .. 'rebuilt')
end

local narrowest
for _, condition in ipairs(conditions) do
    if not narrowest or condition.size < narrowest.size then
        narrowest = condition
    end
end

local next_member = merged(narrowest and narrowest.sources() or {by_time(PREFIX .. 'deliveries')})

local function holds(id)
    for _, condition in ipairs(conditions) do
        if condition ~= narrowest and not condition.holds(id) then
            return false
        end
    end
    return true
end

local found, looked, last, last_time = {}, 0, nil, nil
while #found < limit and looked < steps do
    local member, time = next_member()
    if not member then
        return {found, {}, looked}
    end
    looked = looked + 1
    local id = string.match(member, '^[^@]*')
    -- A delivery comes once for each of its runs, one after the other.
    if id ~= last and holds(id) then
        found[#found + 1] = id
    end
    last, last_time = id, time
end
return {found, last and {string.format('%.0f', last_time), last} or {}, looked}
