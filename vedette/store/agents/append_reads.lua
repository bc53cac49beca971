-- Stores a batch of an agent's reads, removes batches past their age, and counts the reads.
--
-- KEYS[1] {vedette}:agent_reads   KEYS[2] {vedette}:calls   KEYS[3] {vedette}:agent_usage:NAME
-- ARGV[1] agent   ARGV[2] digest of the batch   ARGV[3] the batch (JSON lines, zlib)   ARGV[4] milliseconds for which it is kept
-- ARGV[5] principal   ARGV[6] reads that were sent   ARGV[7...] name of an operation, and how often it was called
--
-- Returns the id of the batch.

local batches_key, calls_key, usage_key = KEYS[1], KEYS[2], KEYS[3]
local agent, digest, batch, age = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local principal, sent = ARGV[5], tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local id = redis.call('XADD', batches_key, '*', 'agent', agent, 'digest', digest, 'reads', batch)
redis.call('XTRIM', batches_key, 'MINID', '~', string.format('%.0f', math.max(0, now - age)))
redis.call('HINCRBY', calls_key, principal .. ' read', sent)
for at = 7, #ARGV, 2 do
    redis.call('HINCRBY', usage_key, ARGV[at], ARGV[at + 1])
end
redis.call('HSET', usage_key, 'last', string.format('%.0f', now))
return id
