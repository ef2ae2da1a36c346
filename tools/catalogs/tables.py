"""Which names the sources have for a provider, and what is taken of it; its own name is LiteLLM's, if it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and its names elsewhere.

    ``pi`` and ``models_dev`` are its own catalogs there; ``named_by`` are plans and mirrors in Pi of the same models
    under other terms, which give names alone. ``whole`` takes all that LiteLLM has, not only what Pi names. Of a
    ``gateway`` that LiteLLM has no route to, names are taken alone: nobody's proxy bills by its prices.
    """

    pi: str | None = None
    models_dev: str | None = None
    named_by: tuple[str, ...] = ()
    whole: bool = True
    gateway: bool = False


PROVIDERS: Final = {
    "amazon_nova": Provider(),
    "ant-ling": Provider("ant-ling"),
    "anthropic": Provider("anthropic", "anthropic"),
    "azure": Provider("azure-openai-responses", "azure"),
    "baseten": Provider("baseten", "baseten", whole=False),
    "bedrock": Provider("amazon-bedrock", "amazon-bedrock", whole=False),
    "cerebras": Provider("cerebras", "cerebras"),
    "cloudflare": Provider("cloudflare-workers-ai", "cloudflare-workers-ai", whole=False),
    "cloudflare-ai-gateway": Provider("cloudflare-ai-gateway", "cloudflare-ai-gateway", gateway=True),
    "cohere_chat": Provider(None, "cohere"),
    "dashscope": Provider(
        None, "alibaba", ("qwen-token-plan", "qwen-token-plan-cn", "qwen-token-plan-individual")
    ),
    "deepseek": Provider("deepseek", "deepseek"),
    "fireworks_ai": Provider("fireworks", "fireworks-ai", whole=False),
    "gemini": Provider("google", "google"),
    "github_copilot": Provider("github-copilot", "github-copilot"),
    "groq": Provider("groq", "groq"),
    "huggingface": Provider("huggingface", "huggingface"),
    "kimi-coding": Provider("kimi-coding", "kimi-code-plan-global"),
    "meta": Provider("meta", "meta"),
    "meta_llama": Provider(None, "llama"),
    "minimax": Provider("minimax", "minimax", ("minimax-cn",)),
    "mistral": Provider("mistral", "mistral"),
    "moonshot": Provider("moonshotai", "moonshotai", ("moonshotai-cn",)),
    "nvidia_nim": Provider("nvidia", "nvidia"),
    "openai": Provider("openai", "openai", ("openai-codex",)),
    "opencode": Provider("opencode", "opencode"),
    "opencode-go": Provider("opencode-go", "opencode-go"),
    "openrouter": Provider("openrouter", "openrouter"),
    "radius": Provider("radius", gateway=True),
    "together_ai": Provider("together", "togetherai", whole=False),
    "vercel_ai_gateway": Provider("vercel-ai-gateway", "vercel", whole=False),
    "vertex_ai": Provider("google-vertex", "google-vertex"),
    "xai": Provider("xai", "xai"),
    "xiaomi_mimo": Provider(
        "xiaomi", "xiaomi", ("xiaomi-token-plan-ams", "xiaomi-token-plan-cn", "xiaomi-token-plan-sgp")
    ),
    "zai": Provider("zai", "zai", ("zai-coding-cn",)),
}  # fmt: skip

# LiteLLM's names for parts of a provider.
PARTS: Final = {
    "bedrock_converse": "bedrock",
    "text-completion-openai": "openai",
    "amazon-nova": "amazon_nova",
}

# Providers whose reasoning models all take `reasoning_effort` in LiteLLM, which turns it into what they have.
TAKES_EFFORT: Final = frozenset({"anthropic", "azure", "bedrock", "gemini", "openai", "vertex_ai", "xai"})
