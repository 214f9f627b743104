-- Runs batches of calls on live objects, as interpreter.py does. Part of one script; see mailbox.lua.
--
-- Lua has one kind of number and one kind of table: whole numbers are written without a point, and an empty answer of a
-- method that answers tables is an empty table.

local MOST_BYTES = 8 * 1024 * 1024
local MOST_STEPS = 10000
local DEEPEST = 32

local function words(text)
    local set = {}
    for word in text:gmatch("%S+") do
        set[word] = true
    end
    return set
end

local METHODS = words([[@SONIQUE_METHODS@]])
local TABLES = words([[GetMarkers GetMarkerByCustomData GetMarkInOut GetClipProperty GetMetadata GetThirdPartyMetadata
    GetSettings GetSetting GetFades GetProperties GetProperty GetSpeed GetCurrentDatabase GetRenderJobStatus GetRenderCodecs
    GetCurrentRenderFormatAndCodec]])

local Interpreter = {}
Interpreter.__index = Interpreter

local function new_interpreter(root)
    local made = setmetatable({ root = root, next = 1 }, Interpreter)
    made:forget_all()
    return made
end

function Interpreter:forget_all()
    self.objects = { [0] = self.root }
    self.numbers = { [self.root] = 0 }
end

function Interpreter:forget(number)
    if number ~= 0 and self.objects[number] ~= nil then
        self.numbers[self.objects[number]] = nil
        self.objects[number] = nil
    end
end

function Interpreter:number_of(object)
    local number = self.numbers[object]
    if number == nil then
        number = self.next
        self.next = number + 1
        self.objects[number] = object
        self.numbers[object] = number
    end
    return number
end

local VALUES = { boolean = true, number = true, string = true }

function Interpreter:is_object(found)
    local kind = type(found)
    if kind == "table" then
        return self.numbers[found] ~= nil or getmetatable(found) ~= nil
    end
    return not VALUES[kind]
end

function Interpreter:held(number)
    local object = self.objects[number]
    if object == nil then
        error("Object " .. tostring(number) .. " was let go.", 0)
    end
    return object
end

function Interpreter:referred(keys, live)
    local call = live[keys.ref]
    if call == nil then
        error("Call " .. tostring(keys.ref) .. " comes later or not at all.", 0)
    elseif keys.entry == nil or call.value == nil then
        return call.value
    elseif type(call.value) ~= "table" then
        error("Call " .. tostring(keys.ref) .. " answered no list.", 0)
    end
    return call.value[keys.entry + 1]
end

function Interpreter:constant(name)
    local found
    if type(name) == "string" and name:match("^EXPORT_[A-Z0-9_]+$") then
        found = self.root[name]
    end
    if found == nil then
        error("This Resolve has no constant “" .. tostring(name) .. "”.", 0)
    end
    return found
end

local function count_of(keys)
    local count = 0
    for _ in pairs(keys) do
        count = count + 1
    end
    return count
end

function Interpreter:argument(given, live, depth)
    if depth > DEEPEST then
        error("An argument is nested too deeply.", 0)
    elseif given == null then
        return nil
    elseif type(given) ~= "table" then
        return given
    elseif given.list then
        local list = {}
        for index = 1, given.n do
            list[index] = self:argument(given[index], live, depth + 1)
        end
        return list
    end
    return self:table_of(given.keys, live, depth)
end

function Interpreter:table_of(keys, live, depth)
    local count = count_of(keys)
    if count == 1 and keys.h ~= nil then
        return self:held(keys.h)
    elseif keys.ref ~= nil and (count == 1 or (count == 2 and keys.entry ~= nil)) then
        return self:referred(keys, live)
    elseif count == 1 and keys.const ~= nil then
        return self:constant(keys.const)
    elseif count == 1 and keys.table ~= nil then
        keys = keys.table.keys
    end
    local made = {}
    for key, each in pairs(keys) do
        made[key] = self:argument(each, live, depth + 1)
    end
    return made
