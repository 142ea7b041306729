# Claude Code by way of the gateway. Add this line to $PROFILE:
#   . C:\path\to\env.ps1
# README.md beside this folder says what each variable is for.
$env:ANTHROPIC_BASE_URL = 'https://llm-gateway.example.com'
$env:CLAUDE_CODE_API_KEY_HELPER_TTL_MS = '300000'
$env:ANTHROPIC_DEFAULT_SONNET_MODEL = 'claude-sonnet-5'
$env:ANTHROPIC_DEFAULT_HAIKU_MODEL = 'claude-sonnet-5'
$env:CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY = '1'
$env:CLAUDE_CODE_GATEWAY_HINT_HEADERS = '1'
$env:CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK = '1'
$env:NODE_EXTRA_CA_CERTS = 'C:\Program Files\ClaudeCode\tollgate-ca.pem'
# A shell has no apiKeyHelper: the key is taken here, once, and a new shell takes the next one.
$env:ANTHROPIC_AUTH_TOKEN = (cmd /c 'tollgate key-helper' | Out-String).Trim()
