package admin

import "tollgate/internal/secret"

// Config is where administrators are answered over the network. The Unix
// socket DATA_DIR/admin.sock is always there: whoever may open it is an
// administrator.
type Config struct {
	// Address is where the REST API listens, host:port. Default: nowhere but
	// the Unix socket. It uses the certificate of listen.tls.
	Address string `yaml:"address"`
	// AllowPlainHTTP lets Address be one that other machines can reach although
	// there is no listen.tls: whoever sees the network may read the keys, unless
	// something in front, such as a proxy that ends TLS, keeps it from them.
	AllowPlainHTTP bool `yaml:"allow_plain_http"`
	// Keys are the credentials that open the REST API.
	Keys []Key `yaml:"keys"`
	// Metrics is who may read /metrics at this address: key, for whoever has
	// one of the keys, or open, for anybody who reaches it. Metrics name teams
	// and models, and tell what they cost.
	Metrics Access `yaml:"metrics"`
}

// Key is one administrator's credential.
type Key struct {
	// Name is who holds the key; it stands in the log beside every change made with it.
	Name string `yaml:"name"`
	// Key is the credential itself, at least 16 characters.
	Key secret.String `yaml:"key"`
	// Role is what the key may do: read shows everything, write also changes it.
	Role Role `yaml:"role"`
}

// Access is who may read something.
type Access string

// The kinds of access.
const (
	ByKey Access = "key"
	Open  Access = "open"
)

// Role is what a key may do.
type Role string

// The roles.
const (
	Read  Role = "read"
	Write Role = "write"
)
