// What TypeScript must accept of the package, and, behind `@ts-expect-error`, what it must not.

import { Decision, Engine, Given, Host, LeverframeError, Session } from "leverframe";

const engine: Engine = await Engine.create(new URL("https://example.com/leverframe.wasm"));
const key = { publicKey: new Uint8Array(32), expiresMs: 5 };
const host: Host = engine.load(new Uint8Array(1), { acceptUnproven: true, keys: [key], idleMs: null });
const session: Session = host.open({ session: "s", persona: "p", tenant: null });
const decision: Decision = session.decide({ tool: "t.a", args: { id: 1 }, context: "{}", approved: true, at: 5n });
const [many]: Decision[] = host.decideMany([{ session, tool: "t.a", args: "{}" }, { session: 7n, tool: "t.a", args: new Uint8Array(2) }]);
const given: Given = decision.record({ ok: true, content: [{ type: "text", text: "a" }], labels: ["pii"] });
const verdict: "allow" | "ask" | "deny" = many.verdict;
const words: string[] = [...decision.rules, ...decision.who, decision.json, decision.rule ?? "", decision.args ?? "", given.contentJson ?? "", verdict];
session.report("user.message", { text: "a" });
if (new Error() instanceof LeverframeError) words.push(host.digest);
decision.free();
session.close();
host.close();

// @ts-expect-error: a call has arguments
session.decide({ tool: "t.a" });
// @ts-expect-error: a result says whether it succeeded
decision.record({ content: "a" });
// @ts-expect-error: what a decision says does not change
decision.admitted = true;
// @ts-expect-error: nobody makes a decision but a session
new Decision();
// @ts-expect-error: a session is not its name
host.decide({ session: "s", tool: "t.a", args: {} });
