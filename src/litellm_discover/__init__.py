"""litellm-discover: a LiteLLM proxy's models, correctly described, in every coding agent."""

__version__ = "0.1.0"
