// Package bedrock is the wire format of ….
package bedrock

import (
	"net/http"

	"tollgate"
	"tollgate/internal/dialect"
)

// Dialect is that of ….
type Dialect struct{}

// Name implements dialect.Dialect.
func (Dialect) Name() string { return "bedrock" }

// Address implements dialect.Dialect.
func (Dialect) Address(call tollgate.Call, model string) dialect.Envelope { return dialect.Envelope{} }

// Decode implements dialect.Dialect.
func (Dialect) Decode(tollgate.Call, int, http.Header) dialect.Codec { return nil }

// Encode implements dialect.Dialect.
func (Dialect) Encode(tollgate.Call, int, http.Header) dialect.Codec { return nil }

// Fault implements dialect.Dialect.
func (Dialect) Fault(header http.Header, fault dialect.Fault) []byte { return nil }
