"""Gateways for the tests: configured, started, spoken to and ended."""
import contextlib
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent
WORK = pathlib.Path(os.environ["LEVERFRAME_GATEWAY_WORK"])
GATEWAY = os.environ["LEVERFRAME_GATEWAY_BIN"]
LEVERFRAME = os.environ["LEVERFRAME_BIN"]
BIN = WORK / "node_modules" / ".bin"

SERVERS = {
    "ev": [str(BIN / "mcp-server-everything")],
    "fs": [str(BIN / "mcp-server-filesystem"), str(WORK / "files")],
    "mem": [str(BIN / "mcp-server-memory")],
    "git": [sys.executable, "-m", "mcp_server_git", "-r", str(WORK / "repo")],
}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def raw_tools(command: list[str]) -> str:
    """What a server answers to `tools/list`, raw."""
    ask = [
        {"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list", "params": {}},
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        for message in ask:
            server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            server.stdin.flush()
        for line in server.stdout:
            if json.loads(line).get("id") == 2:
                server.terminate()
                return line
    raise AssertionError(f"{command} lists no tools")


def frame() -> pathlib.Path:
    """The frame of the test's policy over what the real servers offer; built once."""
    built = WORK / "policy.frame"
    if not built.exists():
        (WORK / "files").mkdir(exist_ok=True)
        subprocess.run(["git", "init", "-q", str(WORK / "repo")], check=True)
        for alias, command in SERVERS.items():
            (WORK / f"{alias}.tools.json").write_text(raw_tools(command), encoding="utf-8")
        (WORK / "policy.lever").write_text((HERE / "policy.lever").read_text(encoding="utf-8"), encoding="utf-8")
        subprocess.run([LEVERFRAME, "build", str(WORK / "policy.lever"), "-o", str(built)], check=True)
    return built


class Gateway:
    """A running gateway."""

    def __init__(self, folder: pathlib.Path, upstreams: dict[str, list[str]], more: str = "", listen: bool = True, audit: str = "") -> None:
        self.folder, self.calls, self.log = folder, folder / "calls.jsonl", folder / "audit.jsonl"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = folder / "gateway.toml"
        self.config.write_text(self.text(upstreams, more, listen, audit), encoding="utf-8")
        self.process: subprocess.Popen | None = None

    def text(self, upstreams, more, listen, audit) -> str:
        quoted = json.dumps
        lines = [f"frame = {quoted(str(frame()))}", 'name = "g"', f'operator_sha256 = "{sha256("operator")}"']
        if listen:
            lines.append(f'listen = "127.0.0.1:{self.port}"')
        lines += [more, "[audit]", 'path = "audit.jsonl"', 'arguments = "full"', audit]
        for name, persona in [("coder", "coder"), ("reader", "reader"), ("worker", "worker")]:
            token = f'token_sha256 = "{sha256(name)}"' if listen or name != "coder" else ""
            lines += [f"[agent.{name}]", f'persona = "{persona}"', 'principal = "u1"', token]
        lines += ["[approver.boss]", f'token_sha256 = "{sha256("boss")}"', 'roles = ["a reviewer"]']
        lines += ["[approver.u1]", f'token_sha256 = "{sha256("u1")}"', 'roles = ["a reviewer"]']
        for alias, command in upstreams.items():
            lines += [f"[upstream.{alias}]", f"command = {quoted(command)}", "[upstream.%s.environment]" % alias, f"CALLS = {quoted(str(self.calls))}"]
        return "\n".join(lines) + "\n"

    def start(self, prefix: list[str] | None = None) -> "Gateway":
        errors = open(self.folder / "stderr.txt", "a", encoding="utf-8")
        command = [*(prefix or []), GATEWAY, "--config", str(self.config)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)
        for _ in range(400):
            with contextlib.suppress(OSError):
                if self.get("/readyz")[0] in (200, 503):
                    return self
            assert self.process.poll() is None, (self.folder / "stderr.txt").read_text()
            time.sleep(0.05)
        raise AssertionError("the gateway does not answer")

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> tuple[int, bytes, dict]:
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read(), dict(response.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read(), dict(error.headers)

    def get(self, path: str, token: str | None = None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.request("GET", path, headers=headers)[:2]

    def post(self, body, token: str | None = "worker", **headers) -> tuple[int, bytes, dict]:
        """A message, raw or to be written, as it is sent without any session."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self.request("POST", "/mcp", body, sent)

    def call(self, name: str, args: dict, token: str = "worker") -> dict:
        """A call of the revision without sessions; its reply."""
        _, body, _ = self.post(modern("tools/call", {"name": name, "arguments": args}), token, **modern_headers("tools/call", name))
        return json.loads(body)

    def reached(self) -> list[dict]:
        """The calls that have reached the fake server."""
        return [json.loads(line) for line in self.calls.read_text().splitlines()] if self.calls.exists() else []

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def verified(self) -> str:
        done = subprocess.run([GATEWAY, "audit", "verify", str(self.log)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


def modern(method: str, params: dict | None = None, ident: int = 1) -> dict:
    return {"jsonrpc": "2.0", "id": ident, "method": method, "params": {**(params or {}), "_meta": META}}


def modern_headers(method: str, name: str | None = None) -> dict:
    headers = {"MCP_Protocol_Version": "2026-07-28", "Mcp_Method": method}
    return {**headers, "Mcp_Name": name} if name else headers


FAKE = {"fake": [sys.executable, str(HERE / "fake_server.py")]}
