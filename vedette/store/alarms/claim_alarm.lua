-- Claims one message that is due for the worker that calls, so that no other worker sends it.
--
-- KEYS  1 {vedette}:alarms
-- ARGV  1 token of the claim, 2 milliseconds for which it holds, 3 milliseconds after which an open alarm is notified again
--
-- Returns {name, 'begun' | 'lasting' | 'ended', alarm (JSON)}, or nothing where no message is due.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function due(alarm)
    if alarm.ended then
        return 'ended'
    end
    if alarm.notified == 0 then
        return 'begun'
    end
    return now - alarm.notified >= tonumber(ARGV[3]) and 'lasting' or nil
end

-- One that was altered by hand is removed, since it would keep all others from being notified.
local function decoded(text)
    local is_json, alarm = pcall(cjson.decode, text)
    local is_alarm = is_json and type(alarm) == 'table' and tonumber(alarm.notified) and tonumber(alarm.since)
    return is_alarm and alarm or {notified = 0, ended = 0}
end

local alarms = redis.call('HGETALL', KEYS[1])
for at = 1, #alarms, 2 do
    local name, alarm = alarms[at], decoded(alarms[at + 1])
    local is_claimed = alarm.claim and alarm.claimed_until > now
    local message = not is_claimed and not (alarm.retry and alarm.retry > now) and due(alarm)
    if message == 'ended' and alarm.notified == 0 then
        -- Its worker died before it notified anybody.
        redis.call('HDEL', KEYS[1], name)
    elseif message then
        alarm.claim, alarm.claimed_until, alarm.retry = ARGV[1], now + tonumber(ARGV[2]), nil
        local text = cjson.encode(alarm)
        redis.call('HSET', KEYS[1], name, text)
        return {name, message, text}
    end
end
return {}
