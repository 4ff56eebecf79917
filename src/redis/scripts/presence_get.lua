-- KEYS: the members' sets. Gives for each: 2 online, 1 away, 0 neither.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local states = {}
for i, key in ipairs(KEYS) do
    states[i] = 0
    for _, session in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. string.format('%.0f', now), '+inf')) do
        if string.sub(session, 1, 7) == 'online:' then
            states[i] = 2
            break
        end
        states[i] = 1
    end
end
return states
