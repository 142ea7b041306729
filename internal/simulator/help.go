package simulator

// ScriptHelp explains the script and the directive to a user.
const ScriptHelp = `A script is YAML: the key rules, with a list below it. The first rule that fits a
request is played; without one the provider behaves.

  rules:
    - name: overloaded twice
      match: {operation: messages, model: "claude-opus-*", prompt: "text", pattern: "regexp",
              stream: true, after: 1, times: 2}
      do:    {status: 529, headers: {retry-after: "2"}}

  Instead of an answer  status, error: {type, message, details}, body, raw (the stream, as it is)
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
(unless named), count_tokens, models and token.

The same works from a prompt, with dots for what lies inside:

  [[simulate: status=529 times=2]]     [[simulate: cut.after_events=5 cut.how=reset]]

A first rule without conditions that has status, body, raw or events is served
without reading the request, which costs little: use it to measure.`
