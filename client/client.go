// Package client is the Go client of the admin API. The command line is its
// first user.
//
// It speaks over the gateway's Unix socket, or over HTTPS with an admin key.
// It never sends a key in clear text to another machine, never follows a
// redirect with one, and never shows it. It does not retry: whoever asks knows
// whether to ask again.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"tollgate/api"
	"tollgate/internal/secret"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 256 << 20

// Client talks to one gateway. It may be used by many goroutines.
type Client struct {
	most int64  // bytes of an answer
	base string // "https://host:port" and what a proxy wants before the API's own path; no slash at the end
	key  secret.String
	http *http.Client
}

// Socket is a client for the gateway whose Unix socket is at path.
func Socket(path string) *Client {
	var dialer net.Dialer
	return Through(&http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", path)
		},
	})
}

// Through is a client whose requests go through transport, wherever that leads.
func Through(transport http.RoundTripper) *Client {
	return &Client{most: maxAnswer, base: "http://tollgate", http: &http.Client{Transport: transport, CheckRedirect: stay}}
}

// New is a client for the admin API at base, such as https://gateway:8081,
// with an admin key.
func New(base, key string) (*Client, error) {
	address, err := url.Parse(base)
	if err != nil || address.Host == "" || address.User != nil || address.RawQuery != "" || address.Fragment != "" {
		return nil, errors.New("the address of the admin API is not a URL such as https://gateway.example.com:8081")
	}
	if address.Scheme != "https" && (address.Scheme != "http" || !isLoopback(address.Hostname())) {
		return nil, fmt.Errorf("the address of the admin API does not begin with https:// but with %s://; an admin key is not sent in clear text to another machine", address.Scheme)
	}
	return &Client{
		most: maxAnswer, base: address.Scheme + "://" + address.Host + strings.TrimRight(address.EscapedPath(), "/"), key: secret.New(key),
		http: &http.Client{CheckRedirect: stay},
	}, nil
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// Error is a refusal by the gateway. Message is a sentence.
type Error struct {
	Status  int    // of HTTP
	Type    string // empty when it was not the admin API that answered
	Message string
}

func (e *Error) Error() string { return e.Message }

// Version is the running gateway's.
func (c *Client) Version(ctx context.Context) (api.Version, error) {
	return call[api.Version](ctx, c, http.MethodGet, resource("version"), nil)
}

// resource is the path of something below the API's root. Every segment is
// escaped, so that no name can lead elsewhere.
func resource(segments ...string) string {
	path := "/api/v1"
	for _, segment := range segments {
		path += "/" + url.PathEscape(segment)
	}
	return path
}

// withQuery adds the parameters that are not empty.
func withQuery(path string, values url.Values) string {
	for name, texts := range values {
		if len(texts) == 0 || len(texts) == 1 && texts[0] == "" {
			delete(values, name)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// call sends input, unless it is nil, as JSON and reads the answer into Out.
func call[Out any](ctx context.Context, c *Client, method, path string, input any) (Out, error) {
	var output Out
	request, err := c.request(ctx, method, path, input)
	if err != nil {
		return output, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return output, fmt.Errorf("the gateway cannot be reached: %w", bare(err))
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, c.most+1))
	if err != nil {
		return output, fmt.Errorf("the answer of the gateway broke off: %w", err)
	}
	if int64(len(answer)) > c.most {
		return output, fmt.Errorf("the answer of the gateway is longer than %d bytes; ask for less, with since, until, where or a smaller page", c.most)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return output, c.failure(response.StatusCode, answer)
	}
	if response.StatusCode == http.StatusNoContent {
		return output, nil
	}
	if err := json.Unmarshal(answer, &output); err != nil {
		return output, c.foreign(response.StatusCode)
	}
	return output, nil
}

func (c *Client) request(ctx context.Context, method, path string, input any) (*http.Request, error) {
	var body io.Reader
	if input != nil {
		text, err := json.Marshal(input)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if input != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if !c.key.IsZero() {
		request.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	}
	return request, nil
}

// failure reads a refusal. What is not in the API's form comes from somebody
// else, a proxy in between for instance, and is not repeated. The gateway's
// own door for Claude Code is told by the type in its envelope.
func (c *Client) failure(status int, answer []byte) error {
	var refusal struct {
		Type string `json:"type"`
		api.Failure
	}
	if json.Unmarshal(answer, &refusal) != nil || refusal.Error.Message == "" || refusal.Type != "" {
		return c.foreign(status)
	}
	return &Error{Status: status, Type: refusal.Error.Type, Message: refusal.Error.Message}
}

// foreign is for an answer that cannot be one of the admin API.
func (c *Client) foreign(status int) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(
		"%s answers, with status %d, but not as tollgate's admin API; give the address under admin.address, which is not the one that Claude Code uses", c.base, status)}
}

// bare takes off the method and the address that net/http puts before a cause.
func bare(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}
