-- Takes the steps of a write before it is sent, all of them or none: admits it, appends its entry to the audit, counts it
-- in its budgets, and notes it for its echoes.
--
-- KEYS[1] {vedette}:audit   KEYS[2] {vedette}:audit:head   KEYS[3] {vedette}:paused   KEYS[4] the principal's writes
-- KEYS[5...] for each issue of the budgets: the principal's writes to it, and all principals' writes to it; then for each
-- issue of the notes: our own writes to it
-- ARGV[1] to ARGV[8] the entry, as in append_audit.lua
-- ARGV[9] principal   ARGV[10] unique member of the budgets; empty for a write that is always admitted and not counted
-- ARGV[11] number of issues of the budgets   ARGV[12] writes an hour   ARGV[13] writes an hour and issue
-- ARGV[14] the same for all principals; -1 for no bound
-- ARGV[15] milliseconds for which a note is kept   ARGV[16] the note (a JSON object that is not empty)
-- ARGV[17...] for each issue of the notes: the note's id
--
-- Returns 1 and the state of the chain when the write may be sent; 0 and the state of the chain when the entry does not
-- follow the newest one; -1 and the refusal when the write may not be sent.

local audit_key, head_key, paused_key, writes_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local age, previous_hash, number, at, hash, entry = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local removed_number, removed_hash = ARGV[7], ARGV[8]
local principal, member, issues = ARGV[9], ARGV[10], tonumber(ARGV[11])
local bounds = {tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])}
local note_age, note, FIRST_NOTE = ARGV[15], ARGV[16], 17

local now = now_in_ms()
local issue_keys = {}
for index = 5, 4 + 2 * issues do
    issue_keys[#issue_keys + 1] = KEYS[index]
end
if member ~= '' then
    local refused = refusal(paused_key, principal, writes_key, issue_keys, bounds, now)
    if refused then
        return {-1, refused}
    end
end
if not follows(head_key, previous_hash, number, at) then
    return {0, chain_state(audit_key, head_key, age)}
end
append_entry(audit_key, head_key, age, number, hash, entry, removed_number, removed_hash)
if member ~= '' then
    count_write(writes_key, issue_keys, member, now)
end
for index = FIRST_NOTE, #ARGV do
    local key = KEYS[5 + 2 * issues + index - FIRST_NOTE]
    redis.call('HSET', key, ARGV[index], string.format('{"at":%.0f,', now) .. string.sub(note, 2))
    redis.call('PEXPIRE', key, note_age)
end
return {1, chain_state(audit_key, head_key, age)}
