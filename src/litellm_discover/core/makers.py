"""Who makes the models of a family, who else serves them, and what LiteLLM calls a provider elsewhere."""

from __future__ import annotations

import re
from typing import Final

from litellm_discover.core.naming.brands import BEDROCK_REGIONS, BEDROCK_VENDORS

# The providers that have a bundled catalog; see data/README.md.
PROVIDERS: Final = frozenset({
    "amazon_nova", "ant-ling", "anthropic", "azure", "baseten", "bedrock", "cerebras", "cloudflare",
    "cloudflare-ai-gateway", "cohere_chat", "dashscope", "deepseek", "fireworks_ai", "gemini", "github_copilot",
    "groq", "huggingface", "kimi-coding", "meta", "meta_llama", "minimax", "mistral", "moonshot", "nvidia_nim",
    "openai", "opencode", "opencode-go", "openrouter", "radius", "together_ai", "vercel_ai_gateway", "vertex_ai",
    "xai", "xiaomi_mimo", "zai",
})  # fmt: skip

# Other names of a provider, as a route in an id or as the provider that a proxy states.
ROUTE_ALIASES: Final = {
    "amazon-nova": "amazon_nova",
    "bedrock_converse": "bedrock",
    "cohere": "cohere_chat",
    "opencode_go": "opencode-go",
    "opencodego": "opencode-go",
    "text-completion-openai": "openai",
    "workers-ai": "cloudflare",
}

# Catalogs whose own ids begin with the organisation. Those whose names are plainest come first.
HUBS: Final = (
    "vercel_ai_gateway", "huggingface", "nvidia_nim", "together_ai", "groq", "cloudflare", "cloudflare-ai-gateway",
    "baseten", "openrouter",
)  # fmt: skip

# Catalogs whose own ids have no organisation, although they serve the models of many makers.
DEALERS: Final = (
    "azure", "opencode-go", "opencode", "dashscope", "github_copilot", "cloudflare-ai-gateway", "groq", "cerebras",
    "mistral", "radius",
)  # fmt: skip

_REGIONS: Final = "|".join(BEDROCK_REGIONS)

# Ids that only one provider's models have.
SHAPES: Final = {
    "bedrock": re.compile(rf"(?:(?:{_REGIONS})\.)?(?:{'|'.join(BEDROCK_VENDORS)})\.[a-z][^/]*\Z"),
    "cloudflare": re.compile(r"@cf/"),
    "fireworks_ai": re.compile(r"accounts/fireworks/"),
}

# What may stand before an id, and where its region or its build is. A build is never removed elsewhere: in most ids,
# `-v1` and `-001` tell one model from another.
FOLDERS: Final = {
    "azure": re.compile(r"(?:eu|us|apac|global|global-standard|us-gov)/"),
    "bedrock": re.compile(r"(?:converse|converse_like|invoke)/|[a-z]{2}(?:-gov)?-[a-z]+-\d/"),
    "openai": re.compile(r"responses/"),
}
INTERFACES: Final = frozenset({"converse/", "converse_like/", "invoke/", "responses/"})
AFFIXES: Final = {
    "bedrock": (re.compile(rf"\A(?:{_REGIONS})\.(?=[a-z0-9]+\.)"), re.compile(r"(?:-v1(?::\d+)?|-1:0|:0)\Z")),
    "gemini": (re.compile(r"-00\d\Z"),),
    "vertex_ai": (re.compile(r"(?:@default|@\d{3}|-00\d)\Z"),),
}


def _family(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})(?![a-z])")


# The families by the beginning of an id. What is glued to a version (`qwen3`) ends with a digit.
MAKERS: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = (
    (_family("claude"), ("anthropic",)),
    (_family("gpt|chatgpt|o[134]|codex|computer-use|davinci|babbage"), ("openai",)),
    (_family("gemini|gemma|deep-research"), ("gemini",)),
    (_family("(?:open-)?mi[sx]tral|ministral|codestral|devstral|magistral|pixtral|voxtral|labs"), ("mistral",)),
    (_family("grok"), ("xai",)),
    (_family("deepseek"), ("deepseek",)),
    (_family("kimi|moonshot"), ("moonshot", "kimi-coding")),
    (_family("glm"), ("zai",)),
    (_family("minimax"), ("minimax",)),
    (_family("qwen|qwq|qvq"), ("dashscope",)),
    (_family("mimo"), ("xiaomi_mimo",)),
    (_family("muse"), ("meta",)),
    (_family("command"), ("cohere_chat",)),
    (_family("ling|ring"), ("ant-ling",)),
)
