-- Records the outcome of an attempt and what follows, in one step: the next attempt's time, or the end of the run.
--
-- ARGV  1 delivery, 2 handler, 3 token of the attempt, 4 state (retrying, or one of the final ones), 5 what was done
--       (JSON), 6 error, 7 traceback, 8 milliseconds that the attempt took, 9 milliseconds until the next one,
--       10 1 when this attempt does not count, 11 name of the bug it ended with or '', 12 how often in a row,
--       13 milliseconds for which a failing run may hold its subject, 14 journal length,
--       15 the worker's tokens as JSON (integration -> fingerprint) when Sentry refused one; else '',
--       16 effect or '', 17 rules that matched and 18 numbers of audit entries (JSON lists, '' for none), 19 why other rules
--       did not match, in short
--
-- Returns {1 when it was the run's current attempt, 1 when the delivery is finished with it}.

local delivery, handler, token, state, did, failure, trace = unpack(ARGV, 1, 7)
local took, wait, is_postponed, bug, bugs, hold, journal_length = ARGV[8], ARGV[9], ARGV[10] == '1', unpack(ARGV, 11, 14)
local tokens, effect, rules, audit, reasons = unpack(ARGV, 15, 19)
local key = run_key(delivery, handler)
local now = milliseconds()
local run = redis.call('HMGET', key, 'attempt_token', 'state', 'subject', 'first', 'next', 'next_data', 'held', 'rules',
    'history', 'effect', 'audit', 'reasons')
local subject = run[3] or ''
if run[1] ~= token or run[2] ~= 'running' then
    return {0, 0}
end
redis.call('HSET', key, 'state', state, 'ended', now, 'did', did, 'error', failure, 'trace', trace,
    'took', took, 'bug', bug, 'bugs', bugs)
effect = effect ~= '' and effect or EFFECTS[state] or ''
-- Most runs have none of these, and a field costs memory.
for at, field in ipairs({{'effect', effect, run[10]}, {'audit', audit, run[11]}, {'reasons', reasons, run[12]}}) do
    if field[2] ~= '' then
        redis.call('HSET', key, field[1], field[2])
    elseif field[3] then
        redis.call('HDEL', key, field[1])
    end
end
index_rules(delivery, key, rules, run[8])
index_run(delivery, handler, state, effect)
if state == 'retrying' or run[9] then
    note_attempt(key, run[9], state, now, took, failure)
end
free_slot(delivery, handler, now)
record_end(delivery, handler, state, now, journal_length)
if tokens ~= '' then
    -- It failed for the token, and has used up nothing.
    redis.call('HINCRBY', key, 'attempts', -1)
    local refused = refused_integration(delivery, tokens)
    if refused then
        wait_for_token(delivery, handler, refused, now)
    else
        -- The token works again, or its refusal is not recorded yet.
        schedule_run(delivery, handler, now + tonumber(wait), now)
    end
    return {1, 0}
end
if state == 'retrying' then
    local due = now + tonumber(wait)
    if is_postponed then
        redis.call('HINCRBY', key, 'attempts', -1)
        redis.call('HINCRBY', key, 'postponed', 1)
    end
    schedule_run(delivery, handler, due, now)
    if due - tonumber(run[4] or now) - tonumber(run[7] or 0) > tonumber(hold) then
        redis.call('HSET', key, 'reason', 'lets later ones by')
        leave_order(delivery, handler, subject, now)
    end
    return {1, 0}
end
if KEPT[state] then
    redis.call('ZADD', DEAD, now, delivery .. ':' .. handler)
    if redis.call('EXISTS', PREFIX .. 'delivery:' .. delivery) == 1 then
        redis.call('HINCRBY', PREFIX .. 'delivery:' .. delivery, 'dead', 1)
    end
end
leave_order(delivery, handler, subject, now)
if run[5] and not KEPT[state] then
    -- It asked for itself again.
    defer_run(delivery, handler, tonumber(run[5]), run[6], now)
    return {1, 0}
end
return {1, close(delivery, now)}
