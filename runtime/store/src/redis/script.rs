//! What runs inside Redis: one script that compares and changes the states of a call, and one that notes where a session lies.
//!
//! In: keys and arguments. Out: words and values. Invariants: nothing is changed unless the part's register has the store's mark and as many changes as were acknowledged,
//! each state is the version that the decision was made with, or that which the change itself wrote (a change that is sent again because its answer was lost), and
//! none has vanished that the register names; versions are never used twice. The first line says that they write, so that no replica runs them, nor a server that is out of memory.
//! Left out: randomness, time and everything else in which replicas could differ.
//! Source: `runtime/store/README.md`; the documentation of Redis on scripts ("script flags").

/// Keys: the register, the states (the session's first), that the session has begun. Arguments: the store's mark, how many changes there are at least, whether to
/// count even where nothing changes (`1`: replicas are asked for what is newer than the question), how many states, the milliseconds after which the
/// session expires (0: never), after which it is forgotten (0: never); then for each state its name in the register, the version it was and the value it becomes (empty: the same).
/// Answers: `done` and the count of changes; `moved` and a value for each; `expired`; `vanished`; `lost`.
pub(crate) const CHANGE: &str = r"#!lua
local register = redis.call('HMGET', KEYS[1], '=mark', '=count', '=lost')
if register[1] ~= ARGV[1] or register[3] then return {'lost'} end
if tonumber(register[2]) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], '=lost', '1')
  return {'lost'}
end
local fresh, count, idle, forget = ARGV[3] == '1', tonumber(ARGV[4]), ARGV[5], ARGV[6]
local begun, ever = KEYS[count + 2], ARGV[5] == '0' or ARGV[6] == '0'
local same, again, was = true, false, {}
for i = 1, count do
  local version, from, to = redis.call('GETRANGE', KEYS[i + 1], 0, 15), ARGV[3 * i + 5], ARGV[3 * i + 6]
  was[i] = version
  if version == '' then
    if i == 1 and redis.call('EXISTS', begun) == 1 then return {'expired'} end
    if redis.call('HEXISTS', KEYS[1], ARGV[3 * i + 4]) == 1 then return {i == 1 and 'expired' or 'vanished'} end
  end
  if to ~= '' and version == string.sub(to, 1, 16) then again = true
  elseif version ~= from then same = false end
end
if not again then
  if not same then
    local moved = {'moved'}
    for i = 1, count do moved[i + 1] = redis.call('GET', KEYS[i + 1]) or '' end
    return moved
  end
  for i = 1, count do
    local to = ARGV[3 * i + 6]
    if to ~= '' then
      fresh = true
      if i == 1 and idle ~= '0' then redis.call('SET', KEYS[2], to, 'PX', idle) else redis.call('SET', KEYS[i + 1], to) end
      if i > 1 and was[i] == '' then redis.call('HSET', KEYS[1], ARGV[3 * i + 4], '') end
      was[i] = to
    elseif i == 1 and was[1] ~= '' and idle ~= '0' then redis.call('PEXPIRE', KEYS[2], idle) end
  end
  if was[1] ~= '' then
    if ever then redis.call('HSETNX', KEYS[1], ARGV[7], '') else redis.call('SET', begun, '1', 'PX', forget) end
  end
end
if not fresh then return {'done', register[2]} end
return {'done', string.format('%.0f', redis.call('HINCRBY', KEYS[1], '=count', 1))}
";

/// Keys: the register. Arguments: the store's mark, how many changes there are at least, whether to count even where nothing changes, the session's entry, where
/// it would lie. Answers: `done`, the count of changes, where it lies; `lost`.
pub(crate) const HOME: &str = r"#!lua
local register = redis.call('HMGET', KEYS[1], '=mark', '=count', '=lost', ARGV[4])
if register[1] ~= ARGV[1] or register[3] then return {'lost'} end
if tonumber(register[2]) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], '=lost', '1')
  return {'lost'}
end
local home, fresh = register[4], ARGV[3] == '1'
if not home then
  home, fresh = ARGV[5], true
  redis.call('HSET', KEYS[1], ARGV[4], home)
end
if fresh then register[2] = string.format('%.0f', redis.call('HINCRBY', KEYS[1], '=count', 1)) end
return {'done', register[2], home}
";
