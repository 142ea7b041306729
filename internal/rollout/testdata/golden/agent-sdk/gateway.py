"""Claude Code by way of the gateway, for the Agent SDK:

    ClaudeAgentOptions(env=gateway_env())
"""

import subprocess


def gateway_env() -> dict[str, str]:
    return {
        "ANTHROPIC_BASE_URL": "https://llm-gateway.example.com",
        "ANTHROPIC_DEFAULT_SONNET_MODEL": "claude-sonnet-5",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-sonnet-5",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
        "CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1",
        "CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK": "1",
        "NODE_EXTRA_CA_CERTS": "/etc/claude-code/tollgate-ca.pem",
        "ANTHROPIC_AUTH_TOKEN": subprocess.check_output("tollgate key-helper", shell=True, text=True).strip(),
    }
