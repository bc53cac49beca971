-- Functions on pauses and budgets, for the scripts that admit writes.

local HOUR = 3600000

-- A pause that cannot be read holds: somebody altered it by hand, and meant one.
local function has_ended(paused, now)
    local is_read, values = pcall(cjson.decode, paused)
    local till = is_read and type(values) == 'table' and tonumber(values['until'])
    return till and till <= now
end

-- Returns nothing for a write that may be sent; else who paused it, as {'paused', JSON}, or the budget that is used up, as
-- {'hour', 'issue' or 'circle', the bound, milliseconds until the oldest counted write is an hour old}.
--
-- issue_keys has for each issue the principal's writes to it, and all principals' writes to it. bounds are writes an hour,
-- writes an hour and issue, and the same for all principals; -1 for no bound.
local function refusal(paused_key, principal, writes_key, issue_keys, bounds, now)
    for _, who in ipairs({'*', principal}) do
        local paused = redis.call('HGET', paused_key, who)
        if paused and not has_ended(paused, now) then
            return {'paused', paused}
        end
    end

    local function used_up(key, bound)
        redis.call('ZREMRANGEBYSCORE', key, '-inf', now - HOUR)
        return bound >= 0 and redis.call('ZCARD', key) >= bound
    end

    local function denied(verdict, key, bound)
        local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
        return {verdict, tostring(bound), oldest and tonumber(oldest) + HOUR - now or HOUR}
    end

    if used_up(writes_key, bounds[1]) then
        return denied('hour', writes_key, bounds[1])
    end
    for at = 1, #issue_keys, 2 do
        if used_up(issue_keys[at], bounds[2]) then
            return denied('issue', issue_keys[at], bounds[2])
        end
        if used_up(issue_keys[at + 1], bounds[3]) then
            return denied('circle', issue_keys[at + 1], bounds[3])
        end
    end
end

local function count_write(writes_key, issue_keys, member, now)
    redis.call('ZADD', writes_key, now, member)
    redis.call('PEXPIRE', writes_key, HOUR)
    for _, key in ipairs(issue_keys) do
        redis.call('ZADD', key, now, member)
        redis.call('PEXPIRE', key, HOUR)
    end
end
