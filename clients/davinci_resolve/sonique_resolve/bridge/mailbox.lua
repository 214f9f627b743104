-- Sonique in the menu of DaVinci Resolve's Free edition from 21.1 on, whose Lua can neither write files nor open sockets.
-- It waits for a request file, makes the calls in it, and answers through Fusion's preferences.
--
-- A request file is `return {id = "...", part = n, before = seconds, body = "..."}`. It is loaded in an empty environment,
-- where nothing can be called. `body` is the JSON that bridge/interpreter.py describes, or empty when a further part of the
-- answer to `id` is asked for. One that comes after `before`, in seconds since 1970, is too old and is left alone.
-- An answer is "<id>:<part>/<parts>:<base64 of JSON>", with - and _ for + and /, without padding.
-- While nothing is asked, nothing is written, and Fusion is called once a second alone: each such call goes through the queue
-- of Resolve's own window.
--
-- Its Lua cannot load other files with a right to anything, so json.lua and interpreter.lua are written in here when it is
-- installed.

--@SONIQUE_PARTS@

local REQUEST = "@SONIQUE_REQUEST@"
local ANSWER = "Global.Sonique.Answer"
local RUNNER = "Global.Sonique.Runner"
local TAKEN = "Global.Sonique.Taken"
local PAUSE = 0.05
local LOOK = 1
local IDLE = 30 * 60
local PART = 48 * 1024

local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

local function base64(text)
    local floor, parts = math.floor, {}
    for at = 1, #text, 3 do
        local a, b, c = text:byte(at, at + 2)
        local bits = a * 65536 + (b or 0) * 256 + (c or 0)
        local length = c and 4 or b and 3 or 2
        local group = {}
        for index = 1, length do
            local digit = floor(bits / 64 ^ (4 - index)) % 64 + 1
            group[index] = DIGITS:sub(digit, digit)
        end
        parts[#parts + 1] = table.concat(group)
    end
    return table.concat(parts)
end

local function load_request()
    local chunk = loadfile(REQUEST, "t") -- bytes of a compiled one would not be held by any environment
    if not chunk then
        return nil -- it is gone already, or no Lua
    end
    setfenv(chunk, {})
    local worked, request = pcall(chunk)
    if not worked or type(request) ~= "table" or type(request.id) ~= "string" then
        return nil
    elseif type(request.before) ~= "number" or os.time() > request.before then
        return nil
    end
    return request
end

local function put(text)
    fusion:SetPrefs(ANSWER, text)
    fusion:SavePrefs()
end

local function put_part(id, answer, part)
    local parts = math.max(1, math.ceil(#answer / PART))
    local piece = answer:sub((part - 1) * PART + 1, part * PART)
    put(id .. ":" .. part .. "/" .. parts .. ":" .. base64(piece))
end

local function find_resolve()
    if resolve ~= nil then
        return resolve
    elseif app ~= nil and app.GetResolve then
        return app:GetResolve()
    end
    return bmd.scriptapp("Resolve")
end

local function run(interpreter)
    local mine = tostring(bmd.gettime()) .. tostring({})
    -- In memory alone: the one that was started last stays, and what an earlier one took up is not done twice.
    local waited, done_id, done_part, answer = 0, fusion:GetPrefs(TAKEN), 1, ""
    local looked = 0
    fusion:SetPrefs(RUNNER, mine)
    while waited < IDLE do
        local request = bmd.fileexists(REQUEST) and load_request() or nil
        local part = request and (request.part or 1)
        if request or waited - looked >= LOOK then
            looked = waited
            if (fusion:GetPrefs(RUNNER) or mine) ~= mine then
                return "Sonique: it was started again; this one leaves."
            end
        end
        if request and request.stop then
            fusion:SetPrefs(RUNNER, "")
            fusion:SetPrefs(TAKEN, "")
            put("")
            return "Sonique: it was asked to leave."
        elseif request and part == 1 and request.id ~= done_id then
            done_id, done_part, waited, looked = request.id, 1, 0, 0
            fusion:SetPrefs(TAKEN, done_id)
            answer = interpreter:answer(request.body)
            put_part(request.id, answer, 1)
        elseif request and request.id == done_id and part ~= done_part then
            done_part, waited, looked = part, 0, 0
            put_part(request.id, answer, part)
        else
            bmd.wait(PAUSE)
            waited = waited + PAUSE
        end
    end
    return "Sonique: nothing was asked for half an hour; start it again when it is needed."
end

local function main()
    if not (setfenv and loadfile and pcall) then
        return "Sonique: this Lua cannot load requests safely, so it does not try."
    end
    local root = find_resolve()
    if root == nil then
        return "Sonique: this script found no DaVinci Resolve."
    end
    print("Sonique waits for the panel.")
    return run(new_interpreter(root))
end

print(main())
