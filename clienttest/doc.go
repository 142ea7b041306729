// Package clienttest runs the real Claude Code through a whole gateway to the
// simulated provider, and compares what was printed, what crossed each wire
// and what the ledger says. Nothing leaves the machine: the credentials are
// made up, and where that is allowed everything runs in a network namespace
// that has nothing but a loopback.
//
// The client is installed by install.sh. Where it is missing the tests skip
// and say so.
package clienttest
