package tollgate

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// BodyFate is what became of a body beside its digest, as the ledger says it.
type BodyFate string

// The fates of bodies. One that was sealed is on the disk soon after: the record
// does not wait for the disk.
const (
	BodyNotKept BodyFate = ""       // it was not to be kept, or there was none
	BodySealed  BodyFate = "sealed" // it was taken for sealing

	BodyTooLarge BodyFate = "dropped_size"     // it is larger than audit.body.max_bytes
	BodyNoRoom   BodyFate = "dropped_queue"    // too many were waiting: the disk is slow
	BodyNoDisk   BodyFate = "dropped_disk"     // the disk is full or does not work, or audit.body.max_total_bytes is reached
	BodyNoKey    BodyFate = "dropped_key"      // there was no key to seal it to: the database is away
	BodyOpaque   BodyFate = "dropped_encoding" // it was compressed, so nothing in it could be redacted
)

// BodyPart is which of the two bodies of a request.
type BodyPart string

// The parts.
const (
	RequestPart  BodyPart = "request"
	ResponsePart BodyPart = "response"
)

// BodyName is the name of the file in which a body lies: the SHA-256 of which
// body of which request it is and of the digest in its record. Whoever has the
// record knows the name; names say nothing of what is alike.
func BodyName(request string, part BodyPart, digest string) string {
	sum := sha256.Sum256([]byte("tollgate body\n" + request + "\n" + string(part) + "\n" + digest))
	return hex.EncodeToString(sum[:])
}

// PersonKey is what the bodies of a developer or a service are sealed to.
type PersonKey struct {
	Public     string // "age1…"
	Person     string // "psn_…", or "service:" and its name
	Recipients string // a digest of whom the private key is wrapped for
	Wrapped    []byte // the private key, encrypted with age to the recipients
	CreatedAt  time.Time
}

// SealedBody is one body as it lies on the disk, and what opens it for whoever
// has a recipient's identity.
type SealedBody struct {
	Request *Exchange
	Part    BodyPart
	Person  string
	Keys    []PersonKey // newest first
	Sealed  []byte
}

// Digest is that of the body as it came, as the record has it.
func (b SealedBody) Digest() string {
	if b.Part == ResponsePart {
		return b.Request.ResponseDigest
	}
	return b.Request.RequestDigest
}
