// Package oracle compares what the gateway says to the clouds, and what it
// understands of them, with the libraries of those who made them: Anthropic's
// own client for each cloud, AWS's event stream and signer, Google's tokens. It
// is a module of its own, so that none of them is in the gateway.
//
// Nothing of the machine it runs on is used: no credential, no environment, no
// network beyond the loopback.
package oracle
