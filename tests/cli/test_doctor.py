"""``doctor``: real processes, real listeners, real files; most of it is about what does not work."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rogue import STRANGER, Listener, free_ports, listening
from servers import answering, described, proxy
from tool import Run, discover

from recordings import body, recorded

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "doctor.schema.json").read_text("utf-8"))
)
CANARY = "sk-canary-of-the-doctor"
KEY = {"LITELLM_API_KEY": CANARY}
MARK = {"/health/liveliness": "I'm alive!", "/public/model_hub/info": {"litellm_version": "1.106.2"}}
INFO = [described("claude-opus-4-8", litellm_provider="anthropic", mode="chat")]


def examine(root: Path, *arguments: str, **env: str) -> tuple[Run, dict[str, Any]]:
    """One check-up as JSON; its findings by code, the first of each."""
    run = discover("doctor", "--json", *arguments, root=root, env=env)
    assert run.stdout, run.stderr
    SCHEMA.validate(run.json)
    assert CANARY not in run.stdout + run.stderr
    assert run.returncode == (1 if run.json["status"] == "error" else 0)
    for finding in run.json["findings"]:
        assert finding["hint"] or finding["severity"] == "info", finding
    return run, {finding["code"]: finding for finding in reversed(run.json["findings"])}


def url_of(port: int) -> tuple[str, str]:
    """The option for a proxy on this port."""
    return "--url", f"http://127.0.0.1:{port}"


def write(path: Path, text: str) -> Path:
    """A file of the person."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def opencode(root: Path, name: str = "opencode.jsonc") -> Path:
    """OpenCode's file."""
    return root / "config" / "opencode" / name


def test_where_there_is_nothing_it_says_what_to_start(tmp_path: Path) -> None:
    """No proxy, no agent, no file: one error, and what to do about it."""
    (port,) = free_ports(1)
    run, found = examine(tmp_path, LITELLM_DISCOVER_PORT=str(port))
    assert run.json["findings"][0]["code"] == "proxy_not_found"
    assert "--url" in found["proxy_not_found"]["hint"]
    assert found["answers"]["message"].count(": nothing") == 2
    assert found["no_key"]["message"] == "there is no key: not tried"
    assert {"agent_missing", "no_snapshot", "no_daemon", "program"} <= found.keys()


def test_another_server_on_the_port_is_told(tmp_path: Path) -> None:
    """It answers, and not as LiteLLM; it hears no key."""
    with answering({"/": "hello"}) as (port, asked):
        _, found = examine(tmp_path, LITELLM_DISCOVER_PORT=str(port), **KEY)
    assert f"http://127.0.0.1:{port}: not LiteLLM" in found["answers"]["message"]
    assert found["proxy_not_found"]["severity"] == "error"
    assert found["key"]["message"] == "the key is from env:LITELLM_API_KEY: not tried"
    assert not [line for line in asked if CANARY in line]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a listener of another user")
def test_a_stranger_on_the_port_gets_nothing_and_is_named(tmp_path: Path) -> None:
    """The same gate as everywhere."""
    (port,) = free_ports(1)
    log = tmp_path / "heard"
    with listening(Listener("127.0.0.1", port), log=log, uid=STRANGER):
        run, found = examine(tmp_path, LITELLM_DISCOVER_PORT=str(port), **KEY)
    error = run.json["findings"][0]
    assert (error["area"], error["code"]) == ("trust", "untrusted_origin")
    assert f"litellm-discover trust http://127.0.0.1:{port}" in error["hint"]
    assert "LiteLLM, not trusted" in found["answers"]["message"]
    assert "rogue-model" not in run.stdout
    assert CANARY.encode() not in log.read_bytes()


@pytest.mark.parametrize(
    ("recording", "key", "code"),
    [
        ("v1.106.2/seed004_key__noauth/GET_v1_models", {}, "credential_missing"),
        ("v1.106.2/seed004_key__wrong_sk/GET_v1_models", KEY, "credential_refused"),
        ("v1.106.2/virtualkey_UNKNOWN/v1_models", KEY, "credential_refused"),
        ("v1.106.2/virtualkey_expired/v1_models", KEY, "credential_refused"),
        ("v1.106.2/virtualkey_chatonly/v1_models", KEY, "credential_scope"),
    ],
)
def test_a_refused_key_is_told_with_its_source_and_the_status(
    tmp_path: Path, recording: str, key: dict[str, str], code: str
) -> None:
    """As 1.106.2 really answers; its version is known all the same, and nothing of its text is shown."""
    status = recorded(recording).status
    answers = {**MARK, "/v1/models": body(recording)}
    with answering(answers, status={"/v1/models": status}) as (port, _):
        run, found = examine(tmp_path, *url_of(port), **key)
    assert run.json["findings"][0]["code"] == code
    assert run.json["findings"][0]["area"] == "key"
    assert found["key" if key else "no_key"]["message"].endswith(f": /v1/models {status}")
    assert found["version"]["message"] == "LiteLLM 1.106.2"
    assert "Authentication Error" not in run.stdout


