/** An error of this library. Its code is `LFxxxx` where a frame was not loaded, else a word. No error is an answer to a call: nothing may be done because of one. */
export class LeverframeError extends Error {
  readonly code: string;
}

/** A public key that frames may be signed with. */
export interface TrustedKey {
  /** The 32 bytes of an ed25519 public key. */
  publicKey: Uint8Array;
  /** When it expires, in milliseconds since 1970. */
  expiresMs?: number | bigint;
}

/** How strict loading and keeping sessions is; what is absent is the strict choice. */
export interface LoadOptions {
  /** Whether a frame that the checker has not proved is accepted. */
  acceptUnproven?: boolean;
  /** Whether a frame without a certificate is refused. */
  requireCertificate?: boolean;
  /** The keys of which one must have signed the frame. */
  keys?: TrustedKey[];
  /** What time it is, in milliseconds since 1970; absent: the clock's. */
  now?: number | bigint;
  /** 32 secret bytes of the deployment, under which values of variables are told apart. */
  valueKey?: Uint8Array;
  /** Milliseconds of idleness after which a session expires; absent: a day; null: never. */
  idleMs?: number | bigint | null;
  /** Sessions known at once; absent: a million. */
  sessions?: number;
}

/** Whose calls a session's are. */
export interface Names {
  session: string;
  persona: string;
  principal?: string | null;
  agent?: string | null;
  tenant?: string | null;
}

/** JSON: a string or bytes are taken as its text; anything else is written as JSON. */
export type Json = string | Uint8Array | object | number | boolean | null;

/** A call of a session. */
export interface SessionCall {
  tool: string;
  /** The arguments; their absence is denied. */
  args: Json;
  /** What the host knows and the agent cannot choose: an object. */
  context?: Json;
  /** When, in milliseconds since 1970; absent: now. */
  at?: number | bigint;
  /** A human's answer to an ask. */
  approved?: boolean | null;
  /** What the caller names the call by. */
  id?: string | null;
  /** The number that the decision's line names; absent: how many this host has decided. */
  line?: number;
}

/** A call, and whose it is. */
export interface Call extends SessionCall {
  session: Session | bigint;
}

/** What came of a call. */
export interface Result {
  ok: boolean;
  /** Text, or MCP content parts. */
  content?: unknown;
  /** The same as JSON text, in the place of `content`. */
  contentJson?: Json;
  /** Structured content. */
  structured?: unknown;
  /** The same as JSON text, in the place of `structured`. */
  structuredJson?: Json;
  labels?: string[];
  /** When, in milliseconds since 1970; absent: now. */
  at?: number | bigint;
}

/** What of a result may be given on. Nothing else of it may. */
export interface Given {
  readonly withheld: boolean;
  readonly content?: unknown;
  readonly contentJson?: string;
  readonly structured?: unknown;
  readonly structuredJson?: string;
}

/** The runtime. */
export class Engine {
  private constructor();
  /** Makes an engine: of the module beside this file, or of a compiled module, bytes or an address. */
  static create(source?: WebAssembly.Module | BufferSource | URL | string): Promise<Engine>;
  readonly version: string;
  load(frame: Uint8Array | ArrayBuffer, options?: LoadOptions): Host;
}

/** A policy with its sessions. */
export class Host {
  private constructor();
  readonly digest: string;
  open(names: Names, now?: number | bigint): Session;
  decide(call: Call): Decision;
  /** Decides calls of any sessions, one after the other; no result of one is known to another. All are decided, or it throws. */
  decideMany(calls: Call[]): Decision[];
  report(session: Session | bigint, event: string, args?: Json, at?: number | bigint): void;
  /** Closes a session's number: it denies from now on. */
  closeSession(session: Session | bigint): void;
  sweep(now?: number | bigint): void;
  close(): void;
}

/** An open session. */
export class Session {
  private constructor();
  readonly number: bigint;
  isOf(host: Host): boolean;
  decide(call: SessionCall): Decision;
  report(event: string, args?: Json, at?: number | bigint): void;
  close(): void;
}

/** A decided call. */
export class Decision {
  private constructor();
  readonly verdict: "allow" | "ask" | "deny";
  /** Whether the call may go on: allowed, or asked and approved. */
  readonly admitted: boolean;
  readonly code: string;
  readonly rule: string | null;
  readonly rules: readonly string[];
  readonly observed: readonly string[];
  readonly message: string | null;
  readonly who: readonly string[];
  readonly labels: readonly string[];
  readonly step: number;
  /** The arguments to go on with as JSON text, where a scan has taken something out of them; undefined: as they were. */
  readonly args: string | undefined;
  /** Why the session's states could not be had, for the operator. */
  readonly unavailable: string | undefined;
  /** The decision as one line of JSON. */
  readonly json: string;
  /** Records what came of the call, once. Where it throws, nothing of the result may be given on. */
  record(result: Result): Given;
  free(): void;
}
