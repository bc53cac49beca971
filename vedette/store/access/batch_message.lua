-- Opens a batch of messages to one channel, or adds a message to the batch that is open.
--
-- KEYS  1 the delivery that opened the batch, 2 the batch
-- ARGV  1 delivery, 2 message (JSON), 3 milliseconds for which the batch is open, 4 the number of messages kept whole
--
-- Returns 1 where this delivery opens the batch (again, if its attempt is repeated), 0 where the message is added.

local opener_key, batch_key = KEYS[1], KEYS[2]
local delivery, message, open_for, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local DAY = 86400000

local opener = redis.call('GET', opener_key)
if not opener or opener == delivery then
    redis.call('SET', opener_key, delivery, 'PX', open_for)
    return 1
end
if redis.call('HLEN', batch_key) < most or redis.call('HEXISTS', batch_key, delivery) == 1 then
    redis.call('HSET', batch_key, delivery, message)
else
    redis.call('HINCRBY', batch_key, 'more', 1)
end
redis.call('PEXPIRE', batch_key, DAY)
return 0