def test_a_known_hole_is_told_of_a_proxy_that_refuses_the_key(tmp_path: Path) -> None:
    """The version needs no key."""
    answers = {**MARK, "/public/model_hub/info": {"litellm_version": "1.82.8"}, "/v1/models": {"error": {}}}
    with answering(answers, status={"/v1/models": 401}) as (port, _):
        _, found = examine(tmp_path, *url_of(port), **KEY)
    assert found["malicious_version"]["severity"] == "error"


def test_forbidden_metadata_is_a_warning(tmp_path: Path) -> None:
    """The models are there all the same; each route has its status."""
    forbidden = body("v1.106.2/virtualkey_chatonly/v1_model_info")
    answers = {
        **MARK,
        "/v1/models": {"data": [{"id": "claude-opus-4-8"}]},
        "/v1/model/info": forbidden,
        "/model_group/info": forbidden,
    }
    refused = {"/v1/model/info": 403, "/model_group/info": 403}
    with answering(answers, status=refused) as (port, _):
        run, found = examine(tmp_path, *url_of(port), **KEY)
    assert run.json["status"] == "warning"
    assert found["metadata_forbidden"]["hint"]
    assert found["key"]["message"].endswith("/v1/models 200, /v1/model/info 403, /model_group/info 403")
    assert found["models"]["message"].startswith("1 offered")


def test_a_file_that_cannot_be_read_is_told_with_its_line_and_hides_nothing(tmp_path: Path) -> None:
    """The proxy, and the other agent, are looked at as ever."""
    broken = write(opencode(tmp_path), '{\n  "model": oops\n}\n')
    write(tmp_path / "home" / ".pi" / "agent" / "models.json", '{"providers": {}}')
    with proxy(["claude-opus-4-8"], INFO) as (port, _):
        run, found = examine(tmp_path, *url_of(port))
    (error,) = [each for each in run.json["findings"] if each["severity"] == "error"]
    assert (error["area"], error["about"], error["code"]) == ("agent", "opencode", "config_syntax")
    assert f"{broken}: line 2, column 12" in error["message"]
    assert "config_unreadable" not in found
    assert found["models"]["message"].startswith("1 offered")
    assert found["not_written"]["about"] == "pi"
    assert broken.read_text("utf-8") == '{\n  "model": oops\n}\n'


def test_all_is_well_after_a_write_and_then_the_proxy_changes(tmp_path: Path) -> None:
    """Nothing to do, then drift; neither changes the file."""
    with proxy(["claude-opus-4-8"], INFO) as (port, _):
        discover("--write", "opencode", *url_of(port), root=tmp_path)
        before = opencode(tmp_path).read_bytes()
        run, found = examine(tmp_path, *url_of(port))
    assert run.json["status"] == "ok", run.stdout
    assert {"up_to_date", "snapshot"} <= found.keys()
    with proxy(["claude-opus-4-8", "claude-haiku-4-5"], [*INFO, described("claude-haiku-4-5")], port=port):
        run, found = examine(tmp_path, *url_of(port))
    assert run.json["status"] == "warning"
    assert found["drift"]["message"].endswith("1 to add")
    assert opencode(tmp_path).read_bytes() == before


def test_a_silent_proxy_is_an_error_although_it_is_remembered(tmp_path: Path) -> None:
    """The agents cannot reach it; what is written is still compared."""
    with proxy(["claude-opus-4-8"], INFO) as (port, _):
        discover("--write", "opencode", *url_of(port), root=tmp_path)
    run, found = examine(tmp_path, *url_of(port))
    assert found["stale"]["severity"] == "error"
    assert found["stale"]["area"] == "proxy"
    assert "up_to_date" in found
    assert run.returncode == 1


