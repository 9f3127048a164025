// The memory of the WebAssembly module: writing what goes in, reading what comes out.
//
// In: values of JavaScript. Out: places in the module's memory. Invariants: what was written for a call is freed after it, however it ends; text that is not
// well-formed is refused, since it would become another text; after a trap the module is used no more.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** An error of this library, with a stable code. */
export class LeverframeError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "LeverframeError";
    this.code = code;
  }
}

/** UTF-8 of a text; what is not well-formed is refused. */
export function encoded(text, what) {
  if (typeof text !== "string") throw new TypeError(`${what} must be a string`);
  if (!text.isWellFormed()) throw new TypeError(`${what} holds half of a surrogate pair`);
  return encoder.encode(text);
}

/** Milliseconds as a 64-bit integer. */
export function milliseconds(value, what) {
  const whole = typeof value === "bigint" ? value : Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole) throw new TypeError(`${what} must be an integer of milliseconds`);
  return whole;
}

/** A module's instance. */
export class Module {
  #exports;
  #broken = false;

  constructor(instance) {
    this.#exports = instance.exports;
    if (this.call("lf_abi") !== 1) throw new LeverframeError("abi", "the WebAssembly module is of another version than its JavaScript");
  }

  /** Calls a function. After a trap nothing is called any more: what is left in the module's memory is not to be trusted. */
  call(name, ...values) {
    if (this.#broken) throw new LeverframeError("broken", "the WebAssembly module has broken off before; make a new engine");
    try {
      return this.#exports[name](...values);
    } catch (error) {
      this.#broken = true;
      throw new LeverframeError("panic", `the WebAssembly module broke off: ${error.message}`);
    }
  }

  /** Calls a function that has a status; throws where it is not that of success. */
  checked(name, ...values) {
    if (this.call(name, ...values) === 0) return;
    throw new LeverframeError(this.text(this.call("lf_error_code")), this.text(this.call("lf_error_message")));
  }

  get view() {
    return new DataView(this.#exports.memory.buffer);
  }

  /** A copy of bytes. */
  bytes(place, length) {
    return new Uint8Array(this.#exports.memory.buffer, place, length).slice();
  }

  write(place, bytes) {
    new Uint8Array(this.#exports.memory.buffer, place, bytes.length).set(bytes);
  }

  /** Text that ends with a zero. */
  text(place) {
    const memory = new Uint8Array(this.#exports.memory.buffer);
    return decoder.decode(memory.slice(place, memory.indexOf(0, place)));
  }

  /** The text that an `lf_bytes` stands for; undefined where it is absent. */
  string(place) {
    const from = this.view.getUint32(place, true);
    return from === 0 ? undefined : decoder.decode(this.bytes(from, this.view.getUint32(place + 4, true)));
  }

  /** Does something with places that are freed afterwards. */
  with(act) {
    const desk = new Desk(this);
    try {
      return act(desk);
    } finally {
      desk.free();
    }
  }
}

/** Places for one call. */
class Desk {
  #module;
  #places = [];

  constructor(module) {
    this.#module = module;
  }

  /** A place of so many bytes, all zero. */
  place(length) {
    const place = this.#module.call("lf_alloc", length) >>> 0;
    if (place === 0) throw new LeverframeError("memory", "the WebAssembly module has no memory left");
    this.#places.push([place, length]);
    return place;
  }

  /** A place with these bytes. */
  of(bytes) {
    const place = this.place(bytes.length);
    this.#module.write(place, bytes);
    return place;
  }

  /** Writes an `lf_bytes` for these bytes; leaves it absent where they are undefined. */
  put(place, bytes) {
    if (bytes === undefined) return;
    const from = this.of(bytes);
    this.#module.view.setUint32(place, from, true);
    this.#module.view.setUint32(place + 4, bytes.length, true);
  }

  /** A place with an `lf_bytes`. */
  bytes(bytes) {
    const place = this.place(8);
    this.put(place, bytes);
    return place;
  }

  free() {
    try {
      for (const [place, length] of this.#places) this.#module.call("lf_dealloc", place, length);
    } catch {
      // The module has broken off: its memory is gone with it, and what broke it has been thrown.
    }
  }
}
