// Every conformance case, byte for byte as `leverframe replay` decides it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, file, host, names, steps, text, whose } from "./cases.js";

class Run {
  constructor(name) {
    this.host = host(name);
    this.open = new Map();
    this.kept = new Map();
    this.lines = [];
  }

  session(fields) {
    const key = fields.slice(2, 7).join(" ");
    if (!this.open.has(key)) this.open.set(key, this.host.open(whose(fields), BigInt(fields[1])));
    return this.open.get(key);
  }

  call(fields) {
    const [tool, args, context, id] = [text(fields[7]), bytes(fields[8]), bytes(fields[9]), text(fields[10])];
    const approved = { 1: true, 0: false }[fields[13]];
    const decision = this.session(fields).decide({ tool, args, context, id, approved, at: BigInt(fields[1]), line: Number(fields[11]) });
    this.lines.push(decision.json);
    assert.equal(decision.json.includes('"verdict":"deny"') && decision.admitted, false);
    if (fields[12] === "1") this.kept.set(id, decision);
    else this.last = decision;
  }

  result(fields) {
    const of = text(fields[2]);
    const labels = fields[6] === "-" ? [] : fields[6].split(",").map(text);
    const [contentJson, structuredJson] = [bytes(fields[3]), bytes(fields[4])];
    const decision = of === undefined ? this.last : this.kept.get(of);
    const given = decision.record({ ok: fields[5] === "1", contentJson, structuredJson, labels, at: BigInt(fields[1]) });
    assert.ok(decision.admitted || given.withheld);
    assert.ok(!given.withheld || given.content === undefined);
  }

  event(fields) {
    this.session(fields).report(text(fields[7]), bytes(fields[8]), BigInt(fields[1]));
  }
}

test("every case is decided as replay decides it", () => {
  let decisions = 0;
  for (const name of names) {
    const run = new Run(name);
    for (const fields of steps(name)) run[fields[0]](fields);
    const expected = file(name, "jsonl").toString("utf8");
    assert.equal(run.lines.map((line) => `${line}\n`).join(""), expected, name);
    decisions += run.lines.length;
    run.host.close();
  }
  assert.ok(names.length >= 300 && decisions >= 1000, `${names.length} cases, ${decisions} decisions`);
});