def test_a_proxy_that_hangs_is_told_in_time_with_all_the_rest(tmp_path: Path) -> None:
    """The run is not cut off: there is a document, and the agents are in it."""
    write(opencode(tmp_path), "{}")
    (port,) = free_ports(1)
    hanging = Listener("127.0.0.1", port, answer="silent", mark="silent")
    with listening(hanging, log=tmp_path / "heard"):
        _, found = examine(tmp_path, *url_of(port), **KEY)
    assert found["deadline"]["severity"] == "error"
    assert "no answer in time" in found["answers"]["message"]
    assert {"not_compared", "program"} <= found.keys()


def test_each_of_several_proxies_is_told_by_itself(tmp_path: Path) -> None:
    """One that is down does not hide the other."""
    (down,) = free_ports(1)
    with proxy(["claude-opus-4-8"], INFO) as (port, _):
        tables = "\n".join(
            f'[[proxy]]\nid = "{each}"\nurl = "http://127.0.0.1:{at}"\n'
            for each, at in (("home", port), ("work", down))
        )
        write(tmp_path / "config" / "litellm-discover" / "config.toml", tables)
        run, found = examine(tmp_path)
    assert [(each["about"], each["code"]) for each in run.json["findings"] if each["severity"] == "error"] == [
        ("work", "proxy_unreachable")
    ]
    assert found["models"]["about"] == "home"


def test_what_is_written_of_a_proxy_that_refuses_is_no_drift(tmp_path: Path) -> None:
    """A write would leave it, and nothing is known against it."""
    with proxy(["claude-opus-4-8"], INFO) as (home, _):
        with proxy(["claude-haiku-4-5"], [described("claude-haiku-4-5", mode="chat")]) as (work, _):
            tables = "".join(
                f'[[proxy]]\nid = "{each}"\nurl = "http://127.0.0.1:{at}"\n'
                for each, at in (("home", home), ("work", work))
            )
            write(tmp_path / "config" / "litellm-discover" / "config.toml", tables)
            assert discover("--write", "opencode", root=tmp_path).returncode == 0
        with answering({**MARK, "/v1/models": {"error": {}}}, status={"/v1/models": 401}, port=work):
            run, found = examine(tmp_path)
    assert "claude-haiku-4-5" in opencode(tmp_path).read_text("utf-8")
    assert (run.json["findings"][0]["about"], run.json["findings"][0]["code"]) == ("work", "credential_missing")
    assert "up_to_date" in found


def test_an_agent_is_told_with_its_version_and_what_outranks_its_file(tmp_path: Path) -> None:
    """As npm installs OpenCode; it is not started for that."""
    package = tmp_path / "lib" / "node_modules" / "opencode-ai"
    write(package / "package.json", '{"name": "opencode-ai", "version": "1.18.33"}')
    write(package / "bin" / "opencode", "#!/bin/sh\nexit 7\n").chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "opencode").symlink_to(package / "bin" / "opencode")
    write(opencode(tmp_path, "config.json"), "{}")
    write(opencode(tmp_path), "{}")
    with proxy(["claude-opus-4-8"], INFO) as (port, _):
        _, found = examine(tmp_path, *url_of(port), PATH=str(tmp_path / "bin"), OPENCODE_CONFIG="/somewhere.json")
    said = f"OpenCode 1.18.33: {opencode(tmp_path)} is edited; it outranks config.json"
    assert found["agent"]["message"] == said
    assert found["agent_overridden"]["message"].startswith("OPENCODE_CONFIG ")


def test_pins_that_cannot_be_read_and_an_open_way_are_told(tmp_path: Path) -> None:
    """Neither is a reason to send anything."""
    run, found = examine(tmp_path, LITELLM_API_BASE="http://192.0.2.7:4000", **KEY)
    assert (run.json["findings"][0]["area"], found["insecure_http"]["severity"]) == ("trust", "error")
    assert "not asked" in found["answers"]["message"]
    write(tmp_path / "state" / "litellm-discover" / "trust.json", "damaged")
    with proxy(["claude-opus-4-8"], INFO) as (port, asked):
        _, found = examine(tmp_path, *url_of(port))
    assert "trust.json cannot be understood" in found["config"]["message"]
    assert asked == []


def test_a_broken_config_of_ours_is_told_and_nobody_is_asked(tmp_path: Path) -> None:
    """A guess could send a key elsewhere. The agents' files are looked at."""
    write(tmp_path / "config" / "litellm-discover" / "config.toml", "write = [\n")
    write(opencode(tmp_path), "{}")
    with proxy(["claude-opus-4-8"]) as (port, asked):
        run, found = examine(tmp_path, *url_of(port))
    assert run.json["findings"][0]["area"] == "settings"
    assert "config.toml" in run.json["findings"][0]["message"]
    assert asked == []
    assert {"agent", "not_compared"} <= found.keys()


