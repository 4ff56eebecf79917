-- KEYS[1] the member's set; ARGV: session, state ("" for none), milliseconds it holds.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREM', KEYS[1], 'online:' .. ARGV[1], 'away:' .. ARGV[1])
if ARGV[2] ~= '' then
    redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[2] .. ':' .. ARGV[1])
end
-- The set goes with the last of its sessions, which need not be this one.
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] then
    redis.call('PEXPIRE', KEYS[1], last[2] - now)
end
