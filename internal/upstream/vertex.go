package upstream

import (
	"net/url"
	"strings"

	"tollgate/internal/dialect/vertex"
)

// vertexProvider is Google Cloud's Agent Platform, which was Vertex AI
// (providers.md 3.1, 2026-11-23).
func vertexProvider() provider {
	return provider{
		dialect:  vertex.Dialect{},
		address:  vertexAddress,
		behind:   vertexPublisher,
		needs:    []string{"project", "region"},
		takes:    []string{"bearer", "bearer_file", "service_account_file"},
		standard: googleSigner,
	}
}

func vertexAddress(c Config) string {
	switch c.Region {
	case "global":
		return "https://aiplatform.googleapis.com"
	case "us", "eu":
		return "https://aiplatform." + c.Region + ".rep.googleapis.com"
	}
	return "https://" + c.Region + "-aiplatform.googleapis.com"
}

// vertexPublisher is where Anthropic's models are. Clients' own settings of a
// base address end in the version, which then is not said twice.
func vertexPublisher(c Config) string {
	publisher := "/projects/" + url.PathEscape(c.Project) + "/locations/" + url.PathEscape(c.Region) + "/publishers/anthropic"
	if strings.HasSuffix(strings.TrimSuffix(c.BaseURL, "/"), "/v1") {
		return publisher
	}
	return "/v1" + publisher
}
