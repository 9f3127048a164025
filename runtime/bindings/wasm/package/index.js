// Leverframe's runtime in WebAssembly, over the C interface (`leverframe.h`): an engine loads policies, a host keeps sessions, a session decides calls.
//
// In: a frame's bytes; names, JSON, times. Out: decisions. Invariants: what cannot be told throws, what is not known is denied, and nothing else is an answer:
// `admitted` is true only where the policy let the call through. Places of fields are those that `src/memory.rs` of the C interface asserts.

import { LeverframeError, Module, encoded, milliseconds } from "./memory.js";

export { LeverframeError };

const APPROVED = new Map([[undefined, 0], [null, 0], [true, 1], [false, 2]]);

/** What nobody holds any more is freed. */
const forgotten = new FinalizationRegistry(({ module, name, place }) => {
  try {
    module.call(name, place);
  } catch {
    // The module has broken off: there is nothing to free.
  }
});

function flag(value, what) {
  if (value === undefined) return 0;
  if (typeof value !== "boolean") throw new TypeError(`${what} must be true or false`);
  return value ? 1 : 0;
}

/** Raw JSON: a text or bytes as they are, anything else as JSON. */
function json(value, what) {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return value;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${what} cannot be written as JSON`);
  return encoded(text, what);
}

function name(value, what) {
  return value === undefined || value === null ? undefined : encoded(value, what);
}

function frameBytes(frame) {
  if (frame instanceof Uint8Array) return frame;
  if (frame instanceof ArrayBuffer) return new Uint8Array(frame);
  throw new TypeError("a frame must be bytes");
}

async function instantiated(source) {
  if (source instanceof WebAssembly.Module) return new WebAssembly.Instance(source, {});
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) return (await WebAssembly.instantiate(source, {})).instance;
  const address = source ?? new URL("./leverframe.wasm", import.meta.url);
  if (address instanceof URL && address.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    return (await WebAssembly.instantiate(await readFile(address), {})).instance;
  }
  return (await WebAssembly.instantiateStreaming(fetch(address), {})).instance;
}

/** The runtime. One is enough for a program; each has a memory of its own. */
export class Engine {
  #module;

  constructor(module) {
    if (!(module instanceof Module)) throw new TypeError("an engine is made by Engine.create");
    this.#module = module;
  }

  /** Makes an engine: of the module beside this file, or of a compiled module, bytes or an address. */
  static async create(source) {
    return new Engine(new Module(await instantiated(source)));
  }

  /** The version of the runtime. */
  get version() {
    return this.#module.text(this.#module.call("lf_version"));
  }

  /** Loads a frame; without options by the strict ones. */
  load(frame, options = {}) {
    const module = this.#module;
    const bytes = frameBytes(frame);
    const place = module.with((desk) => {
      const out = desk.place(4);
      module.checked("lf_load", desk.bytes(bytes), settings(module, desk, options), out);
      return module.view.getUint32(out, true);
    });
    return new Host(module, place);
  }
}

function settings(module, desk, options) {
  const place = desk.place(48);
  const keys = options.keys === undefined ? undefined : trusted(desk, module, options.keys);
  const secret = options.valueKey === undefined ? 0 : desk.of(thirtyTwo(options.valueKey, "valueKey"));
  const now = milliseconds(options.now ?? Date.now(), "now");
  const idle = options.idleMs === null ? -1n : milliseconds(options.idleMs ?? 0, "idleMs");
  if (options.idleMs !== undefined && options.idleMs !== null && idle <= 0n) throw new TypeError("idleMs must be more than 0, or null for never");
  const sessions = options.sessions ?? 0;
  if (!Number.isInteger(sessions) || sessions < 0 || sessions > 0xffffffff) throw new TypeError("sessions must be a number of sessions");
  const view = module.view;
  view.setUint8(place, flag(options.acceptUnproven, "acceptUnproven"));
  view.setUint8(place + 1, flag(options.requireCertificate, "requireCertificate"));
  view.setUint8(place + 2, 1);
  view.setBigInt64(place + 8, now, true);
  view.setUint32(place + 16, keys?.place ?? 0, true);
  view.setUint32(place + 20, keys?.count ?? 0, true);
  view.setUint32(place + 24, secret, true);
  view.setBigInt64(place + 32, idle, true);
  view.setUint32(place + 40, sessions, true);
  return place;
}

function thirtyTwo(bytes, what) {
  if (!(bytes instanceof Uint8Array) || bytes.length !== 32) throw new TypeError(`${what} must be 32 bytes`);
  return bytes;
}

function trusted(desk, module, keys) {
  // No keys at all would mean that no signature is asked for; whoever gives a list wants one.
  if (!Array.isArray(keys) || keys.length === 0) throw new TypeError("keys must be a list with at least one key");
  const place = desk.place(48 * keys.length);
  keys.forEach((key, index) => {
    const at = place + 48 * index;
    module.write(at, thirtyTwo(key.publicKey, "publicKey"));
    if (key.expiresMs === undefined) return;
    module.view.setUint8(at + 32, 1);
    module.view.setBigInt64(at + 40, milliseconds(key.expiresMs, "expiresMs"), true);
  });
  return { place, count: keys.length };
}

/** A policy with its sessions. */
export class Host {
  #module;
  #place;

  constructor(module, place) {
    if (!(module instanceof Module)) throw new TypeError("a host is made by Engine.load");
    this.#module = module;
    this.#place = place;
    forgotten.register(this, { module, name: "lf_host_free", place }, this);
  }

  get #open() {
    if (this.#place === 0) throw new LeverframeError("closed", "the host was closed");
    return this.#place;
  }

  /** The digest of the frame, as `sha256:…`. */
  get digest() {
    return this.#module.text(this.#module.call("lf_host_digest", this.#open));
  }

  /** Opens a session by its names. */
  open(names, now = Date.now()) {
    const module = this.#module;
    const at = milliseconds(now, "now");
    const own = ["session", "persona", "principal", "agent", "tenant"].map((what) => name(names[what], what));
    const number = module.with((desk) => {
      const place = desk.place(40);
      own.forEach((bytes, index) => desk.put(place + 8 * index, bytes));
      const out = desk.place(8);
      module.checked("lf_open", this.#open, place, at, out);
      return module.view.getBigUint64(out, true);
    });
    return new Session(this, number);
  }

  /** Decides calls of any sessions, one after the other; no result of one is known to another. All are decided, or it throws. */
  decideMany(calls) {
    const module = this.#module;
    const written = calls.map((call) => read(call, this));
    const places = module.with((desk) => {
      const place = desk.place(64 * written.length);
      const out = desk.place(4 * written.length);
      written.forEach((call, index) => put(module, desk, place + 64 * index, call));
      module.checked("lf_decide_many", this.#open, place, written.length, out);
      return written.map((_, index) => module.view.getUint32(out + 4 * index, true));
    });
    return places.map((place) => new Decision(module, this, place, () => this.#open));
  }

  /** Decides one call. */
  decide(call) {
    const module = this.#module;
    const written = read(call, this);
    const decision = module.with((desk) => {
      const place = desk.place(64);
      const out = desk.place(4);
      put(module, desk, place, written);
      module.checked("lf_decide", this.#open, place, out);
      return module.view.getUint32(out, true);
    });
    return new Decision(module, this, decision, () => this.#open);
  }

  /** Reports a host event of a session. */
  report(session, event, args, at = Date.now()) {
    const module = this.#module;
    const time = milliseconds(at, "at");
    const [what, bytes] = [encoded(event, "event"), json(args, "args")];
    module.with((desk) => module.checked("lf_report", this.#open, number(session, this), desk.bytes(what), desk.bytes(bytes), time));
  }

  /** Closes a session: it denies from now on. */
  closeSession(session) {
    this.#module.checked("lf_close", this.#open, number(session, this));
  }

  /** Lets sessions go that have expired. */
  sweep(now = Date.now()) {
    this.#module.checked("lf_sweep", this.#open, milliseconds(now, "now"));
  }

  /** Frees the host. */
  close() {
    if (this.#place === 0) return;
    forgotten.unregister(this);
    const place = this.#place;
    this.#place = 0;
    this.#module.call("lf_host_free", place);
  }
}

/** A session's number in a host: of a session, which must be that host's, or as it is. */
function number(session, host) {
  if (session instanceof Session && !session.isOf(host)) throw new TypeError("the session is another host's");
  const value = session instanceof Session ? session.number : session;
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) throw new TypeError("a session is wanted");
  return value;
}

/** A call, read before anything is written. */
function read(call, host) {
  const approved = APPROVED.get(call.approved);
  if (approved === undefined) throw new TypeError("approved must be true, false or absent");
  const line = call.line ?? 0;
  if (!Number.isSafeInteger(line) || line < 0) throw new TypeError("line must be a number from 1");
  return {
    session: number(call.session, host),
    at: milliseconds(call.at ?? Date.now(), "at"),
    line: BigInt(line),
    approved,
    texts: [encoded(call.tool, "tool"), json(call.args, "args"), json(call.context, "context"), name(call.id, "id")],
  };
}

function put(module, desk, place, call) {
  module.view.setBigUint64(place, call.session, true);
  module.view.setBigInt64(place + 8, call.at, true);
  module.view.setBigUint64(place + 16, call.line, true);
  module.view.setInt32(place + 24, call.approved, true);
  call.texts.forEach((bytes, index) => desk.put(place + 28 + 8 * index, bytes));
}

/** An open session. */
export class Session {
  #host;
  #number;

  constructor(host, number) {
    if (!(host instanceof Host)) throw new TypeError("a session is made by Host.open");
    this.#host = host;
    this.#number = number;
  }

  get number() {
    return this.#number;
  }

  isOf(host) {
    return host === this.#host;
  }

  decide(call) {
    return this.#host.decide({ ...call, session: this.#number });
  }

  report(event, args, at) {
    this.#host.report(this.#number, event, args, at);
  }

  close() {
    this.#host.closeSession(this.#number);
  }
}

/** A decided call. What it says is copied out of the module's memory once, and does not change. */
export class Decision {
  #module;
  #place;
  #host;

  constructor(module, owner, place, host) {
    if (!(module instanceof Module)) throw new TypeError("a decision is made by a session");
    this.#module = module;
    this.#place = place;
    this.#host = host;
    forgotten.register(this, { module, name: "lf_decision_free", place }, this);
    module.with((desk) => {
      const view = desk.place(72);
      module.checked("lf_decision_view", place, view);
      this.json = module.string(view + 64);
      this.admitted = module.view.getUint8(view + 4) === 1;
      this.args = module.string(view + 48);
      this.unavailable = module.string(view + 56);
    });
    const { verdict, code, rule, rules, observed, message, who, labels, step } = JSON.parse(this.json);
    Object.assign(this, { verdict, code, rule, rules, observed, message, who, labels, step });
    Object.freeze(this);
  }

  /** Records what came of the call, once; says what of it may be given on. Where it throws, nothing may be. */
  record(result) {
    if (this.#place === 0) throw new LeverframeError("closed", "the decision was freed");
    const module = this.#module;
    const ok = flag(result.ok, "ok");
    if (result.ok === undefined) throw new TypeError("ok must be true or false");
    const at = milliseconds(result.at ?? Date.now(), "at");
    const part = (value, raw, what) => (raw !== undefined ? json(raw, what) : value === undefined ? undefined : encoded(JSON.stringify(value), what));
    const content = part(result.content, result.contentJson, "content");
    const structured = part(result.structured, result.structuredJson, "structured");
    const labels = (result.labels ?? []).map((label) => encoded(label, "a label"));
    return this.#recorded({ ok, at, content, structured, labels }, module);
  }

  #recorded(came, module) {
    return module.with((desk) => {
      const [place, out] = [desk.place(40), desk.place(4)];
      const labels = desk.place(8 * came.labels.length);
      came.labels.forEach((label, index) => desk.put(labels + 8 * index, label));
      desk.put(place + 12, came.content);
      desk.put(place + 20, came.structured);
      module.view.setBigInt64(place, came.at, true);
      module.view.setUint8(place + 8, came.ok);
      module.view.setUint32(place + 28, labels, true);
      module.view.setUint32(place + 32, came.labels.length, true);
      module.checked("lf_record_result", this.#host(), this.#place, place, out);
      return given(module, desk, module.view.getUint32(out, true));
    });
  }

  /** Frees the decision; what it says stays. */
  free() {
    if (this.#place === 0) return;
    forgotten.unregister(this);
    const place = this.#place;
    this.#place = 0;
    this.#module.call("lf_decision_free", place);
  }
}

function given(module, desk, record) {
  try {
    const view = desk.place(20);
    module.checked("lf_record_view", record, view);
    const [content, structured] = [module.string(view + 4), module.string(view + 12)];
    const value = (text) => (text === undefined ? undefined : JSON.parse(text));
    return Object.freeze({
      withheld: module.view.getUint8(view) !== 0,
      contentJson: content,
      structuredJson: structured,
      content: value(content),
      structured: value(structured),
    });
  } finally {
    module.call("lf_record_free", record);
  }
}
