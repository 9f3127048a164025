// What the tests share: the folder of cases, steps, an engine.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const variable = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run test.sh`);
  return value;
};

export const cases = variable("LEVERFRAME_CASES");
export const { Engine, Host, Session, Decision, LeverframeError } = await import(pathToFileURL(join(variable("LEVERFRAME_PACKAGE"), "index.js")));
export const engine = await Engine.create();
export const names = readFileSync(join(cases, "names.txt"), "utf8").trim().split("\n");

export const file = (name, ending) => readFileSync(join(cases, `${name}.${ending}`));

/** A record is replayed whole, however long its pauses are. */
export const host = (name) => engine.load(file(name, "frame"), { acceptUnproven: true, idleMs: null });

/** A field of a step. */
export const text = (field) => (field === "-" ? undefined : Buffer.from(field.slice(1), "hex").toString("utf8"));

export const bytes = (field) => (field === "-" ? undefined : new Uint8Array(Buffer.from(field.slice(1), "hex")));

export const steps = (name) => file(name, "steps").toString("utf8").trim().split("\n").map((line) => line.split("\t"));

export const whose = (fields) => {
  const [session, persona, principal, agent, tenant] = fields.slice(2, 7).map(text);
  return { session, persona, principal, agent, tenant };
};
