// The official clients in TypeScript: the one of both eras (`modern`) and the one of revisions with a handshake (`legacy`).
const [, , which, url] = process.argv;
const headers = { Authorization: "Bearer coder" };

async function modern() {
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const client = new Client({ name: "e2e", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

async function legacy() {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const client = new Client({ name: "e2e", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

const client = await (which === "modern" ? modern() : legacy());
const { tools } = await client.listTools();
const sum = await client.callTool({ name: "ev.get-sum", arguments: { a: 1, b: 2 } });
const denied = await client.callTool({ name: "fs.move_file", arguments: { source: "/a", destination: "/b" } });
console.log(JSON.stringify({ tools: tools.map((tool) => tool.name), sum: sum.content[0].text, denied: denied.isError }));
await client.close();
