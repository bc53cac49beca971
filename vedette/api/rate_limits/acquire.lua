-- Acquires a slot for a call. Returns {1, 0, 0}, or {0, microseconds until the next try, 1 where a 429 holds all calls back}.
--
-- KEYS of one bucket of one account, all under {vedette}:limit:ACCOUNT:BUCKET:
--   1 state    hash    limit, concurrent: as Sentry last said; pace: when the next slot is; hold: nothing before
--   2 grants   zset    calls of the last window, by the time they went out
--   3 flying   zset    calls that have no answer yet, by the time they went out
--   4 waiting  zset    "LANE:PROCESS" that wait, by the time until which that counts
-- ARGV: lane, process, lease, limit and concurrent where Sentry has not said any, window (microseconds),
--       share of the allowance to use, longest life of a lease (microseconds)
--
-- Sentry counts in windows whose edges we cannot know exactly. So calls go out evenly, a little slower than allowed,
-- and never more of them in any stretch of a window's length than one window allows. A person's call does not wait for
-- its slot: it goes at once, out of a small reserve, and the slots of the others move back. Agents call as fast as they
-- are answered, so they leave a quarter of the window and of the concurrent calls, and half of a burst, to handlers.

local state, grants, flying, waiting = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local lane, process, lease = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local default_limit, default_concurrent = tonumber(ARGV[4]), tonumber(ARGV[5])
local window, share, life = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local AGENT = 2
local me = lane .. ':' .. process

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local known = redis.call('HMGET', state, 'limit', 'concurrent', 'pace', 'hold')
local limit = tonumber(known[1]) or default_limit
local concurrent = tonumber(known[2]) or default_concurrent
local pace = tonumber(known[3] or 0)
local hold = tonumber(known[4] or 0)
local interval = window / (limit * share)

local function wait(microseconds, held)
  microseconds = math.ceil(math.max(microseconds, 1000))
  redis.call('ZADD', waiting, now + microseconds + 50000, me)
  redis.call('PEXPIRE', waiting, 60000)
  return {0, microseconds, held or 0}
end

-- No hold is longer than a minute; one that seems so was written before the server's clock was set back.
if hold > now and hold <= now + 60000000 then
  return wait(hold - now, 1)
end

redis.call('ZREMRANGEBYSCORE', waiting, 0, now)
for _, other in ipairs(redis.call('ZRANGE', waiting, 0, -1)) do
  if tonumber(string.sub(other, 1, 1)) < lane then
    return wait(interval / 2)
  end
end

redis.call('ZREMRANGEBYSCORE', flying, 0, now - life)
if concurrent > 0 then
  local room = concurrent
  if lane > 0 and concurrent > 2 then
    room = concurrent - 1
  end
  if lane == AGENT then
    room = room - math.floor(concurrent / 4)
  end
  if redis.call('ZCARD', flying) >= room then
    return wait(10000)
  end
end

redis.call('ZREMRANGEBYSCORE', grants, 0, now - window)
local most = limit
if lane > 0 and limit >= 10 then
  most = limit - 1
end
if lane == AGENT then
  most = most - math.floor(limit / 4)
end
local sent = redis.call('ZCARD', grants)
if sent >= most then
  local first = redis.call('ZRANGE', grants, sent - most, sent - most, 'WITHSCORES')
  return wait(first[2] + window - now)
end

local burst = interval * math.floor(limit / (lane == AGENT and 8 or 4))
if lane > 0 and pace - burst > now then
  return wait(pace - burst - now)
end

redis.call('HSET', state, 'pace', string.format('%.0f', math.max(pace, now) + interval))
redis.call('ZADD', grants, now, lease)
redis.call('ZADD', flying, now, lease)
redis.call('ZREM', waiting, me)
redis.call('PEXPIRE', state, 3600000)
redis.call('PEXPIRE', grants, math.ceil(window / 1000) + 1000)
redis.call('PEXPIRE', flying, math.ceil(life / 1000) + 1000)
return {1, 0, 0}
