-- JSON, read and written in Lua. Part of one script; see mailbox.lua.

-- Null inside a table of arguments keeps its place; nothing of Resolve's is equal to it.
local null = {}

-- JSON, read

local ESCAPED = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function utf8_of(code)
    local char, floor = string.char, math.floor
    if code < 0x80 then
        return char(code)
    elseif code < 0x800 then
        return char(0xC0 + floor(code / 64), 0x80 + code % 64)
    elseif code < 0x10000 then
        return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
    end
    return char(0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

local function read_escape(text, at)
    local letter = text:sub(at, at)
    if letter ~= "u" then
        return assert(ESCAPED[letter], "an escape is none"), at + 1
    end
    local code = assert(tonumber(text:sub(at + 1, at + 4), 16), "an escape is none")
    local low = text:match("^\\u([Dd][C-Fc-f]%x%x)", at + 5)
    if code >= 0xD800 and code < 0xDC00 and low then
        return utf8_of(0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00), at + 11
    end
    return utf8_of(code), at + 5
end

local function read_string(text, at)
    local parts = {}
    while true do
        local stop = assert(text:find('["\\]', at), "a string has no end")
        parts[#parts + 1] = text:sub(at, stop - 1)
        if text:sub(stop, stop) == '"' then
            return table.concat(parts), stop + 1
        end
        parts[#parts + 1], at = read_escape(text, stop + 1)
    end
end

local read_value

local function read_list(text, at)
    local list = { n = 0, list = true }
    at = text:match("^%s*()", at)
    if text:sub(at, at) == "]" then
        return list, at + 1
    end
    while true do
        list.n = list.n + 1
        list[list.n], at = read_value(text, at)
        local mark, after = text:match("^%s*([,%]])()", at)
        assert(mark, "a list has no end")
        at = after
        if mark == "]" then
            return list, at
        end
    end
end

local function read_object(text, at)
    local object = { keys = {} }
    at = text:match("^%s*()", at)
    if text:sub(at, at) == "}" then
        return object, at + 1
    end
    while true do
        local start = assert(text:match('^%s*"()', at), "a key is no string")
        local key, stop = read_string(text, start)
        local after = assert(text:match("^%s*:()", stop), "a key has no value")
        object.keys[key], at = read_value(text, after)
        local mark, past = text:match("^%s*([,}])()", at)
        assert(mark, "a table has no end")
        at = past
        if mark == "}" then
            return object, at
        end
    end
end

read_value = function(text, at)
    at = text:match("^%s*()", at)
    local first = text:sub(at, at)
    if first == '"' then
        return read_string(text, at + 1)
    elseif first == "[" then
        return read_list(text, at + 1)
    elseif first == "{" then
        return read_object(text, at + 1)
    end
    local word, after = text:match("^([%w+.-]+)()", at)
    if word == "true" then
        return true, after
    elseif word == "false" then
        return false, after
    elseif word == "null" then
        return null, after
    end
    return assert(tonumber(word or "x"), "a number is none"), after
end

-- JSON, written

local function write_string(text)
    return '"' .. text:gsub('[%c"\\\127]', function(letter)
        return ("\\u%04x"):format(letter:byte())
    end) .. '"'
end

local function write_number(number)
    if number ~= number or number == math.huge or number == -math.huge then
        return "null"
    elseif number == math.floor(number) and math.abs(number) < 2 ^ 53 then
        return ("%.0f"):format(number)
    end
    return (("%.17g"):format(number):gsub(",", "."))
end

-- As Python writes the frames that markers are kept by.
local function write_key(number)
    return number == math.floor(number) and ("%.1f"):format(number) or write_number(number)
end

-- What Resolve marks its lists with, among their entries.
local MARK = "__flags"

local function length_of_list(found)
    local count, most = 0, 0
    for key in pairs(found) do
        if key ~= MARK then
            if type(key) ~= "number" or key < 1 or key ~= math.floor(key) then
                return nil
            end
            count, most = count + 1, math.max(most, key)
        end
    end
    return most <= 2 * count + 8 and most or nil
end
