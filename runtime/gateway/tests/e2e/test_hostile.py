"""Messages that try to be read in two ways."""
import base64
import json
import os
import random

from gateway import META, modern, modern_headers

MESSAGES = int(os.environ.get("LEVERFRAME_MUTATIONS", "2000"))


def test_strangers_get_nothing(fake):
    listing = modern("tools/list")
    headers = modern_headers("tools/list")
    assert fake.post(listing, None, **headers)[0] == 401
    assert fake.post(listing, "nobody", **headers)[0] == 401
    assert fake.post(listing, "worker", **headers)[0] == 200
    assert fake.post(listing, "worker", Origin="https://evil.example", **headers)[0] == 403
    assert fake.request("POST", "/mcp/coder", b"{}", {"Authorization": "Bearer worker", "Content-Type": "application/json"})[0] == 403


def test_a_session_is_good_for_whoever_it_was_given_to(fake):
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}}}
    status, _, headers = fake.post(hello, "worker")
    session = {name.lower(): value for name, value in headers.items()}["mcp-session-id"]
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    assert status == 200
    assert fake.post(listing, "worker", Mcp_Session_Id=session)[0] == 200
    assert fake.post(listing, "reader", Mcp_Session_Id=session)[0] == 404
    assert fake.post(listing, "worker", Mcp_Session_Id="0" * 32)[0] == 404
    assert fake.post(listing, "worker")[0] == 400


def test_headers_that_say_something_else_are_refused(fake):
    call = modern("tools/call", {"name": "fake.work", "arguments": {"n": 1}})
    good = modern_headers("tools/call", "fake.work")
    for change in [{"Mcp_Name": "fake.echo"}, {"Mcp_Method": "tools/list"}, {"MCP_Protocol_Version": "2025-11-25"}, {"Mcp_Name": "=?base64?!?="}]:
        status, body, _ = fake.post(call, **{**good, **change})
        assert (status, json.loads(body)["error"]["code"]) == (400, -32020), change
    encoded = "=?base64?" + base64.b64encode(b"fake.work").decode() + "?="
    assert fake.post(call, **{**good, "Mcp_Name": encoded})[0] == 200
    for missing in good:
        assert fake.post(call, **{name: value for name, value in good.items() if name != missing})[0] == 400
    assert len(fake.reached()) == 1


def test_two_readings_are_none(fake):
    meta = json.dumps(META)
    good = modern_headers("tools/call", "fake.work")
    for body in [
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fake.work","name":"fake.echo","arguments":{"n":1},"_meta":%s}}',
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fake.work","Name":"fake.echo","arguments":{"n":1},"_meta":%s}}',
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fake.work","arguments":{"n":1},"arguments":{"n":2},"_meta":%s}}',
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","METHOD":"tools/list","params":{"name":"fake.work","arguments":{"n":1},"_meta":%s}}',
        '[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fake.work","arguments":{"n":1},"_meta":%s}}]',
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fake.work","arguments":{"n":1},"_meta":%s}} {}',
    ]:
        assert fake.post((body % meta).encode(), **good)[0] == 400, body
    # Arguments that may be read in two ways are the policy's to deny.
    for args in ['{"n":1,"n":2}', '{"n":1,"N":2}', '{"n":1.5}', '{"n":"1"}', '{"n":1,"more":2}', "{}"]:
        body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fake.work","arguments":%s,"_meta":%s}}' % (args, meta)
        status, reply, _ = fake.post(body.encode(), **good)
        assert status == 400 or json.loads(reply)["result"]["isError"], args
    assert fake.reached() == []


def test_a_line_in_a_message_is_no_message_of_its_own(fake):
    """White space of JSON may hold line breaks; a server that reads lines must not see them."""
    smuggled = '{"jsonrpc":"2.0","id":777,"method":"tools/call","params":{"name":"echo","arguments":{"value":1}}}'
    headers = modern_headers("tools/call", "fake.work")
    meta = json.dumps(META)[1:-1]
    for end in ["\n", "\r", "\r\n"]:
        for params in [
            '{"name":"fake.work","arguments":{"n":%s%s%s,"n2":1},"_meta":{%s}}' % (end, smuggled, end, meta),
            '{"name":"fake.work","arguments":%s{"n":%s1},"zz":[%s%s%s],"_meta":{%s}}' % (end, end, end, smuggled, end, meta),
            '{"name":"fake.work","arguments":{"n":1},"_meta":{%s,"x":[%s%s%s]}}' % (meta, end, smuggled, end),
        ]:
            body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":%s}' % params
            fake.post(body.encode(), **headers)
    assert {call["name"] for call in fake.reached()} == {"work"}
    assert all(list(call["args"]) == ["n"] for call in fake.reached())
    assert all(len(line.splitlines()) == 1 for line in fake.log.read_text().rstrip("\n").split("\n"))
    fake.verified()


