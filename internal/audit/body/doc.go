// Package body keeps what was said, sealed: the bodies of requests and of
// answers, without the credentials in them, encrypted so that the gateway itself
// cannot read them any more.
//
// Each developer and each service has a key pair of its own. The gateway has the
// public key; the private one it makes, encrypts to the recipients that are
// configured, and forgets. Whoever holds a recipient's identity opens the private
// key, and with it the bodies; whoever deletes it has closed them for good.
//
// It never delays a request nor changes what is forwarded: bytes are copied into
// bounded memory, and a body for which there is no room, no disk or no key is
// dropped, and its record says so. A file is wholly there or not at all.
package body