end

function Interpreter:write_table(found, depth, tables)
    local length = length_of_list(found)
    if length and not (tables and (depth == 0 or length == 0)) then
        local list = {}
        for index = 1, length do
            list[index] = self:write(found[index], depth + 1, tables)
        end
        return "[" .. table.concat(list, ",") .. "]"
    end
    local entries, marked, count = {}, false, 0
    for key, each in pairs(found) do
        local name = type(key) == "number" and write_key(key) or tostring(key)
        if name ~= MARK then
            entries[#entries + 1] = write_string(name) .. ":" .. self:write(each, depth + 1, tables)
            count = count + 1
            marked = marked or name == "h" or name == "ref" or name == "const" or name == "table"
        end
    end
    local written = "{" .. table.concat(entries, ",") .. "}"
    return marked and count <= 2 and '{"table":' .. written .. "}" or written
end

-- `tables` says that what was asked answers tables, so that one keyed by 1, 2, 3 or by nothing is no list.
function Interpreter:write(found, depth, tables)
    local kind = type(found)
    if depth > DEEPEST then
        error("An answer is nested too deeply.", 0)
    elseif found == nil then
        return "null"
    elseif kind == "boolean" then
        return found and "true" or "false"
    elseif kind == "number" then
        return write_number(found)
    elseif kind == "string" then
        return write_string(found)
    elseif not self:is_object(found) then
        return self:write_table(found, depth, tables)
    end
    return '{"h":' .. self:number_of(found) .. "}"
end

local function member(target, name)
    local found, method = pcall(function()
        return target[name]
    end)
    if not found or method == nil then
        return nil
    end
    return not VALUES[type(method)] and method or nil
end

function Interpreter:step(step, live)
    local on, target = step.on, nil
    if type(on) == "table" then
        target = self:referred(on.keys, live)
    else
        target = self:held(on)
    end
    local name = step.has or step["do"]
    if not METHODS[name] then
        error("“" .. tostring(name) .. "” is not among the calls that this bridge makes.", 0)
    elseif target == nil then
        return nil
    elseif not self:is_object(target) then
        error("“" .. name .. "” was asked of a value, not of an object.", 0)
    end
    local method = member(target, name)
    if step.has then
        return method ~= nil
    elseif method == nil then
        return nil
    end
    local given, count = {}, step.args and step.args.n or 0
    for index = 1, count do
        given[index] = self:argument(step.args[index], live, 0)
    end
    return (method(target, unpack(given, 1, count)))
end

function Interpreter:run(steps)
    if steps.n > MOST_STEPS then
        return '{"error":"broken","text":"A batch holds ' .. MOST_STEPS .. ' calls at most."}'
    end
    local live, written = {}, {}
    for index = 1, steps.n do
        local step = steps[index].keys
        local worked, problem = pcall(function()
            local value = self:step(step, live)
            written[index] = self:write(value, 0, TABLES[step["do"]])
            live[index - 1] = { value = value }
        end)
        if not worked then
            local text = write_string(tostring(problem):sub(1, 2000))
            return ('{"error":"broken","text":%s,"step":%d}'):format(text, index - 1)
        end
    end
    return '{"ok":[' .. table.concat(written, ",") .. "]}"
end

function Interpreter:answer(body)
    local worked, answer = pcall(function()
        local request = (read_value(body, 1)).keys
        if request.release == "all" then
            self:forget_all()
            return '{"ok":[]}'
        elseif request.release then
            for index = 1, request.release.n do
                self:forget(request.release[index])
            end
            return '{"ok":[]}'
        end
        return self:run(request.steps)
    end)
    if not worked then
        return '{"error":"broken","text":' .. write_string("The request cannot be read: " .. tostring(answer)) .. "}"
    elseif #answer > MOST_BYTES then
        return '{"error":"broken","text":"The answer is longer than 8 MB; ask for less at once."}'
    end
    return answer
end