def test_nothing_goes_on_that_no_rule_has_seen(fake):
    """Rules see the arguments; whatever else stands in a message goes no further."""
    leak = "reach me at bob@acme.example"
    assert fake.call("fake.note", {"text": leak})["result"]["isError"]
    headers = modern_headers("tools/call", "fake.note")
    for params in [{"extra": leak}, {"task": {"ttl": 1, "note": leak}}, {"_meta": {**META, "note": leak}}, {"_meta": {**META, "traceparent": leak}}]:
        call = modern("tools/call", {"name": "fake.note", "arguments": {"text": "x"}})
        call["params"].update(params)
        assert not json.loads(fake.post(call, **headers)[1])["result"].get("isError")
    assert all("bob" not in json.dumps(call) for call in fake.reached())
    for answer in [{"requestState": "s"}, {"inputResponses": {}}]:
        call = modern("tools/call", {"name": "fake.note", "arguments": {"text": "x"}, **answer})
        assert "error" in json.loads(fake.post(call, **headers)[1])
    assert "bob" not in fake.log.read_text().replace(json.dumps({"text": leak}, separators=(",", ":")), "")


def test_an_answer_that_is_none_yet_is_recorded_and_not_given_on(fake):
    """What a server asks for may be the very data that its results carry."""
    reply = fake.call("fake.asks", {})
    assert reply["result"]["isError"] and "THE SECRET" not in json.dumps(reply)
    assert fake.call("fake.send", {"text": "x"})["result"]["isError"], "its label is in force"


def test_results_that_are_none_are_in_the_log(fake):
    for how in ["number", "text", "flag", "task"]:
        assert fake.call("fake.odd", {"how": how})["result"]["isError"], how
    results = [line for line in fake.lines() if line["audit"] == "result"]
    assert len(results) == 4 and not any(line["result"]["ok"] for line in results)


def mutated(chance: random.Random, text: bytes) -> bytes:
    """A message that was bent in a few places."""
    parts = [b'"name":"fake.echo"', b'"arguments":{"value":1}', b"{", b"}", b'"', b",", b":", b"\\u0000", b"\xff", b"[" * 200, b"fake.work", b"null", b"1e999", b'"id":null,', b"\r\n"]
    out = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            out[at:at] = chance.choice(parts)
        elif kind == 1:
            del out[at : at + chance.randint(1, 12)]
        elif kind == 2 and out:
            out[min(at, len(out) - 1)] = chance.randrange(256)
        elif kind == 3:
            end = min(len(out), at + chance.randint(1, 40))
            out[at:at] = out[at:end]
        else:
            out = bytearray(bytes(out).replace(chance.choice([b"fake.echo", b"name", b"method", b"params"]), chance.choice([b"fake.work", b"Name", b"fake.echo", b"arguments"]), 1))
        if not out:
            out = bytearray(b" ")
    return bytes(out)


def test_bent_messages_admit_nothing_that_is_denied(fake):
    """Mutations of a call that is denied: the tool that is denied is never reached, whatever else is, and the gateway stays."""
    chance = random.Random(11)
    denied = json.dumps(modern("tools/call", {"name": "fake.echo", "arguments": {"value": 1}}), separators=(",", ":")).encode()
    allowed = json.dumps(modern("tools/call", {"name": "fake.work", "arguments": {"n": 1}}), separators=(",", ":")).encode()
    for _ in range(MESSAGES):
        body = mutated(chance, chance.choice([denied, allowed]))
        name = chance.choice(["fake.echo", "fake.work"])
        fake.post(body, **modern_headers("tools/call", name))
    assert all(call["name"] != "echo" for call in fake.reached())
    assert json.loads(fake.call("fake.work", {"n": 3})["result"]["content"][0]["text"]) == {"n": 3}
