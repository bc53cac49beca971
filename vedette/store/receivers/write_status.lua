-- Stores the report of one receiver, and the times of the latest deliveries of all.
--
-- KEYS  1 {vedette}:receivers
--       2 {vedette}:last_deliveries
-- ARGV  1 id of the receiver, 2 its report (JSON), 3 milliseconds after which a report is removed,
--       then in pairs: `INTEGRATION RESOURCE`, when the latest delivery was accepted

local receivers, last_deliveries = KEYS[1], KEYS[2]
local id, text, kept = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local report = cjson.decode(text)
local before = redis.call('HGET', receivers, id)
report.written = now
-- The first report says when it started, by the server's clock.
report.started = before and cjson.decode(before).started or now
for _, name in ipairs({'last', 'matched', 'quarantined'}) do
    -- An empty table would become a list.
    if report[name] and next(report[name]) == nil then
        report[name] = nil
    end
end
if report.rejected and #report.rejected == 0 then
    report.rejected = nil
end
redis.call('HSET', receivers, id, cjson.encode(report))

local all = redis.call('HGETALL', receivers)
for at = 1, #all, 2 do
    local is_readable, other = pcall(cjson.decode, all[at + 1])
    if not is_readable or not other.written or now - other.written > kept then
        redis.call('HDEL', receivers, all[at])
    end
end

for at = 4, #ARGV, 2 do
    local known = tonumber(redis.call('HGET', last_deliveries, ARGV[at]) or 0)
    if tonumber(ARGV[at + 1]) > known then
        redis.call('HSET', last_deliveries, ARGV[at], ARGV[at + 1])
    end
end
return now
