-- Returns the messages of the batch for one channel; where there are none, the batch is closed.
--
-- KEYS  1 the delivery that opened the batch, 2 the batch
-- ARGV  1 milliseconds for which the batch stays open from now on

local opener_key, batch_key, open_for = KEYS[1], KEYS[2], ARGV[1]

local batch = redis.call('HGETALL', batch_key)
if #batch == 0 then
    redis.call('DEL', opener_key)
else
    redis.call('PEXPIRE', opener_key, open_for)
end
return batch
