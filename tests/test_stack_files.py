"""The files of examples/litellm-local: what they promise each other, checked without a container engine."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples" / "litellm-local"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CONFIG = yaml.safe_load((FOLDER / "litellm_config.yaml").read_text(encoding="utf-8"))
ENV_EXAMPLE = (FOLDER / ".env.example").read_text(encoding="utf-8")
VARIABLES = set(re.findall(r"^(\w+)=", ENV_EXAMPLE, re.MULTILINE))

TUNED = {
    "dimension_weights": {
        "tokenCount": 0.0,
        "reasoningMarkers": 0.40,
        "simpleIndicators": 0.20,
        "technicalTerms": 0.25,
        "codePresence": 0.10,
        "multiStepPatterns": 0.03,
        "questionComplexity": 0.02,
    },
    "tier_boundaries": {"simple_medium": 0.10, "medium_complex": 0.25, "complex_reasoning": 0.55},
}


def _routers(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        entry["model_name"]: entry
        for entry in config["model_list"]
        if entry["litellm_params"]["model"] == "auto_router/complexity_router"
    }


def _models(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    routers = _routers(config)
    return {
        entry["model_name"]: {name: value for name, value in entry["litellm_params"].items() if name != "api_base"}
        for entry in config["model_list"]
        if entry["model_name"] not in routers
    }


def test_the_models_are_those_that_the_other_tests_run_with() -> None:
    """27 of five providers, with the same prices; three routers."""
    seed = (ROOT / "tests" / "real" / "seed004.yaml").read_text(encoding="utf-8").replace("${keyed}", "")
    other = yaml.safe_load(seed)
    assert _models(CONFIG) == _models(other)
    assert list(_routers(CONFIG)) == list(_routers(other))
    assert (len(_models(CONFIG)), len(_routers(CONFIG))) == (27, 3)
    providers = {params["model"].split("/")[0] for params in _models(CONFIG).values()}
    assert providers == {"openai", "anthropic", "gemini", "mistral", "opencodego"}


@pytest.mark.parametrize("name", _routers(CONFIG))
def test_a_router_is_tuned_complete_and_no_model(name: str) -> None:
    """Token count off, all four tiers on models that exist, no health check."""
    entry = _routers(CONFIG)[name]
    config = entry["litellm_params"]["complexity_router_config"]
    assert {key: config[key] for key in TUNED} == TUNED
    assert list(config["tiers"]) == ["SIMPLE", "MEDIUM", "COMPLEX", "REASONING"]
    assert set(config["tiers"].values()) <= _models(CONFIG).keys()
    assert entry["model_info"] == {"mode": "chat", "disable_background_health_check": True}
    assert CONFIG["general_settings"]["health_check_skip_disabled_background_models"] is True


def test_what_the_configuration_takes_from_the_environment_is_there() -> None:
    """Each variable that it names is set for the container, and each key is one of .env."""
    named = set(re.findall(r"os\.environ/(\w+)", (FOLDER / "litellm_config.yaml").read_text(encoding="utf-8")))
    assert named <= SERVICES["litellm"]["environment"].keys()
    assert {name for name in named if name.endswith("_KEY")} <= VARIABLES
    custom = json.loads((FOLDER / "providers.json").read_text(encoding="utf-8"))
    assert {provider["api_key_env"] for provider in custom.values()} <= named


def test_the_environment_has_every_variable_and_no_value() -> None:
    """What compose.yaml asks for is in .env.example, that alone, and the shell reads it as it is."""
    asked = set(re.findall(r"\$\{(\w+)", (FOLDER / "compose.yaml").read_text(encoding="utf-8")))
    assert asked == VARIABLES
    assert re.findall(r"^\w+=(.+)$", ENV_EXAMPLE, re.MULTILINE) == []
    subprocess.run(["sh", "-eu", FOLDER / ".env.example"], check=True, timeout=10)
    assert "/.env" in (FOLDER / ".gitignore").read_text(encoding="utf-8").split()


def test_no_secret_is_written_down() -> None:
    """Whatever is a key or a password, or has one in it, comes from the environment; the three are demanded."""
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"KEY|PASSWORD|DATABASE_URL", name):
                assert re.search(r"\$\{\w+:(\?.+|-)\}", value), name
    required = ("POSTGRES_PASSWORD", "LITELLM_MASTER_KEY", "LITELLM_SALT_KEY")
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    assert all(f"${{{name}:?" in text and f"${{{name}}}" not in text for name in required)


def test_every_image_is_pinned_and_litellm_is_the_tested_one() -> None:
    """A full version each, and no tag that moves."""
    for service in SERVICES.values():
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-alpine)?$", service["image"]), service["image"]
    lock = (ROOT / "requirements" / "litellm.txt").read_text(encoding="utf-8")
    locked = re.search(r"^litellm==([\d.]+)", lock, re.MULTILINE)
    assert locked is not None
    assert SERVICES["litellm"]["image"].endswith(f":v{locked[1]}")


def test_every_service_is_checked_and_waited_for() -> None:
    """LiteLLM starts when the other two are healthy."""
    assert set(SERVICES) == {"litellm", "postgres", "redis"}
    for service in SERVICES.values():
        assert service["healthcheck"]["test"][0] == "CMD"
        assert {"interval", "timeout", "retries"} <= service["healthcheck"].keys()
    healthy = {"condition": "service_healthy"}
    assert SERVICES["litellm"]["depends_on"] == {"postgres": healthy, "redis": healthy}


def test_only_this_machine_reaches_only_litellm() -> None:
    """One port is published, on loopback."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"litellm": ["127.0.0.1:4000:4000"]}
    assert not any("network_mode" in service for service in SERVICES.values())


def test_what_is_mounted_is_there_and_is_what_is_started() -> None:
    """Each file exists, is read-only in the container, and its place there is the one that the command names."""
    mounts = {}
    for volume in SERVICES["litellm"]["volumes"]:
        source, target, mode = volume.split(":")
        assert (FOLDER / source).is_file()
        assert mode == "ro"
        mounts[target] = source
    litellm = SERVICES["litellm"]
    assert mounts[litellm["entrypoint"][1]] == "./start_litellm.py"
    assert mounts[litellm["command"][1]] == "./litellm_config.yaml"
    assert litellm["entrypoint"][1].rpartition("/")[0] + "/providers.json" in mounts
    named = {volume.split(":")[0] for name in ("postgres", "redis") for volume in SERVICES[name]["volumes"]}
    assert named == set(COMPOSE["volumes"])
