//! What runs inside Redis: one script that compares and changes the states of a call, and one that notes where a session lies.
//!
//! In: keys and arguments. Out: words and values. Invariants: nothing is changed unless the part's mark is the store's, and every state is the version that the
//! decision was made with, or that which the change itself wrote (a change that is sent again because its answer was lost); versions are never used twice.
//! Left out: randomness, time and everything else in which replicas could differ.
//! Source: `runtime/store/README.md`.

/// Keys: the mark, the states (the session's first), that the session has begun. Arguments: the store's mark, how many states, the milliseconds after which the
/// session expires (0: never), after which it is forgotten (0: never); then for each state the version it was and the value it becomes (empty: the same).
/// Answers: `done` and a version for each; `moved` and a value for each; `expired`; `lost`.
pub(crate) const CHANGE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'lost'} end
local count, idle, forget = tonumber(ARGV[2]), ARGV[3], ARGV[4]
local begun = KEYS[count + 2]
local same, again, now = true, false, {}
for i = 1, count do
  local version, from, to = redis.call('GETRANGE', KEYS[i + 1], 0, 15), ARGV[2 * i + 3], ARGV[2 * i + 4]
  now[i] = version
  if to ~= '' and version == string.sub(to, 1, 16) then again = true
  elseif version ~= from then same = false end
end
if again then
  table.insert(now, 1, 'done')
  return now
end
if now[1] == '' and idle ~= '0' and redis.call('EXISTS', begun) == 1 then return {'expired'} end
if not same then
  local moved = {'moved'}
  for i = 1, count do moved[i + 1] = redis.call('GET', KEYS[i + 1]) or '' end
  return moved
end
for i = 1, count do
  local to = ARGV[2 * i + 4]
  if to ~= '' then
    now[i] = string.sub(to, 1, 16)
    if i == 1 and idle ~= '0' then redis.call('SET', KEYS[2], to, 'PX', idle) else redis.call('SET', KEYS[i + 1], to) end
  elseif i == 1 and idle ~= '0' then redis.call('PEXPIRE', KEYS[2], idle) end
end
if idle ~= '0' and now[1] ~= '' then
  if forget ~= '0' then redis.call('SET', begun, '1', 'PX', forget)
  elseif redis.call('EXISTS', begun) == 0 then redis.call('SET', begun, '1') end
end
table.insert(now, 1, 'done')
return now
";

/// Keys: the mark, where the session lies. Arguments: the store's mark, where it would lie. Answers: where it lies; `lost`.
pub(crate) const HOME: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
local home = redis.call('GET', KEYS[2])
if not home then
  home = ARGV[2]
  redis.call('SET', KEYS[2], home)
end
return home
";
