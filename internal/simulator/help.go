package simulator

// ProviderHelp explains to a user where each provider is, and what it wants.
var ProviderHelp = `It stands for all providers at once, each under a prefix of its own, which goes into
base_url, and where its paths are nobody else's also without:

  anthropic       no prefix
  bedrock         /bedrock                     also /model/…
  bedrock-mantle  /bedrock-mantle/anthropic    also /anthropic/…, signed for bedrock-mantle
  vertex          /vertex                      also /v1/projects/… and /projects/…
  foundry         /foundry/anthropic           also /anthropic/…
  anthropic-aws   /anthropic-aws               also /v1/messages, signed for it

Requests at AWS are signed, or carry a key; others carry a key or a token. The key of
the account is
  aws_access_key_id      ` + DefaultCloud.AccessKeyID + `
  aws_secret_access_key  ` + DefaultCloud.SecretAccessKey + `
Tokens are given out by /sts (AssumeRole, signed), /google/token and
/entra/TENANT/oauth2/v2.0/token, the last to the application
  client_id      ` + DefaultCloud.ClientID + `
  client_secret  ` + DefaultCloud.ClientSecret + `
The clouds are strict: betas, members of the body, ids of models and sizes that they
do not take are refused in their words, which name accounts and projects on purpose.
`

// ScriptHelp explains the script and the directive to a user.
const ScriptHelp = `A script is YAML: the key rules, with a list below it. The first rule that fits a
request is played; without one the provider behaves.

  rules:
    - name: overloaded twice
      match: {provider: bedrock, operation: messages, model: "claude-opus-*", prompt: "text",
              pattern: "regexp", stream: true, after: 1, times: 2}
      do:    {status: 529, headers: {retry-after: "2"}}

  Instead of an answer  status, error: {type, message, details, platform}, body,
                        raw (the stream, as it is)
  What is said          text, tools: [{name, input}], bytes, events (deltas), stop_reason,
                        refusal: {category, partial}, served_model, fallback (another model),
                        usage: {both: {…}, start: {…}, delta: {…}, omit: [names]}
  How it travels        headers (null leaves one out), delay, first_event_delay, pace,
                        silence: {after_events, for, every, send: ping|comment},
                        cut: {after_events or after_bytes, how: eof|close|reset},
                        error_event: {after_events, type, message}, message_deltas,
                        plain (JSON to a request for a stream), comment, crlf,
                        chunk (bytes a write), batch (events a write)

Events count from message_start, which is the first. The operations are messages
(unless named), count_tokens, models and token. The providers are all of them (unless
named), or one of those above, sts, google and entra; a model has the name that the
Messages API gives it, wherever it is asked for. Errors have the form of the provider:
400 and 413 that of the Messages API, unless platform is true or Bedrock's runtime says
them; an error_event is an exception there, by its own name or by that of the Messages
API. Comments, crlf and signs of life in a silence are for streams of lines.

The same works from a prompt, with dots for what lies inside:

  [[simulate: status=529 times=2]]     [[simulate: cut.after_events=5 cut.how=reset]]

A first rule without conditions that has status, body, raw or events is served
without reading the request, which costs little: use it to measure.`
