-- A call has its answer: its place in flight is free, and what the answer says of the limit is known to all processes.
--
-- KEYS as in acquire.lua: 1 state, 2 flying; 3 holds, a hash: account and bucket -> microseconds until which calls wait
-- ARGV: lease, limit and concurrent as the answer says ("" where it does not), microseconds for which nothing may go
-- out, account and bucket as one text

redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], 'limit', ARGV[2], 'concurrent', ARGV[3] == '' and '0' or ARGV[3])
end
local pause = tonumber(ARGV[4])
if pause > 0 then
  local time = redis.call('TIME')
  local hold = time[1] * 1000000 + time[2] + pause
  if hold > tonumber(redis.call('HGET', KEYS[1], 'hold') or 0) then
    redis.call('HSET', KEYS[1], 'hold', string.format('%.0f', hold))
    redis.call('HSET', KEYS[3], ARGV[5], string.format('%.0f', hold))
    redis.call('PEXPIRE', KEYS[3], 3600000)
  end
end
redis.call('PEXPIRE', KEYS[1], 3600000)
return 1
