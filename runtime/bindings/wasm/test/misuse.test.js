// What a careless caller does: each throws or is denied, and nothing is allowed by it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Decision, Engine, Host, LeverframeError, Session, bytes, engine, file, host, steps, text, whose } from "./cases.js";

const name = "seq-forbid-then";
const [first] = steps(name);
const names = { ...whose(first), session: "s" };
const call = { tool: text(first[7]), args: bytes(first[8]), at: 0 };
const code = (expected) => (error) => error instanceof LeverframeError && error.code === expected;

const refused = (act) => {
  let decision;
  try {
    decision = act();
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof LeverframeError, error);
    return true;
  }
  return !decision.admitted && decision.verdict === "deny";
};

test("loading is strict", () => {
  const frame = file(name, "frame");
  const loose = { acceptUnproven: true };
  assert.throws(() => engine.load(frame), code("LF0608"));
  assert.throws(() => engine.load("text", loose), TypeError);
  assert.throws(() => engine.load(new Uint8Array(0), loose), LeverframeError);
  for (let length = 0; length < frame.length; length += 97) assert.throws(() => engine.load(frame.subarray(0, length), loose), LeverframeError);
  const key = { publicKey: new Uint8Array(32).fill(7) };
  for (const keys of [[key], [key, key]]) assert.throws(() => engine.load(frame, { ...loose, keys }), LeverframeError);
  for (const keys of [[], {}, [{ publicKey: new Uint8Array(31) }]]) assert.throws(() => engine.load(frame, { ...loose, keys }), TypeError);
  for (const wrong of [{ acceptUnproven: 1 }, { idleMs: 0 }, { idleMs: -5 }, { sessions: -1 }, { valueKey: new Uint8Array(3) }, { now: 1.5 }]) {
    assert.throws(() => engine.load(frame, { ...loose, ...wrong }), TypeError);
  }
  assert.match(engine.version, /^\d+\.\d+\.\d+/);
  for (const made of [Engine, Host, Session, Decision]) assert.throws(() => new made({}), TypeError);
});

