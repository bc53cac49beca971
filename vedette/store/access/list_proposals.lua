-- Lists proposals, the newest first.
--
-- KEYS[1] {vedette}:proposals or {vedette}:proposals:decided
-- ARGV[1] how many at most   ARGV[2] score and ARGV[3] proposal to continue behind; absent at the beginning
--
-- Returns proposals and their scores.

local CHUNK = 100
local limit, from, behind = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local rank = from and redis.call('ZCOUNT', KEYS[1], '(' .. from, '+inf') or 0
local found = {}
while #found < 2 * limit do
    local chunk = redis.call('ZREVRANGE', KEYS[1], rank, rank + CHUNK - 1, 'WITHSCORES')
    if #chunk == 0 then
        break
    end
    rank = rank + CHUNK
    for at = 1, #chunk, 2 do
        local is_behind = not from or tonumber(chunk[at + 1]) < tonumber(from) or chunk[at] < behind
        if is_behind and #found < 2 * limit then
            found[#found + 1], found[#found + 2] = chunk[at], chunk[at + 1]
        end
    end
end
return found
