"""The official clients before real servers: what each persona sees, and what each kind of rule does."""
import asyncio
import json
import os
import subprocess

import httpx2
import pytest
from gateway import HERE, SERVERS, WORK, Gateway
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

CODER = {"ev.echo", "ev.get-sum", "fs.read_text_file", "fs.write_file", "fs.list_directory", "git.git_status", "git.git_add", "mem.read_graph"}


def over_http(gateway: Gateway, token: str):
    client = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30)
    return streamable_http_client(gateway.url + "/mcp", http_client=client)


def over_stdio(folder) -> object:
    gateway = Gateway(folder, SERVERS, listen=False)
    return stdio_client(StdioServerParameters(command=os.environ["LEVERFRAME_GATEWAY_BIN"], args=["--config", str(gateway.config)]))


async def seen(client) -> set[str]:
    return {tool.name for tool in (await client.list_tools()).tools}


async def said(client, name: str, **args) -> tuple[bool, str]:
    result = await client.call_tool(name, args)
    return not result.is_error, " ".join(getattr(part, "text", "") for part in result.content)


@pytest.mark.parametrize("mode", ["2026-07-28", "legacy"])
def test_lists_are_of_the_persona(real, mode):
    async def go():
        async with Client(over_http(real, "coder"), mode=mode) as client:
            assert await seen(client) == CODER
        async with Client(over_http(real, "reader"), mode=mode) as client:
            assert await seen(client) == {"fs.list_directory"}

    asyncio.run(go())


@pytest.mark.parametrize("mode", ["2026-07-28", "legacy"])
def test_each_kind_of_rule_acts(tmp_path, mode):
    gateway = Gateway(tmp_path, SERVERS).start()

    async def go():
        async with Client(over_http(gateway, "coder"), mode=mode) as client:
            file = str(WORK / "files" / "a.txt")
            # Permissions.
            assert (await said(client, "fs.write_file", path=file, content="write to bob@acme.example"))[0]
            done, words = await said(client, "fs.move_file", source=file, destination=file + "x")
            assert not done and "coder.otherwise" in words
            # Counts.
            for n in range(3):
                assert await said(client, "ev.get-sum", a=1, b=n) == (True, f"The sum of 1 and {n} is {1 + n}.")
            done, words = await said(client, "ev.get-sum", a=1, b=1)
            assert not done and "(sums)" in words
            # Redaction, and a label that a sequence reads.
            assert (await said(client, "ev.echo", message="before"))[0]
            assert await said(client, "fs.read_text_file", path=file) == (True, "write to [redacted:std.email]")
            done, words = await said(client, "ev.echo", message="after")
            assert not done and "no_leak" in words
            # Asking.
            (WORK / "repo" / "f").write_text(mode)
            add = {"repo_path": str(WORK / "repo"), "files": ["f"]}
            done, words = await said(client, "git.git_add", **add)
            assert not done and "a reviewer" in words
            waits = json.loads(gateway.get("/v1/approvals", "boss")[1])
            assert [(one["tool"], one["by"], json.loads(one["arguments"])) for one in waits] == [("git.git_add", ["a reviewer"], add)]
            approve = f"/v1/approvals/{waits[0]['id']}/approve"
            statuses = [gateway.request("POST", approve, b"", {"Authorization": f"Bearer {who}"})[0] for who in ["coder", "u1", "boss"]]
            assert statuses == [401, 403, 204], "a stranger, who asked, and whoever may"
            other = await said(client, "git.git_add", repo_path=add["repo_path"], files=["g"])
            assert not other[0] and "waits" in other[1], "other arguments are another call"
            assert (await said(client, "git.git_add", **add))[0]
            assert not (await said(client, "git.git_add", **add))[0], "an approval is used once"

    asyncio.run(go())
    assert gateway.end() == 0
    gateway.verified()
    kinds = [line["audit"] for line in gateway.lines()]
    assert kinds[0] == "start" and kinds[-1] == "end" and kinds.count("approval") == 1
    # What the log holds, the policy decides again in the same way.
    done = subprocess.run([os.environ["LEVERFRAME_BIN"], "replay", str(WORK / "policy.frame"), str(gateway.log), "--format", "jsonl"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    again = [(line["id"], line["verdict"], line["rule"]) for line in map(json.loads, done.stdout.splitlines())]
    assert again == [(line["id"], line["verdict"], line["rule"]) for line in gateway.lines() if line["audit"] == "decision"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_standard_input(tmp_path, mode):
    async def go():
        async with Client(over_stdio(tmp_path), mode=mode) as client:
            assert await seen(client) == CODER
            assert await said(client, "ev.get-sum", a=2, b=2) == (True, "The sum of 2 and 2 is 4.")
            assert not (await said(client, "fs.move_file", source="/a", destination="/b"))[0]

    asyncio.run(go())


@pytest.mark.parametrize("client", ["modern", "legacy"])
def test_clients_in_typescript(real, client):
    script = HERE / "clients.mjs"
    (WORK / "clients.mjs").write_text(script.read_text())
    done = subprocess.run(["node", str(WORK / "clients.mjs"), client, real.url + "/mcp"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert set(said["tools"]) == CODER
    assert said["sum"] == "The sum of 1 and 2 is 3." and said["denied"] is True
