// Package audit makes the audit log evidence: it writes the lines of its
// records, binds each to the one before it, commits to all of them in signed
// checkpoints, and finds out what was changed since.
//
// It keeps nothing itself and decides nothing: records lie where the ledger
// lies, and each is stored in the transaction of what it is about, so that
// neither can be there without the other. A line never holds a secret, a body or
// a person's name or address.
//
// The invariants: what was hashed is what is stored, letter by letter, so that
// anybody can check it with a tool of his own; the line of a request is a
// function of its row in the ledger, so that either gives the other away; the
// format of a line does not change, only its version does.
package audit
