// Claude Code by way of the gateway, for the Agent SDK:
//   query({ prompt, options: { env: gatewayEnv() } })
import { execSync } from "node:child_process";

export function gatewayEnv(): Record<string, string | undefined> {
  return {
    ...process.env,
    ANTHROPIC_BASE_URL: "https://llm-gateway.example.com",
    ANTHROPIC_DEFAULT_SONNET_MODEL: "claude-sonnet-5",
    ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-sonnet-5",
    CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: "1",
    CLAUDE_CODE_GATEWAY_HINT_HEADERS: "1",
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
    NODE_EXTRA_CA_CERTS: "/etc/claude-code/tollgate-ca.pem",
    ANTHROPIC_AUTH_TOKEN: execSync("tollgate key-helper", { encoding: "utf8" }).trim(),
  };
}