test("sessions that are not open deny", () => {
  const own = host(name);
  const session = own.open(names, 0);
  assert.match(own.digest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(session.decide(call).verdict, "allow");
  for (const number of [0n, 2n ** 63n, 2n ** 64n - 1n]) {
    const decision = own.decide({ ...call, session: number });
    assert.deepEqual([decision.verdict, decision.code, decision.admitted, decision.step], ["deny", "state_unavailable", false, 0]);
  }
  for (const number of [-1n, 2n ** 64n, 1, "1", null, undefined]) assert.ok(refused(() => own.decide({ ...call, session: number })));
  session.close();
  assert.throws(() => session.close(), code("unknown_session"));
  assert.equal(session.decide(call).code, "state_unavailable");
  for (const wrong of [{ session: undefined }, { persona: null }]) assert.throws(() => own.open({ ...names, ...wrong }, 0), code("invalid_argument"));
  for (const wrong of [{ session: 3 }, { session: "\ud800" }, { tenant: {} }]) assert.throws(() => own.open({ ...names, ...wrong }, 0), TypeError);
  own.close();
  own.close();
  assert.throws(() => own.open(names, 0), code("closed"));
  assert.throws(() => session.decide(call), code("closed"));
});

test("a session that has expired denies, and does not begin anew", () => {
  const own = engine.load(file(name, "frame"), { acceptUnproven: true, idleMs: 1000 });
  const session = own.open(names, 0);
  const decision = session.decide({ ...call, at: 5000 });
  assert.deepEqual([decision.verdict, decision.code], ["deny", "state_unavailable"]);
  assert.ok(decision.unavailable.includes("expired"));
  assert.throws(() => own.open(names, 5000), code("state_unavailable"));
});

test("calls that are none are refused", () => {
  const session = host(name).open(names, 0);
  const circle = {};
  circle.circle = circle;
  const args = [undefined, null, "", "{", "[]", "{} {}", '{"a":1,"a":1}', new Uint8Array([0xff]), circle, () => 1, 1n, "\ud800"];
  for (const wrong of args) assert.ok(refused(() => session.decide({ ...call, args: wrong })), String(wrong));
  for (const tool of [undefined, null, 7, "no such tool", "\udc00"]) assert.ok(refused(() => session.decide({ ...call, tool })));
  for (const wrong of [{ approved: 1 }, { approved: "true" }, { at: "0" }, { at: 0.5 }, { at: 2n ** 63n }, { line: -1 }, { id: 5 }]) {
    assert.ok(refused(() => session.decide({ ...call, ...wrong })));
  }
  assert.throws(() => session.report("no such event"), code("unknown_event"));
  assert.equal(session.decide({ ...call, args: {} }).verdict, "allow");
});

test("a context that is no object holds nothing", () => {
  const [fields] = steps("perm-context");
  const session = host("perm-context").open(whose(fields), 0);
  const own = { tool: text(fields[7]), args: bytes(fields[8]), context: bytes(fields[9]), at: 0 };
  assert.equal(session.decide(own).verdict, "allow");
  for (const context of [undefined, null, "", "[]", "{", "{}", new Uint8Array([0xff])]) assert.ok(refused(() => session.decide({ ...own, context })));
});

test("a result counts once", () => {
  const own = host(name);
  const session = own.open(names, 0);
  const decision = session.decide(call);
  assert.throws(() => decision.record({ ok: true, contentJson: '"a","structuredContent":{}' }), code("malformed_result"));
  assert.throws(() => decision.record({ ok: true, labels: ["no such label"] }), code("unknown_label"));
  for (const wrong of [{}, { ok: 1 }, { ok: true, at: "x" }, { ok: true, content: () => 1 }]) assert.throws(() => decision.record(wrong), TypeError);
  const given = decision.record({ ok: true, content: "a", structured: { b: 1 }, at: 0 });
  assert.deepEqual({ ...given }, { withheld: false, content: "a", contentJson: '"a"', structured: { b: 1 }, structuredJson: '{"b":1}' });
  assert.throws(() => decision.record({ ok: true }), code("recorded_before"));
  const denied = session.decide({ ...call, tool: "no such tool" });
  assert.deepEqual({ ...denied.record({ ok: true, content: "a" }) }, { withheld: true, content: undefined, contentJson: undefined, structured: undefined, structuredJson: undefined });
  decision.free();
  decision.free();
  assert.throws(() => decision.record({ ok: true }), code("closed"));
  const late = session.decide(call);
  own.close();
  assert.throws(() => late.record({ ok: true }), code("closed"));
});

test("many calls are decided as one after the other", () => {
  const [many, single] = [host(name), host(name)];
  const [session, other] = [many.open(names, 0), single.open(names, 0)];
  const made = (whose) =>
    Array.from({ length: 60 }, (_, at) => ({ ...call, at, tool: at % 5 === 2 ? "no such tool" : call.tool, session: at % 7 === 3 ? 0n : whose }));
  const calls = made(session);
  const decided = many.decideMany(calls);
  assert.deepEqual(decided.map((one) => one.json), made(other.number).map((one) => single.decide(one).json));
  assert.throws(() => many.decide({ ...call, session: other }), TypeError);
  assert.equal(many.decide({ ...call, session: other.number }).code, "state_unavailable");
  const admitted = decided.filter((one) => one.admitted).length;
  assert.ok(admitted > 0 && admitted < calls.length);
  assert.throws(() => many.decideMany([...calls, { ...call, session, approved: 5 }]), TypeError);
  assert.deepEqual(many.decideMany([]), []);
});

test("a module that broke off is used no more", async () => {
  // A module whose `lf_abi` is 1 and whose `lf_version` breaks off.
  const words = [..."lf_abi", ..."lf_version"].map((letter) => letter.charCodeAt(0));
  const exported = [7, 23, 2, 6, ...words.slice(0, 6), 0, 0, 10, ...words.slice(6), 0, 1];
  const body = [10, 10, 2, 4, 0, 0x41, 1, 0x0b, 3, 0, 0, 0x0b];
  const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 3, 2, 0, 0, ...exported, ...body]);
  const broken = await Engine.create(module);
  assert.throws(() => broken.version, code("panic"));
  assert.throws(() => broken.version, code("broken"));
  assert.throws(() => broken.load(file(name, "frame"), { acceptUnproven: true }), code("broken"));
});