def test_a_plugin_whose_program_is_gone_is_an_error(tmp_path: Path) -> None:
    """After an environment was removed, for example."""
    discover("shim", "install", "pi", root=tmp_path)
    path = tmp_path / "home" / ".pi" / "agent" / "extensions" / "litellm-discover.js"
    with proxy(["claude-opus-4-8"], INFO) as (port, _):
        _, found = examine(tmp_path, *url_of(port))
        assert found["plugin"]["severity"] == "info"
        assert found["by_plugin"]["about"] == "pi"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        gone = [
            'const COMMAND = ["/nowhere/python"];\n' if line.startswith("const COMMAND = ") else line for line in lines
        ]
        path.write_text("".join(gone), encoding="utf-8")
        _, found = examine(tmp_path, *url_of(port))
    assert found["plugin_broken"]["hint"] == "litellm-discover shim install pi"


def test_hostile_ids_reach_no_terminal(tmp_path: Path) -> None:
    """A person reads what was left out, as escapes, and every line has its place."""
    with proxy(["\x1b[31mevil", "\u202elive", "claude-opus-4-8"], INFO) as (port, _):
        run = discover("doctor", *url_of(port), root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "\\u001b[31mevil" in run.stdout
    assert not {"\x1b", "\u202e"} & set(run.stdout + run.stderr)
    assert "0 errors, 1 warning" in run.stderr


def test_a_bundle_is_private_and_replaces_nothing(tmp_path: Path) -> None:
    """Its owner's alone, with no key, no home, no host and no id of a model; a second one is refused."""
    home = tmp_path / "home"
    env = {"LITELLM_API_BASE": "https://llm.corp.example.invalid:8443/team", "XDG_CONFIG_HOME": str(home / "c"), **KEY}
    write(home / "c" / "opencode" / "opencode.json", '{"provider": {"litellm": {"models": {"secret-model": oops}}}}')
    bundle = tmp_path / "bundle.json"
    run, _ = examine(tmp_path, "--bundle", str(bundle), **env)
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    text = bundle.read_text("utf-8")
    document = json.loads(text)
    SCHEMA.validate(document)
    for private in (CANARY, str(home), "corp.example", "/team", "secret-model"):
        assert private not in text
    assert any(each["message"].startswith("https://…:8443: nothing") for each in document["findings"])
    assert len(document["findings"]) == len(run.json["findings"])
    assert document["program"].keys() == {"version", "python", "implementation", "platform"}
    run, found = examine(tmp_path, "--bundle", str(bundle), **env)
    assert found["exists"]["severity"] == "error"
    assert bundle.read_text("utf-8") == text


def test_no_model_is_named_in_a_bundle(tmp_path: Path) -> None:
    """Not those that are offered, and not those that are left out."""
    bundle = tmp_path / "bundle.json"
    with proxy(["secret-model", "secret\x1bmodel"], [described("secret-model")]) as (port, _):
        run, found = examine(tmp_path, "--bundle", str(bundle), *url_of(port))
    assert "secret" in found["unsafe_ids"]["message"]
    assert "secret" not in bundle.read_text("utf-8")
    assert run.returncode == 0


@pytest.mark.parametrize(("version", "code"), [("1.86.2", "routers_checked"), ("1.106.2", "routers")])
def test_routers_are_told_without_a_health_check(tmp_path: Path, version: str, code: str) -> None:
    """From what describes them; the proxy's /health, which calls every model, is never asked."""
    info = [described("m"), described("r", disable_background_health_check=True), described("s")]
    for entry in info[1:]:
        entry["litellm_params"] = {"model": "auto_router/complexity_router"}
    answers = {
        **MARK,
        "/public/model_hub/info": {"litellm_version": version},
        "/v1/models": {"data": [{"id": name} for name in ("m", "r", "s")]},
        "/v1/model/info": {"data": info},
    }
    with answering(answers) as (port, asked):
        run, found = examine(tmp_path, *url_of(port), "--bundle", str(tmp_path / "bundle.json"))
        assert discover("--url", f"http://127.0.0.1:{port}", root=tmp_path).returncode == 0
    assert found[code]["message"].endswith(": s" if code == "routers_checked" else "as healthy as their tiers")
    assert found[code]["severity"] == ("warning" if code == "routers_checked" else "info")
    assert {line.split()[0] for line in asked} <= answers.keys() | {"/health/readiness"}
    assert "left out: it can name models" in (tmp_path / "bundle.json").read_text("utf-8")
    assert run.returncode == 0
