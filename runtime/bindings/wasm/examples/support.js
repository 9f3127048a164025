// A support agent's calls through the policy `runtime/bindings/example/support.lever`. Argument: its frame.

import { readFile } from "node:fs/promises";

import { Engine } from "leverframe";

const engine = await Engine.create();
const host = engine.load(await readFile(process.argv[2]));
let now = 1795428000000;
const session = host.open({ session: "s1", persona: "support", principal: "u7" }, now);

/** Calls a tool if the policy lets it: what the tool said goes on only as far as it may. */
function call(tool, args, said, approved) {
  const decision = session.decide({ tool, args, approved, at: ++now });
  console.log(decision.json);
  if (!decision.admitted) return;
  // Here the tool is called, with `decision.args` where that is there.
  const given = decision.record({ ok: true, content: said, at: ++now });
  if (!given.withheld) console.log(`  to the agent: ${given.contentJson}`);
}

call("mail.send", { to: "a@example.com", body: "we look into it" }, "sent");
call("payments.refund", { amount: 80 }, "paid");
call("payments.refund", { amount: 80 }, "paid", true);
call("tickets.read", { id: "t1" }, "my token is tok_12345678");
call("mail.send", { to: "a@example.com", body: "tok_12345678" }, "sent");
session.close();
host.close();
