-- Takes away what the Free edition's Lua lacks from 21.1 on.

io, require, package, ffi, debug, arg, python, jit = nil
local kept = os
os = { clock = kept.clock, date = kept.date, difftime = kept.difftime }
os.getenv, os.time, os.tmpname = kept.getenv, kept.time, kept.tmpname
