package admin

import "tollgate/internal/secret"

// Config is where administrators are answered over the network. The Unix
// socket DATA_DIR/admin.sock is always there: whoever may open it is an
// administrator.
type Config struct {
	// Address is where the REST API listens, host:port. Default: nowhere but
	// the Unix socket.
	Address string `yaml:"address"`
	// Keys are the credentials that open the REST API.
	Keys []Key `yaml:"keys"`
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

// Role is what a key may do.
type Role string

// The roles.
const (
	Read  Role = "read"
	Write Role = "write"
)
