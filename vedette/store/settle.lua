-- Writes down how an attempt of a run ended, and closes the delivery when it was the last of its runs.
--
-- KEYS[1] {vedette}:run:ID:HANDLER   KEYS[2] {vedette}:delivery:ID   KEYS[3] {vedette}:journal
-- KEYS[4...] the runs of the delivery, this one included
-- ARGV[1] state (done, retrying, dead)   ARGV[2] now (ms)   ARGV[3] journal length   ARGV[4] what was done (JSON)
-- ARGV[5] error   ARGV[6] milliseconds of this attempt

local state, now, length, done, error, took = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
redis.call("hset", KEYS[1], "state", state, "ended", now, "did", done, "error", error, "took", took)
local run = redis.call("hmget", KEYS[1], "delivery", "handler", "attempts", "mode")
local facts = redis.call("hmget", KEYS[2], "resource", "action", "accepted", "label")
redis.call("xadd", KEYS[3], "MAXLEN", "~", length, "*", "kind", "ended", "delivery", run[1] or "",
    "handler", run[2] or "", "attempts", run[3] or 0, "mode", run[4] or "", "state", state, "did", done,
    "error", error, "took", took, "resource", facts[1] or "", "action", facts[2] or "", "accepted", facts[3] or now,
    "issue", facts[4] or "", "at", now)
for i = 4, #KEYS do
    local other = redis.call("hget", KEYS[i], "state")
    if other ~= "done" and other ~= "dead" then
        return 0
    end
end
if redis.call("exists", KEYS[2]) == 1 then
    redis.call("hset", KEYS[2], "finished", now)
end
return 1
