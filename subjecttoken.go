package tollgate

import "time"

// SubjectToken is a token of a pipeline's platform, once it has been checked and a
// rule has let it in: what a gateway key is issued for.
type SubjectToken struct {
	Digest    string    // stands for the token, and for it alone; empty: it may come again
	ExpiresAt time.Time // remembered until then
	Issuer    string    // its name in the configuration
	Subject   string    // what the issuer calls the pipeline
}

// ErrExchanged says that a key has been issued for this token before.
var ErrExchanged = Errorf(Conflict, "this token was exchanged for a key before, and a token is good for one; ask the platform for a new token and exchange that")
