from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.naming import display_name

OFFICIAL_NAMES = json.loads((Path(__file__).parent / "data" / "names.json").read_text(encoding="utf-8"))

WANTED = {
    "gpt-4o": "GPT-4o",
    "gpt-4o-2024-08-06": "GPT-4o (2024-08-06)",
    "o3-pro-2025-06-10": "o3-pro (2025-06-10)",
    "chatgpt-4o-latest": "ChatGPT-4o latest",
    "opencode-kimi-k2-5": "Kimi K2.5 (opencode)",
    "opencode-qwen3-6-plus": "Qwen3.6 Plus (opencode)",
    "opencode-glm-5-1": "GLM 5.1 (opencode)",
    "alibaba-token/qwen3.8-max-preview": "Qwen3.8 Max Preview",
    "minimax/MiniMax-M2.5": "MiniMax M2.5",
    "deepseek-v3.2-exp": "DeepSeek V3.2 Exp",
    "bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0": "Claude Sonnet 4 (Bedrock US)",
    "bedrock/converse/us.anthropic.claude-haiku-4-5-20251001-v1:0": "Claude Haiku 4.5 (Bedrock US)",
    "bedrock/us-east-1/anthropic.claude-v2:1": "Claude v2.1 (Bedrock us-east-1)",
    "openrouter/anthropic/claude-sonnet-4.6": "Claude Sonnet 4.6 (OpenRouter)",
    "openrouter/qwen/qwen3-coder:exacto": "Qwen3 Coder (exacto, OpenRouter)",
    "fireworks_ai/accounts/fireworks/models/kimi-k2-instruct-0905": "Kimi K2 Instruct 0905 (Fireworks)",
    "ollama/llama3.1:8b-instruct-q4_K_M": "Llama 3.1 8B Instruct Q4_K_M",
    "ollama/hf.co/unsloth/Qwen3-30B-A3B-GGUF:Q4_K_M": "Qwen3 30B A3B Q4_K_M",
    "together_ai/mistralai/Mixtral-8x22B-Instruct-v0.1": "Mixtral 8x22B Instruct v0.1",
    "groq/meta-llama/llama-4-scout-17b-16e-instruct": "Llama 4 Scout 17B-16E Instruct",
}

LOCAL_SETUP = {
    "gpt-5.5": "GPT-5.5",
    "gpt-5.4": "GPT-5.4",
    "gpt-5.4-mini": "GPT-5.4 Mini",
    "claude-haiku-4-5": "Claude Haiku 4.5",
    "claude-sonnet-4-5": "Claude Sonnet 4.5",
    "claude-sonnet-4-6": "Claude Sonnet 4.6",
    "claude-opus-4-5": "Claude Opus 4.5",
    "claude-opus-4-6": "Claude Opus 4.6",
    "claude-opus-4-7": "Claude Opus 4.7",
    "claude-opus-4-8": "Claude Opus 4.8",
    "gemini-2.5-pro": "Gemini 2.5 Pro",
    "gemini-3.1-pro-preview": "Gemini 3.1 Pro Preview",
    "gemini-3.5-flash": "Gemini 3.5 Flash",
    "mistral-small-4": "Mistral Small 4",
    "mistral-medium-3-5": "Mistral Medium 3.5",
    "opencode-deepseek-v4-pro": "DeepSeek V4 Pro (opencode)",
    "opencode-deepseek-v4-flash": "DeepSeek V4 Flash (opencode)",
    "opencode-glm-5": "GLM 5 (opencode)",
    "opencode-glm-5-1": "GLM 5.1 (opencode)",
    "opencode-kimi-k2-5": "Kimi K2.5 (opencode)",
    "opencode-kimi-k2-6": "Kimi K2.6 (opencode)",
    "opencode-mimo-v2-5": "MiMo V2.5 (opencode)",
    "opencode-mimo-v2-5-pro": "MiMo V2.5 Pro (opencode)",
    "opencode-minimax-m2-5": "MiniMax M2.5 (opencode)",
    "opencode-minimax-m2-7": "MiniMax M2.7 (opencode)",
    "opencode-qwen3-6-plus": "Qwen3.6 Plus (opencode)",
    "opencode-qwen3-7-max": "Qwen3.7 Max (opencode)",
    "frontier-router": "Frontier Router",
    "opencodego-router": "OpenCode Go Router",
    "mistral-router": "Mistral Router",
}

