// Package tollgate holds the nouns of a gateway that stands between an
// organisation's Claude Code and its model provider: who asks, what is asked,
// where it may go, what it consumed and what that costs. It imports the
// standard library only; everything else imports it.
//
// # The life of a request
//
// A request is one straight line of verbs: identify, read, route, admit, send,
// relay, settle, record. All eight can be seen on one screen, in serve.go
// of [tollgate/internal/proxy]. The packages, in the order in which a request
// meets them:
//
//   - internal/app opened the listeners, built every part from its own
//     configuration and will take them down again. internal/config read the
//     file, found every mistake in it at once and handed each part its share;
//     internal/secret keeps what was secret in it from ever being printed.
//     internal/handover had the listeners from the process before it, if there
//     was one, and will pass them on to the next.
//   - internal/proxy takes the request and stays with it to the end, if
//     internal/bound has counted that there is room for one more.
//   - internal/identity (identify) turns the key on the request into a
//     [Principal], in memory and in constant time.
//   - internal/payload (read) takes the body into a pooled buffer, whole.
//     internal/dialect/messages finds the few members the gateway has to know,
//     by way of internal/jsonedit, which walks JSON without decoding it. The
//     result is a [Call].
//     Bedrock and Vertex have dialects of their own beside it, the first by way
//     of internal/eventstream, the frames in which AWS streams.
//   - internal/route (route) turns the model's name into [Target] values.
//   - internal/policy (admit) holds the gates: may this key use this model, is
//     it within its rate limits (limit) and its budgets (budget), going by what
//     such requests have lately consumed (recent)?
//   - internal/upstream (send) is a configured place that can be talked to;
//     internal/cred puts the provider's credential on the request.
//   - internal/meter (relay, settle) listens beside the copy of the answer,
//     by way of internal/sse, and turns a [Usage] into [Money] by its price
//     book.
//   - internal/journal (send, record) remembers a request from before it is
//     sent until the database has its row, through whatever happens to either.
//   - internal/store (record) keeps the ledger, one row for every [Exchange],
//     and the register of teams, developers and keys. internal/observe writes
//     the log line, counts, and sends spans to a collector. All are
//     projections of the same Exchange, so that they cannot disagree.
//
// # Beside the line
//
//   - internal/admin is the service that changes the register and answers
//     questions about the ledger, and its REST face; api has its wire types,
//     client speaks it from Go, and cmd/tollgate is the command line on top.
//   - internal/audit makes the audit log evidence: the lines of its records, their
//     chains, signed checkpoints over all of them, and finding out what was changed
//   - internal/tokenexchange gives pipelines keys for the tokens of their platforms.
//   - internal/alert looks at where budgets stand, and tells people and programs
//     of every threshold once: by webhook, in Slack, by mail.
//   - internal/check compares the ledger with everything that has to agree with
//     it, the journal first, and names each difference.
//   - internal/preview tries a budget or a limit on the requests that the
//     ledger has, through the gates of internal/policy.
//   - internal/doctor finds out on a developer's machine what stands between
//     Claude Code and a gateway.
//   - internal/keyhelper keeps a developer's key on his machine, where nobody has
//     to copy it.
//   - internal/rollout writes the settings that connect developers' machines, for every
//     system at once, and checks those that are there.
//   - internal/simulator is a provider to practise on; internal/gatewaytest
//     runs a whole gateway inside a test; clienttest runs the real Claude
//     Code against one; bench compares it with a bare reverse proxy
//     and with nginx; soak lets it run under everything that can happen to it
//     and asks what is left.
//   - deploy is how it is run: under systemd, in a container, with Helm, seen by
//     Prometheus and Grafana, all of it proved by tests; tools builds releases.
//     What the two need beyond the product is in modules of their own.
//   - oracle, a module of its own too, compares what is said to the clouds with
//     what the clients and libraries of those who made them say.
//   - docs holds the operator's guide, one page for each decision in
//     docs/design, and docs/reference, which is generated.
//
// # Rules that hold everywhere
//
// Bytes pass through: the request body that leaves is the one that came, and
// so is the answer; only the envelope and the usage are ever read. Money is an
// integer of nano-dollars. A credential has a type that prints as redacted. An
// [Error] has a message for strangers and a cause for operators, and the two
// never change places. Imports go one way, from the nouns outwards, and
// house_test.go holds that picture as data.
package tollgate
