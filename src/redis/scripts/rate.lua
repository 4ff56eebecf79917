-- Generic cell rate algorithm. KEYS[1] when the quota will be whole again, in microseconds.
-- ARGV: microseconds between two, microseconds for all of them, and what to do: 1 takes one, 0 looks only, -1 gives one back.
-- Gives the microseconds to wait; 0 when granted.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, window, takes = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('GET', KEYS[1])
-- Not before now; and not beyond one window, even if this clock was set back or the quota was longer before.
local whole_at = math.min(math.max(tonumber(known or now), now), now + window)
if takes < 0 then
    whole_at = whole_at - interval
    if not known then
        return 0
    end
    if whole_at <= now then
        redis.call('DEL', KEYS[1])
        return 0
    end
else
    whole_at = whole_at + interval
    local wait = whole_at - now - window
    if wait > 0 then
        return wait
    end
    if takes == 0 then
        return 0
    end
end
redis.call('SET', KEYS[1], string.format('%.0f', whole_at), 'PX', math.ceil((whole_at - now) / 1000))
return 0
