-- The fake's objects as Lua sees Resolve's: userdata with methods; lists and tables are tables, and every list carries a
-- mark of Resolve's own among its entries.

local kind_of, get, call, said = ...
local number_of = setmetatable({}, { __mode = "k" })
local proxies = {}

local wrap, unwrap

local function method_of(number, name)
    return function(self, ...)
        local given = { n = select("#", ...) }
        for index = 1, given.n do
            given[index] = unwrap((select(index, ...)))
        end
        return wrap(call(number, name, given, given.n))
    end
end

local function proxy_of(number)
    if not proxies[number] then
        local proxy = newproxy(true)
        getmetatable(proxy).__index = function(_, name)
            local kind = kind_of(number, name)
            if kind == "method" then
                return method_of(number, name)
            end
            return kind and wrap(get(number, name)) or nil
        end
        proxies[number], number_of[proxy] = proxy, number
    end
    return proxies[number]
end

function wrap(value)
    if type(value) ~= "table" then
        return value
    elseif value.object then
        return proxy_of(value.object)
    end
    local made = {}
    for key, each in pairs(value.content) do
        made[key] = wrap(each)
    end
    if value.list then
        made.__flags = 4194304
    end
    return made
end

function unwrap(value)
    if type(value) == "userdata" then
        return { object = number_of[value] }
    elseif type(value) ~= "table" then
        return value
    end
    local made = {}
    for key, each in pairs(value) do
        made[key] = unwrap(each)
    end
    return { content = made }
end

print = said
return wrap
