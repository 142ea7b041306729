# Claude Code by way of the gateway. Add this line to ~/.bashrc or ~/.zshrc:
#   . /path/to/env.sh
# README.md beside this folder says what each variable is for.
export ANTHROPIC_BASE_URL='https://llm-gateway.example.com'
export CLAUDE_CODE_API_KEY_HELPER_TTL_MS='300000'
export ANTHROPIC_DEFAULT_SONNET_MODEL='claude-sonnet-5'
export ANTHROPIC_DEFAULT_HAIKU_MODEL='claude-sonnet-5'
export CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY='1'
export CLAUDE_CODE_GATEWAY_HINT_HEADERS='1'
export CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK='1'
export NODE_EXTRA_CA_CERTS='/etc/claude-code/tollgate-ca.pem'
if [ "$(uname)" = Darwin ]; then NODE_EXTRA_CA_CERTS='/Library/Application Support/ClaudeCode/tollgate-ca.pem'; fi
# A shell has no apiKeyHelper: the key is taken here, once, and a new shell takes the next one.
if ANTHROPIC_AUTH_TOKEN=$(tollgate key-helper); then export ANTHROPIC_AUTH_TOKEN; else unset ANTHROPIC_AUTH_TOKEN; echo 'no gateway key: tollgate key-helper has failed, see its message above' >&2; fi
