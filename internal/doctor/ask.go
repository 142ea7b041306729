package doctor

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// newClient makes connections as the client's runtime does: with the system's
// authorities and those of NODE_EXTRA_CA_CERTS, through the proxy of the environment,
// and without following anybody anywhere. Nothing is decompressed, so that it is seen.
func (v *visit) newClient() *http.Client {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if path := v.variable("NODE_EXTRA_CA_CERTS"); path != "" {
		if text, err := os.ReadFile(path); err == nil {
			pool.AppendCertsFromPEM(text)
		}
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:              v.proxyFor,
			DialContext:        (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSClientConfig:    &tls.Config{RootCAs: pool, NextProtos: []string{"http/1.1"}}, // as the client: all its requests are HTTP/1.1 (client-behaviour.md 1, 2026-11-23)
			DisableCompression: true,
		},
	}
}

// question is a request as the client makes them.
type question struct {
	method, path string
	body         []byte
	header       http.Header
	bare         bool // without a key
	patience     time.Duration
}

// reply is what came of it.
type reply struct {
	*http.Response
	body []byte
	took time.Duration
}

// ask makes a request and reads the answer. The error is one of the network.
func (v *visit) ask(ctx context.Context, q question) (reply, error) {
	if q.patience == 0 {
		q.patience = patience
	}
	ctx, cancel := context.WithTimeout(ctx, q.patience)
	defer cancel()
	request, err := v.request(ctx, q)
	if err != nil {
		return reply{}, err
	}
	begun := v.Now()
	response, err := v.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	from, err := unpacked(response)
	if err != nil {
		return reply{}, err
	}
	body, err := io.ReadAll(io.LimitReader(from, 8<<20))
	return reply{response, body, v.Now().Sub(begun)}, err
}

// unpacked is the body of an answer, which the client's runtime unpacks too.
func unpacked(response *http.Response) (io.Reader, error) {
	if response.Header.Get("Content-Encoding") != "gzip" {
		return response.Body, nil
	}
	return gzip.NewReader(response.Body)
}

func (v *visit) request(ctx context.Context, q question) (*http.Request, error) {
	if q.method == "" {
		q.method = http.MethodGet
	}
	path, query, _ := strings.Cut(q.path, "?")
	address := v.URL.JoinPath(path)
	address.RawQuery = query
	request, err := http.NewRequestWithContext(ctx, q.method, address.String(), bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	request.Header = http.Header{
		"User-Agent": {"tollgate-doctor"}, "Accept": {"application/json"}, "Accept-Encoding": {"gzip"},
		"Anthropic-Version": {"2023-06-01"}, "Content-Type": {"application/json"},
	}
	if !q.bare {
		request.Header.Set("Authorization", "Bearer "+v.Key)
	}
	for name, lines := range q.header {
		request.Header[name] = lines
	}
	return request, nil
}

// envelope is an error as the Messages API has it.
type envelope struct {
	Type  string `json:"type"`
	Error struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
	RequestID string `json:"request_id"`
}

// said is the message of an error, and whether it was one of the Messages API.
func (r reply) said() (message string, understood bool) {
	var e envelope
	if json.Unmarshal(r.body, &e) != nil || e.Type != "error" || e.Error.Type == "" {
		return "", false
	}
	return e.Error.Message, true
}

// isPage says whether the answer is made for people.
func (r reply) isPage() bool {
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	return strings.Contains(kind, "html") || bytes.HasPrefix(bytes.TrimSpace(r.body), []byte("<"))
}

// title is what a page calls itself.
func (r reply) title() string {
	_, rest, found := strings.Cut(string(r.body), "<title>")
	title, _, ended := strings.Cut(rest, "</title>")
	if !found || !ended {
		return "a page without a title"
	}
	return "a page with the title " + quoted(title)
}

func quoted(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return "\"" + text[:min(len(text), 200)] + "\""
}
