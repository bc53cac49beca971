-- Releases the slot of a call that was answered, and records the limits of the answer for all processes.
--
-- KEYS as in acquire.lua: 1 state, 2 flying; 3 holds, a hash: account and bucket -> microseconds until which calls wait
-- ARGV: lease, limit and concurrent as the answer says ("" where it does not), microseconds for which nothing may go
-- out, account and bucket as one text

local state, flying, holds = KEYS[1], KEYS[2], KEYS[3]
local lease, limit, concurrent, pause, bucket = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

redis.call('ZREM', flying, lease)
if limit ~= '' then
  redis.call('HSET', state, 'limit', limit, 'concurrent', concurrent == '' and '0' or concurrent)
end
if pause > 0 then
  local time = redis.call('TIME')
  local hold = time[1] * 1000000 + time[2] + pause
  if hold > tonumber(redis.call('HGET', state, 'hold') or 0) then
    redis.call('HSET', state, 'hold', string.format('%.0f', hold))
    redis.call('HSET', holds, bucket, string.format('%.0f', hold))
    redis.call('PEXPIRE', holds, 3600000)
  end
end
redis.call('PEXPIRE', state, 3600000)
return 1
