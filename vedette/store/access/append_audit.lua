-- Appends an entry to the audit if it follows the newest one, and counts the call that it is about.
--
-- KEYS[1] {vedette}:audit   KEYS[2] {vedette}:audit:head   KEYS[3] {vedette}:calls
-- ARGV[1] milliseconds after which an entry is removed   ARGV[2] hash of the entry that this one follows
-- ARGV[3] its own number   ARGV[4] its own time (ms)   ARGV[5] its own hash   ARGV[6] the entry (JSON)
-- ARGV[7] number and ARGV[8] hash of the newest entry that it removes, or 0 and an empty text
-- ARGV[9] the counter, or an empty text
--
-- Returns 1 when it was appended, or 0 when another one was appended meanwhile or its time is not this server's; and the
-- state of the chain, which the next entry follows.

local audit_key, head_key, calls_key = KEYS[1], KEYS[2], KEYS[3]
local age, previous_hash, number, at, hash, entry = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local removed_number, removed_hash, counter = ARGV[7], ARGV[8], ARGV[9]

if not follows(head_key, previous_hash, number, at) then
    return {0, chain_state(audit_key, head_key, age)}
end
append_entry(audit_key, head_key, age, number, hash, entry, removed_number, removed_hash)
if counter ~= '' then
    redis.call('HINCRBY', calls_key, counter, 1)
end
return {1, chain_state(audit_key, head_key, age)}
