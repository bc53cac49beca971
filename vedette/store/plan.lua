-- Decides a delivery: one run and one message per handler, all or nothing, and only once however often it is asked.
--
-- KEYS[1] {vedette}:delivery:ID      KEYS[2] {vedette}:queue:run      KEYS[3] {vedette}:queue:run.msgs
-- KEYS[4] {vedette}:journal          KEYS[5...] {vedette}:run:ID:HANDLER, one per handler
-- ARGV[1] delivery id   ARGV[2] now (ms)   ARGV[3] journal length   ARGV[4] issue's label
-- ARGV[5...] handler, mode, message: three per handler
--
-- Returns how many runs were new.

local delivery, now, length, label = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local names, new = {}, 0
for i = 5, #KEYS do
    local at = 5 + (i - 5) * 3
    local handler, mode, message = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    names[#names + 1] = handler
    if redis.call("exists", KEYS[i]) == 0 then
        new = new + 1
        redis.call("hset", KEYS[i], "delivery", delivery, "handler", handler, "mode", mode, "state", "queued",
            "queued", now, "attempts", 0)
        local id = delivery .. ":" .. handler
        redis.call("hset", KEYS[3], id, message)
        redis.call("rpush", KEYS[2], id)
    end
end
local decided = redis.call("hexists", KEYS[1], "runs")
redis.call("hset", KEYS[1], "runs", table.concat(names, ","), "label", label)
if #names == 0 then
    redis.call("hsetnx", KEYS[1], "finished", now)
end
if decided == 0 then
    local facts = redis.call("hmget", KEYS[1], "resource", "action", "accepted")
    redis.call("xadd", KEYS[4], "MAXLEN", "~", length, "*", "kind", "decided", "delivery", delivery,
        "handlers", #names, "resource", facts[1] or "", "action", facts[2] or "", "accepted", facts[3] or now,
        "issue", label, "at", now)
end
return new
