package api

import "time"

// SealedBody is a body of a request as it lies on the disk. Only the identity of
// a recipient opens it.
type SealedBody struct {
	Request string      `json:"request"`
	Part    string      `json:"part"`   // request or response
	Person  string      `json:"person"` // whose keys they are
	Digest  string      `json:"digest"` // of the body as it came
	Keys    []PersonKey `json:"keys"`   // newest first
	Sealed  []byte      `json:"sealed"` // the file, in base64
}

// PersonKey is a private key that is wrapped for the recipients.
type PersonKey struct {
	Public    string    `json:"public"`
	Wrapped   []byte    `json:"wrapped"` // encrypted with age, in base64
	CreatedAt time.Time `json:"created_at"`
}
