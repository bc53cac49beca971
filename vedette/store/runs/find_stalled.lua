-- Reports which of some deliveries are stalled, and changes nothing.
--
-- ARGV  ids of deliveries
--
-- Returns a flat list of delivery, run (or ''), problem, what tells this from a later stall.

local found = {}
for _, delivery in ipairs(ARGV) do
    for _, one in ipairs(problems_of(delivery) or {}) do
        found[#found + 1] = delivery
        for _, part in ipairs(one) do
            found[#found + 1] = part
        end
    end
end
return found
