"""How makers spell their models and routes. A new model family is usually one more word here."""

from __future__ import annotations

from typing import Final


def _by_key(spellings: str) -> dict[str, str]:
    """Index words by their lower-case form: ``"DeepSeek"`` becomes ``{"deepseek": "DeepSeek"}``."""
    return {spelling.lower(): spelling for spelling in spellings.split()}


# Families with a spelling of their own, and plain ones whose ids glue the version to the name (`llama3.1`).
BRANDS: Final = {
    **_by_key("""
        BGE BLOOM ChatGLM ChatGPT Claude CodeGemma CodeQwen DBRX DeepCoder DeepHermes DeepSeek ERNIE EXAONE
        Falcon FLUX Gemini Gemma GLM GPT Granite Grok GTE Hermes Hunyuan Hy Imagen InternLM InternVL KAT Kimi
        LFM Llama LLaVA LongCat MAI MiMo MiniCPM MiniLM MiniMax Mistral Mixtral Nemotron Nova OLMo OpenHermes
        Phi Qwen QvQ QwQ SmolLM SmolVLM Sora StarCoder StepFun TinyLlama Veo Wan WizardLM Yi
    """),
    "codellama": "Code Llama",
    "opencode": "OpenCode",
    "opencodego": "OpenCode Go",
}

# Makers and hosts that some ids begin with, before the family: `databricks-claude-opus-4-6`, `zai-org-glm-5`.
MAKERS: Final = ("anthropic", "cohere", "databricks", "google", "openai", "xiaomi", "zai-org", "zai")

# What joins a family and its version where it is not a space: GPT-4 and Phi-4, but Qwen3.
HYPHENATED: Final = ("chatgpt", "gpt", "longcat", "phi")
GLUED: Final = ("codeqwen", "flux", "hy", "internlm", "internvl", "lfm", "qwen", "smollm", "starcoder", "wan")

# Every word whose spelling is more than a capital first letter.
WORDS: Final = {
    **BRANDS,
    **_by_key("""
        4o AI ALLaM API ASR AutoGLM AWQ BF16 ByteDance CodeGeeX CoT ControlNet DALL DeepResearch DPO EU
        FireFunction FlashX FP4 FP8 FP16 FT GigaChat GPTQ HD INT4 INT8 IT LearnLM LLM LoRA MedGemma MedLM MLX
        MoE MTP MXFP4 MythoMax NVFP4 NVIDIA OCR OpenAI OpenChat OpenOrca OpenThinker OSS PaddleOCR PaliGemma
        QAT RAG SD SDXL SFT TARS TTS UD UI UltraSpeed US VL VLM xAI XL XS XXL
    """),
    "customtools": "Custom Tools",
    "llamaguard": "Llama Guard",
    "olmocr": "olmOCR",
}

# Names whose last word says which pointer, service tier or release this is, and which their makers put in parentheses.
# A Claude or GPT without a version has nothing else than this word to tell which it is.
ASIDES: Final = (
    r"(?:claude|gpt|o[134])\b.* fast",
    r"(?:claude|gpt) .*\d.* latest",
    r"(?:codes|devs|magis|minis|mis|pix|vox)tral\b.* latest",
    r"gpt [34]\b.* \d{4}",
)

# Words about how the weights are wrapped or who hosts them, never about which model it is.
PACKAGING: Final = ("gguf", "maas")

# Routes that a person tells apart, so the name ends with them. All others are left out.
ROUTE_LABELS: Final = {
    "fireworks": "Fireworks",
    "fireworks_ai": "Fireworks",
    "opencode": "opencode",
    "openrouter": "OpenRouter",
}

# Variants that a router offers behind a colon: `qwen3-coder:exacto`.
ROUTER_TAGS: Final = ("batch", "beta", "exacto", "extended", "floor", "free", "nitro", "online", "thinking")

# A Bedrock id may name the regions that it runs in, and then its vendor: `us.anthropic.claude-…`.
BEDROCK_REGIONS: Final = {
    **_by_key("APAC AU CA EU Global JP US"),
    "in": "India",
    "us-gov": "GovCloud",
}
BEDROCK_VENDORS: Final = (
    "ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "luma", "meta", "minimax", "mistral",
    "moonshot", "moonshotai", "nvidia", "openai", "qwen", "stability", "twelvelabs", "writer", "xai", "zai",
)  # fmt: skip

# First segments that mean something to LiteLLM. Any other first segment was chosen by a person.
ROUTES: Final = frozenset(
    _by_key("""
        ai21 aiml anthropic azure azure_ai baseten bedrock bedrock_converse cerebras cloudflare codestral cohere
        cohere_chat dashscope databricks deepgram deepinfra deepseek fal_ai featherless_ai fireworks_ai
        friendliai gemini github github_copilot gradient_ai groq hosted_vllm huggingface hyperbolic lambda_ai
        litellm_proxy llamafile lm_studio meta_llama minimax mistral moonshot nebius novita nscale nvidia_nim
        oci ollama ollama_chat openai openrouter ovhcloud perplexity replicate sagemaker sagemaker_chat
        sambanova snowflake text-completion-openai together_ai v0 vercel_ai_gateway vertex_ai vllm volcengine
        voyage watsonx xai xinference zai
    """)
)
