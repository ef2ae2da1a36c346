# For ~/.config/fish/config.fish. A store that is locked, or has no such entry, leaves the variable as it is.
if set -l key (pass show litellm/api/token 2>/dev/null)
    set -gx LITELLM_API_KEY $key
end

# From now on `opencode` and `pi` start with the models that the proxy has; nobody waits for it.
if type -q litellm-discover
    litellm-discover hook fish | source
end

# Completion, once and not here: litellm-discover --install-completion
