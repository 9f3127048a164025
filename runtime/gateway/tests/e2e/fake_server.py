"""A server of MCP over standard input and output that writes down which calls reach it, and misbehaves when it is asked to.

Written for the tests of the gateway: the real servers do not hang, break off or answer twice on request.
"""
import json
import os
import sys
import time

TOOLS = {
    "work": {"n": {"type": "integer"}},
    "secret": {"n": {"type": "integer"}},
    "send": {"text": {"type": "string"}},
    "slow": {"ms": {"type": "integer"}},
    "rubbish": {},
    "twice": {},
    "die": {},
    "hang": {},
    "unasked": {},
    "echo": {"value": {}},
    "note": {"text": {"type": "string"}},
    "asks": {},
    "odd": {"how": {"type": "string"}},
}


def write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def reply(ident, result) -> None:
    write(json.dumps({"jsonrpc": "2.0", "id": ident, "result": result}))


def text(words: str) -> dict:
    return {"content": [{"type": "text", "text": words}]}


def call(ident, params) -> None:
    name, args = params["name"], params.get("arguments", {})
    with open(os.environ["CALLS"], "a", encoding="utf-8") as calls:
        calls.write(json.dumps({"name": name, "args": args}) + "\n")
    if name == "slow":
        time.sleep(args["ms"] / 1000)
    if name == "rubbish":
        write("this is no message")
        write('{"jsonrpc":"2.0","id":%d,"result":{"content":[],"content":[]}}' % ident)
        return
    if name == "die":
        os._exit(3)
    if name == "hang":
        return
    if name == "twice":
        reply(ident, text("first"))
        reply(ident, text("second"))
        return
    if name == "asks":
        reply(ident, {"resultType": "input_required", "inputRequests": {"q": {"method": "elicitation/create", "params": {"message": "THE SECRET"}}}, "requestState": "s"})
        return
    if name == "odd":
        odd = {"number": 5, "text": "text", "flag": {"content": [], "isError": "yes"}, "task": {"resultType": "task", "content": []}}
        reply(ident, odd[args["how"]])
        return
    if name == "unasked":
        write(json.dumps({"jsonrpc": "2.0", "id": "s1", "method": "sampling/createMessage", "params": {}}))
    reply(ident, text(json.dumps(args)))


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        ident, method = message.get("id"), message.get("method")
        if ident is None or method is None:
            continue
        if method == "initialize":
            reply(ident, {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "fake", "version": "1"}})
        elif method == "tools/list":
            schema = lambda properties: {"type": "object", "properties": properties}
            reply(ident, {"tools": [{"name": name, "inputSchema": schema(properties)} for name, properties in TOOLS.items()]})
        elif method == "tools/call":
            call(ident, message["params"])
        else:
            write(json.dumps({"jsonrpc": "2.0", "id": ident, "error": {"code": -32601, "message": "no such method"}}))


main()
