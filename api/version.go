package api

// Version answers the health check.
type Version struct {
	Version string `json:"version"`
}