ROUTES = {
    "anthropic/claude-3-5-sonnet": "Claude 3.5 Sonnet",
    "bedrock/global.anthropic.claude-opus-4-5-20251101-v1:0": "Claude Opus 4.5 (Bedrock Global)",
    "us.anthropic.claude-sonnet-4-6": "Claude Sonnet 4.6 (Bedrock US)",
    "bedrock/amazon.nova-pro-v1:0": "Nova Pro",
    "amazon.nova-pro-v1:0:24k": "Nova Pro 24K",
    "bedrock/meta.llama3-70b-instruct-v1:0": "Llama 3 70B Instruct",
    "us-gov.openai.gpt-oss-120b-1:0": "GPT OSS 120B (Bedrock GovCloud)",
    "deepseek.v3-v1:0": "DeepSeek V3",
    "bedrock/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123": (
        "abc123 (Bedrock us-east-1)"
    ),
    "azure/eu/gpt-4o-2024-08-06": "GPT-4o (2024-08-06)",
    "azure/gpt-4o-eu": "GPT-4o EU",
    "openrouter/openai/gpt-4o-2024-08-06": "GPT-4o (2024-08-06, OpenRouter)",
    "openrouter/x-ai/grok-4-fast:free": "Grok 4 Fast (free, OpenRouter)",
    "openrouter/google/gemini-2.5-pro:batch": "Gemini 2.5 Pro (batch, OpenRouter)",
    "accounts/fireworks/routers/glm-5p2-fast": "GLM 5.2 Fast (Fireworks)",
    "fireworks_ai/accounts/fireworks/models/qwen2p5-coder-7b#accounts/me/deployments/1": (
        "Qwen2.5 Coder 7B (Fireworks)"
    ),
    "vertex_ai/meta/llama-4-maverick-17b-128e-instruct-maas": "Llama 4 Maverick 17B-128E Instruct",
    "aiml/flux-pro/v1.1-ultra": "FLUX Pro v1.1 Ultra",
    "llm-gateway/claude-opus-4-7": "Claude Opus 4.7",
    "prod/gpt-4o": "GPT-4o",
    "openai/MY-INTERNAL-LLM": "MY-INTERNAL-LLM",
}

VERSIONS = {
    "gpt-3-5-turbo-16k": "GPT-3.5 Turbo 16K",
    "gpt-35-turbo": "GPT-3.5 Turbo",
    "gpt41": "GPT-4.1",
    "gpt-5-1-codex-low": "GPT-5.1 Codex Low",
    "gpt-5-4-high": "GPT-5.4 High",
    "xai/grok-4-1-fast-reasoning": "Grok 4.1 Fast Reasoning",
    "kimi-k2p6": "Kimi K2.6",
    "llama-3-2-3b": "Llama 3.2 3B",
    "claude-sonnet-4-5[1m]": "Claude Sonnet 4.5 [1m]",
    "claude-opus-4-0": "Claude Opus 4",
    "gemini-2-0-flash": "Gemini 2.0 Flash",
    "model-1-2-3": "Model 1-2-3",
    "nomic-embed-text-v1.5": "Nomic Embed Text v1.5",
    "rerank-english-v3.0": "Rerank English v3.0",
    "black-forest-labs/FLUX.1-dev": "FLUX.1 Dev",
    "qwen2.5vl:7b": "Qwen2.5 VL 7B",
}

DATES_AND_STAMPS = {
    "gpt-4-turbo-2024-04-09": "GPT-4 Turbo (2024-04-09)",
    "gemini/gemini-2.5-flash-preview-09-2025": "Gemini 2.5 Flash Preview 09-2025",
    "gemini-2.5-pro-preview-05-06": "Gemini 2.5 Pro Preview 05-06",
    "command-a-03-2025": "Command A 03-2025",
    "mistral/codestral-2501": "Codestral 2501",
    "claude-3-opus-20240229": "Claude 3 Opus",
    "vertex_ai/claude-opus-4-5@20251101": "Claude Opus 4.5",
    "claude-sonnet-4-6@default": "Claude Sonnet 4.6",
    "bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0": "Claude 3.5 Sonnet v2",
    "ollama/llama3.2:latest": "Llama 3.2",
    "llama3-70b-8192": "Llama 3 70B",
    "gpt-4-0613": "GPT-4 (0613)",
    "gpt-3.5-turbo-16k-0613": "GPT-3.5 Turbo 16K (0613)",
    "gpt-4-1106-preview": "GPT-4 1106 Preview",
    "gemini-2.0-flash-lite-001": "Gemini 2.0 Flash Lite",
    "gemini-embedding-001": "Gemini Embedding 001",
    "openrouter/amazon/nova-2-lite-v1": "Nova 2 Lite (OpenRouter)",
    f"replicate/meta/llama-2-70b-chat:{'02e509c7' * 8}": "Llama 2 70B Chat",
}

