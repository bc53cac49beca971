-- Finds how people call issues, such as SHOP-4K, from their newest deliveries.
--
-- ARGV  two per issue: its tenant and its id
--
-- Returns one text per issue; empty where it is not known.

local NEWEST = 9
local labels = {}
for at = 1, #ARGV, 2 do
    local tenant, issue = ARGV[at], ARGV[at + 1]
    local subject, label = (tenant == '' and '' or tenant .. ' ') .. 'issue:' .. issue, ''
    for _, id in ipairs(redis.call('ZREVRANGE', SUBJECTS .. subject, 0, NEWEST)) do
        local known = redis.call('HGET', PREFIX .. 'delivery:' .. id, 'label')
        if known and known ~= '' and known ~= issue then
            label = known
            break
        end
    end
    labels[#labels + 1] = label
end
return labels
