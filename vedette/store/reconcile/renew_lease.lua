-- Renews the lease of the process that sweeps, or gives it back.
--
-- KEYS[1] the lease
-- ARGV[1] its holder   ARGV[2] milliseconds for which it is held from now on; 0 to give it back
--
-- Returns 1 where the holder has it, 0 where another has, or nobody.

local lease = KEYS[1]
local holder, age = ARGV[1], tonumber(ARGV[2])

if redis.call('GET', lease) ~= holder then
    return 0
end
if age > 0 then
    redis.call('PEXPIRE', lease, age)
else
    redis.call('DEL', lease)
end
return 1
