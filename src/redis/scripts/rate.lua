-- Generic cell rate algorithm. KEYS[1] when the quota will be whole again, in microseconds.
-- ARGV: microseconds between two, microseconds for all of them. Gives the microseconds to wait; 0 when granted.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole_at = tonumber(redis.call('GET', KEYS[1]) or now)
-- Not before now; and not beyond one window, even if this clock was set back or the quota was longer before.
whole_at = math.min(math.max(whole_at, now), now + window) + interval
local wait = whole_at - now - window
if wait > 0 then
    return wait
end
redis.call('SET', KEYS[1], string.format('%.0f', whole_at), 'PX', math.ceil((whole_at - now) / 1000))
return 0
