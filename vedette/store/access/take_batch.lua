-- Gives what was gathered for one channel; where that is nothing, the time of gathering ends.
--
-- KEYS  1 who began it, 2 what is kept
-- ARGV  1 milliseconds that the beginning counts from now on

local kept = redis.call('HGETALL', KEYS[2])
if #kept == 0 then
    redis.call('DEL', KEYS[1])
else
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return kept
