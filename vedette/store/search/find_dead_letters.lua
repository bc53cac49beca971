-- Finds dead letters, those that ended last first.
--
-- ARGV  1 MessagePack of {limit, steps, from, since, until, issue, tenants, resource, handler, codes, has_codes}: as in
--       find_deliveries.lua, but with times of the end, and DELIVERY:HANDLER in `from`
--
-- Returns {dead letters, time and dead letter to continue behind or {}, how many were looked at}.

local query = cmsgpack.unpack(ARGV[1])
local limit, steps = query[1], query[2]
local from = #query[3] == 2 and query[3] or nil
local since, till = query[4], query[5] > 0 and query[5] or LATEST
local issue, tenants, resource, handler, codes, has_codes = query[6], query[7], query[8], query[9], query[10], query[11]
local subjects = issue ~= '' and subjects_of(issue, tenants) or {}
local is_chosen = {}
for _, code in ipairs(codes) do
    is_chosen[code] = true
end

local function holds(delivery, run)
    local name = handler_of(run)
    if handler ~= '' and handler ~= name or issue ~= '' and not is_in_any(subjects, delivery)
        or resource ~= '' and not redis.call('ZSCORE', RESOURCES .. resource, delivery) then
        return false
    end
    local score = has_codes and redis.call('ZSCORE', RUNS .. name, member_of(delivery, run))
    return not has_codes or score and is_chosen[math.floor(tonumber(score) / SPAN)]
end

local next_member = merged({ranged(DEAD, since, till, 0, from)})
local found, looked, last, last_time = {}, 0, nil, nil
while #found < limit and looked < steps do
    local member, time = next_member()
    if not member then
        return {found, {}, looked}
    end
    looked = looked + 1
    local delivery, run = string.match(member, '^([^:]*):(.*)$')
    if delivery and holds(delivery, run) then
        found[#found + 1] = member
    end
    last, last_time = member, time
end
return {found, last and {string.format('%.0f', last_time), last} or {}, looked}