SIZES_AND_QUANTISATIONS = {
    "qwen/qwen3-30b-a3b": "Qwen3 30B A3B",
    "qwen3-vl-235b-a22b-thinking": "Qwen3 VL 235B A22B Thinking",
    "accounts/fireworks/models/qwen3p8-2p4t-a95b": "Qwen3.8 2.4T A95B (Fireworks)",
    "gemma3n:e4b": "Gemma 3n E4B",
    "gemini/gemma-3-27b-it": "Gemma 3 27B IT",
    "ollama_chat/qwen2.5-coder:32b-instruct-q8_0": "Qwen2.5 Coder 32B Instruct Q8_0",
    "Meta-Llama-3-8B-Instruct.Q4_K_M.gguf": "Meta Llama 3 8B Instruct Q4_K_M",
    "together_ai/meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo": "Meta Llama 3.1 405B Instruct Turbo",
    "nvidia_nim/nvidia/llama-3.1-nemotron-ultra-253b-v1": "Llama 3.1 Nemotron Ultra 253B v1",
}

SPELLINGS = {
    "gpt-4o-mini": "GPT-4o mini",
    "gpt4o": "GPT-4o",
    "ollama/gpt-oss:20b": "GPT OSS 20B",
    "openrouter/openai/o4-mini-high": "o4-mini-high (OpenRouter)",
    "zai-org/GLM-4.5": "GLM 4.5",
    "openrouter/deepseek/deepseek-r1:free": "DeepSeek-R1 (free, OpenRouter)",
    "dall-e-3": "DALL-E 3",
    "phi4": "Phi-4",
    "grok-4.20-non-reasoning": "Grok 4.20 Non-Reasoning",
    "mistral-large-latest": "Mistral Large (latest)",
    "gemini-flash-latest": "Gemini Flash Latest",
    "gpt-5-fast": "GPT-5 (fast)",
    "gpt-5.3-chat-latest": "GPT-5.3 Chat (latest)",
    "gpt-mini-latest": "GPT Mini Latest",
    "claude-sonnet-4-5-latest": "Claude Sonnet 4.5 (latest)",
    "~anthropic/claude-sonnet-latest": "Claude Sonnet Latest",
    "voxtral-small-latest": "Voxtral Small (latest)",
    "deepseek/deepseek-chat-v3.1": "DeepSeek V3.1",
    "deepseek-chat": "DeepSeek Chat",
    "deepseek-r1-distill-llama-70b": "DeepSeek R1 Distill Llama 70B",
    "deepseek-r1-0528": "DeepSeek-R1-0528",
    "zai-glm-4.7": "GLM 4.7",
    "databricks/databricks-claude-opus-4-6": "Claude Opus 4.6",
    "databricks-dbrx-instruct": "DBRX Instruct",
    "openai-o3-mini": "o3-mini",
    "google-cloud-llm": "Google Cloud LLM",
    "labs-devstral-small-2512": "Devstral Small 2512",
    "kwaipilot/kat-coder-pro-v2.5": "KAT-Coder-Pro V2.5",
    "mai-code-1.1-flash": "MAI-Code-1.1-Flash",
    "bytedance/ui-tars-1.5-7b": "UI-TARS 1.5 7B",
    "mimo-v2.6-pro-ultraspeed": "MiMo V2.6 Pro UltraSpeed",
    "alibaba/tongyi-deepresearch-30b-a3b": "Tongyi DeepResearch 30B A3B",
    "open-mixtral-8x22b": "Mixtral 8x22B",
    "computer-use-preview": "Computer Use Preview",
    "te-gpt-5.4-mini": "Te GPT-5.4 Mini",
    "my_model": "My Model",
    "模型-中文-7b": "模型 中文 7B",
}

