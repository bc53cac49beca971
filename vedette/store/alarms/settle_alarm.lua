-- Records that the message of a claim was sent, or that it is to be tried again later.
--
-- KEYS  1 {vedette}:alarms
-- ARGV  1 name of the alarm, 2 token of the claim, 3 the message: 'begun' | 'lasting' | 'ended',
--       4 milliseconds after which to try again, or -1 when it was sent
--
-- Returns 1 when the claim still held.

local text = redis.call('HGET', KEYS[1], ARGV[1])
local alarm = text and cjson.decode(text)
if not alarm or alarm.claim ~= ARGV[2] then
    return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local message, wait = ARGV[3], tonumber(ARGV[4])
alarm.claim, alarm.claimed_until = nil, nil
if wait >= 0 then
    alarm.failures = (alarm.failures or 0) + 1
    alarm.retry = now + wait
    if alarm.ended and alarm.notified == 0 then
        redis.call('HDEL', KEYS[1], ARGV[1])
        return 1
    end
elseif message ~= 'ended' then
    alarm.notified, alarm.failures = now, nil
elseif alarm.ended then
    redis.call('HDEL', KEYS[1], ARGV[1])
    return 1
else
    -- It came back while people were notified of its end.
    alarm.notified, alarm.since, alarm.failures = 0, now, nil
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(alarm))
return 1
