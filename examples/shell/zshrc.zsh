# For ~/.zshrc. A store that is locked, or has no such entry, leaves the variable as it is.
if key="$(pass show litellm/api/token 2>/dev/null)"; then export LITELLM_API_KEY="$key"; fi
unset key

# From now on `opencode` and `pi` start with the models that the proxy has; nobody waits for it.
if (( $+commands[litellm-discover] )); then eval "$(litellm-discover hook zsh)"; fi

# Completion, once and not here: litellm-discover --install-completion