UNCHANGED = [
    "My Company Model",
    "my gpt-4o",
    "MY-INTERNAL-LLM",
    "NOVA-TEAM-LLM",
    "team-a/MY-INTERNAL-LLM",
    "team-a/GPT-4o_EU-West",
    "gpt‑4o",  # noqa: RUF001 - U+2011, which is no dash to us
    "模型",
    "---",
    "///",
    "-v1:0",
    "*",
    "anthropic/*",
    "bedrock/us.*",
    "claude-sonnet-4-6*",
    "",
]


def wanted(*tables: dict[str, str]) -> pytest.MarkDecorator:
    """One test for each row of the tables."""
    return pytest.mark.parametrize(("model_id", "name"), [pair for table in tables for pair in table.items()], ids=str)


@wanted(WANTED, LOCAL_SETUP)
def test_a_common_id_gets_the_name_that_people_expect(model_id: str, name: str) -> None:
    """The names agreed on for ids of real configurations hold."""
    assert display_name(model_id) == name


@wanted(ROUTES)
def test_the_route_is_named_only_where_it_tells_routes_apart(model_id: str, name: str) -> None:
    """The last segment that identifies the model is named, and the route follows in parentheses if it matters."""
    assert display_name(model_id) == name


@wanted(VERSIONS)
def test_a_version_keeps_or_gets_its_dot(model_id: str, name: str) -> None:
    """A dot stays a dot, and a dash between two short numbers becomes one, but not in a longer list."""
    assert display_name(model_id) == name


@wanted(DATES_AND_STAMPS)
def test_a_date_is_no_version_and_a_stamp_is_no_name(model_id: str, name: str) -> None:
    """ISO dates go into parentheses, release months stay, and what only identifies a build is dropped."""
    assert display_name(model_id) == name


@wanted(SIZES_AND_QUANTISATIONS)
def test_sizes_and_quantisations_are_written_in_capitals(model_id: str, name: str) -> None:
    """Sizes and quantisations are in capitals and whole; the file format is left out."""
    assert display_name(model_id) == name


@wanted(SPELLINGS)
def test_a_word_is_spelled_as_its_maker_spells_it(model_id: str, name: str) -> None:
    """Brands follow their tables and house styles, and every other word gets a capital letter."""
    assert display_name(model_id) == name


@pytest.mark.parametrize("model_id", UNCHANGED)
def test_what_a_person_wrote_as_a_name_stays(model_id: str) -> None:
    """Prose, capitals chosen by a person, patterns and ids without any word stay exactly as they are."""
    assert display_name(model_id) == model_id


MODEL_LIKE = st.lists(
    st.sampled_from([*"-_:./@#*[0258obpvax", "gpt", "o3", "claude", "us.", "meta.", "q4_K", "opencode-", "2024-08-06"])
).map("".join)


@given(st.text() | MODEL_LIKE)
def test_every_id_has_a_name(model_id: str) -> None:
    """No text raises or loses its name, and no control character appears that was not there."""
    name = display_name(model_id)
    assert bool(name) == bool(model_id)
    assert controls(name) <= controls(model_id)


def controls(text: str) -> set[str]:
    """The characters of the text that show nothing."""
    return {char for char in text if unicodedata.category(char).startswith("C")}


def test_official_names_are_met() -> None:
    """Of the names that hosts publish, 70 % are met exactly and 85 % but for case, spaces and punctuation."""
    pairs = [(core(display_name(entry["id"])), core(entry["name"])) for entry in OFFICIAL_NAMES]
    exact = sum(ours == theirs for ours, theirs in pairs) / len(pairs)
    loose = sum(letters(ours) == letters(theirs) for ours, theirs in pairs) / len(pairs)
    assert exact >= 0.70
    assert loose >= 0.88


def core(name: str) -> str:
    """The name without what its end says in parentheses."""
    return re.sub(r"\s*\([^()]*\)\s*\Z", "", name).strip()


def letters(name: str) -> str:
    """The name without case, spaces and punctuation."""
    return "".join(char for char in name.casefold() if char.isalnum())
