package doctor_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tollgate/internal/doctor"
	"tollgate/internal/gatewaytest"
)

// newProvider answers like Anthropic, a word at a time.
func newProvider(t *testing.T) string {
	t.Helper()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Request-Id", "req_provider")
		switch {
		case strings.HasSuffix(r.URL.Path, "/count_tokens"):
			fmt.Fprint(w, `{"input_tokens":7}`)
		case bytes.Contains(body, []byte(`"stream":true`)):
			w.Header().Set("Content-Type", "text/event-stream")
			for _, event := range []string{"message_start", "content_block_delta", "message_stop"} {
				fmt.Fprintf(w, "event: %s\ndata: {\"type\":%q,\"message\":{\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n", event, event)
			}
		default:
			fmt.Fprint(w, `{"id":"msg_1","type":"message","model":"claude-haiku-5-5","content":[],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}`)
		}
	}))
	t.Cleanup(provider.Close)
	return provider.URL
}

// box is something that stands between a developer and the gateway.
type box func(through *httputil.ReverseProxy) http.Handler

// changed is a box that does something to what comes and goes.
func changed(request func(*http.Request), response func(*http.Response) error) box {
	return func(through *httputil.ReverseProxy) http.Handler {
		direct := through.Rewrite
		through.Rewrite = func(r *httputil.ProxyRequest) {
			direct(r)
			if request != nil {
				request(r.Out)
			}
		}
		through.ModifyResponse = response
		return through
	}
}

// answering is a box that answers some requests itself.
func answering(which func(*http.Request) bool, answer http.HandlerFunc) box {
	return func(through *httputil.ReverseProxy) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if which(r) {
				answer(w, r)
				return
			}
			through.ServeHTTP(w, r)
		})
	}
}

func any(*http.Request) bool { return true }

func page(status int, title string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<html><head><title>%s</title></head></html>", title)
	}
}

// held collects whole answers before it passes them on.
func held(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return err
}

func compressed(r *http.Response) error {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	if _, err := io.Copy(writer, r.Body); err != nil {
		return err
	}
	writer.Close()
	r.Body, r.ContentLength = io.NopCloser(&out), int64(out.Len())
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("Content-Length", fmt.Sprint(out.Len()))
	return nil
}

// impatient cuts an answer in which nothing comes for a moment.
type impatient struct {
	io.ReadCloser
	patience time.Duration
}

func (i impatient) Read(p []byte) (int, error) {
	late := time.AfterFunc(i.patience, func() { i.Close() })
	defer late.Stop()
	return i.ReadCloser.Read(p)
}

// zoo are the boxes, and the check that names each: result and a part of what it says.
var zoo = map[string]struct {
	box                 box
	check, says, remedy string
}{
	"a buffer": {changed(nil, held), "stream", "come together", "proxy_buffering"},
	"a redirect": {answering(any, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://login.example.com/", http.StatusFound)
	}), "redirect", "login.example.com", ""},
	"no x-api-key":    {changed(func(r *http.Request) { r.Header.Del("X-Api-Key") }, nil), "key_headers", "only Authorization", "x-api-key"},
	"no bearer":       {changed(func(r *http.Request) { r.Header.Del("Authorization") }, nil), "key", "Authorization does not arrive", "ANTHROPIC_API_KEY"},
	"an allow list":   {changed(func(r *http.Request) { r.Header.Set("Anthropic-Beta", "claude-code-20250219") }, nil), "betas", "anthropic-beta", "as it is"},
	"no own headers":  {changed(func(r *http.Request) { r.Header.Del("X-Claude-Code-Session-Id") }, nil), "betas", "headers of the client", ""},
	"a schema":        {changed(func(r *http.Request) { cutMember(r) }, nil), "betas", "members of the body", "byte for byte"},
	"a firewall":      {answering(hasTags, page(http.StatusForbidden, "Request blocked")), "body", "Request blocked", "firewall"},
	"a small limit":   {answering(func(r *http.Request) bool { return r.ContentLength > 100<<10 }, page(http.StatusRequestEntityTooLarge, "413")), "body", "too large", "32 MB"},
	"a rewriter":      {changed(func(r *http.Request) { escapeTags(r) }, nil), "body", "changed on the way", "byte for byte"},
	"a compressor":    {changed(nil, compressed), "compression", "gzip", ""},
	"a portal":        {answering(any, page(http.StatusOK, "Welcome to the hotel")), "gateway", "Welcome to the hotel", "sign in"},
	"its own errors":  {changed(nil, ownErrors), "errors", "another form", "proxy_intercept_errors"},
	"other words":     {changed(nil, otherWords), "errors", "other words", ""},
	"errors as 200":   {changed(nil, asSuccess), "errors", "as a success", ""},
	"an idle timeout": {changed(nil, func(r *http.Response) error { r.Body = impatient{r.Body, 600 * time.Millisecond}; return nil }), "silence", "is cut", "proxy_read_timeout"},
	"no pings":        {changed(nil, withoutPings), "stream", "pings or comments", ""},
	"a wrong clock":   {changed(nil, func(r *http.Response) error { r.Header.Set("Date", "Mon, 23 Nov 2020 10:00:00 GMT"); return nil }), "clock", "apart", "set this machine's clock"},
}

func hasTags(r *http.Request) bool {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return bytes.Contains(body, []byte("script")) || bytes.Contains(body, []byte(`\u003cscript`))
}

func rewrite(r *http.Request, change func([]byte) []byte) {
	if r.Body == nil {
		return
	}
	body, _ := io.ReadAll(r.Body)
	body = change(body)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
}

func cutMember(r *http.Request) {
	rewrite(r, func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`,"tollgate_doctor":{"unknown":true}`), nil)
	})
}

func escapeTags(r *http.Request) {
	rewrite(r, func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte("document.cookie"), []byte("document.cook1e"))
	})
}

func ownErrors(r *http.Response) error {
	if r.StatusCode >= 400 {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(`{"error":"upstream error"}`)), -1
		r.Header.Del("Content-Length")
	}
	return nil
}

func otherWords(r *http.Response) error {
	if r.StatusCode >= 400 {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(`{"type":"error","error":{"type":"not_found_error","message":"oops"}}`)), -1
		r.Header.Del("Content-Length")
	}
	return nil
}

func asSuccess(r *http.Response) error {
	if r.StatusCode == http.StatusNotFound && r.Request.Method == http.MethodPost {
		r.StatusCode = http.StatusOK
	}
	return nil
}

func withoutPings(r *http.Response) error {
	if r.Header.Get("Content-Type") != "text/event-stream" {
		return nil
	}
	from := r.Body
	reader, writer := io.Pipe()
	r.Body = reader
	go func() {
		piece := make([]byte, 4096)
		for {
			n, err := from.Read(piece)
			text := strings.ReplaceAll(string(piece[:n]), ": keepalive\n\n", "")
			if _, failed := io.WriteString(writer, text); err != nil || failed != nil {
				writer.CloseWithError(err)
				return
			}
		}
	}()
	return nil
}

// standing puts a box in front of a gateway.
func standing(t *testing.T, address string, between box) *url.URL {
	t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	through := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	through.FlushInterval = -1
	through.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	front := httptest.NewServer(between(through))
	t.Cleanup(front.Close)
	at, _ := url.Parse(front.URL)
	return at
}

// settled is a machine on which Claude Code is set to a gateway.
func settled(at *url.URL, key string) doctor.Config {
	environment := map[string]string{"ANTHROPIC_BASE_URL": at.String(), "ANTHROPIC_AUTH_TOKEN": key}
	return doctor.Config{URL: at, Key: key, Silence: time.Second, Now: time.Now, Environment: func(name string) string { return environment[name] }}
}

func failures(found []doctor.Finding) (failed []string) {
	for _, each := range found {
		if each.Result == doctor.Failed || each.Result == doctor.Warning {
			failed = append(failed, each.Name)
		}
	}
	return failed
}

func the(t *testing.T, found []doctor.Finding, name string) doctor.Finding {
	t.Helper()
	for _, each := range found {
		if each.Name == name && each.Result != doctor.OK {
			return each
		}
	}
	return doctor.Finding{Name: name, Result: doctor.OK}
}

// TestHealthy: with nothing in between all is green, be money spent or not.
func TestHealthy(t *testing.T) {
	t.Parallel()
	for _, spend := range []bool{false, true} {
		g := gatewaytest.Start(t, gatewaytest.Options{Upstream: newProvider(t)})
		at, _ := url.Parse(g.URL)
		c := settled(at, g.Key)
		c.Spend = spend
		found := doctor.Run(t.Context(), c)
		for _, each := range found {
			if each.Result != doctor.OK || each.Remedy != "" {
				t.Errorf("%+v", each)
			}
		}
		rows := 1 // that of the model that nobody serves
		if spend {
			for _, each := range found {
				if each.Name == "models" {
					rows += strings.Count(each.Says, ",") + 1
				}
			}
		}
		if got := g.WaitRows(t, rows); spend == (len(got) == 1) {
			t.Errorf("%d rows", len(got))
		}
		g.Stop(t)
	}
}

// TestZoo: each box is named by the check that is there for it.
func TestZoo(t *testing.T) {
	t.Parallel()
	for name, animal := range zoo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := gatewaytest.Start(t, gatewaytest.Options{Upstream: newProvider(t)})
			at := standing(t, g.URL, animal.box)
			c := settled(at, g.Key)
			if animal.check != "silence" {
				c.Silence = 0
			}
			found := doctor.Run(t.Context(), c)
			got := the(t, found, animal.check)
			if got.Result == doctor.OK || !strings.Contains(got.Says, animal.says) || !strings.Contains(got.Remedy, animal.remedy) || got.Remedy == "" {
				t.Errorf("%s says %+v; failed are %v", animal.check, got, failures(found))
			}
			if first := failures(found)[0]; first != animal.check {
				t.Errorf("%s is named before: %+v", first, found)
			}
		})
	}
}

// TestHTTP10 is a box that speaks the protocol of 1996.
func TestHTTP10(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				_, _ = connection.Read(make([]byte, 4096))
				fmt.Fprint(connection, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"data\":[]}")
			}()
		}
	}()
	at, _ := url.Parse("http://" + listener.Addr().String())
	if got := the(t, doctor.Run(t.Context(), settled(at, "tgk_x")), "protocol"); got.Result != doctor.Failed || !strings.Contains(got.Says, "HTTP/1.0") {
		t.Errorf("%+v", got)
	}
}

// certificate is one for a name, signed by an authority of the test's.
func certificate(t *testing.T, name string, ends time.Time) (pair tls.Certificate, authority []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: ends.Add(-90 * 24 * time.Hour), NotAfter: ends,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true, DNSNames: []string{name},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}

// TestCertificates: each that the client would not take is named, and so is one that
// ends soon.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		host    string
		ends    time.Duration
		trusted bool
		result  doctor.Result
		says    string
	}{
		"good":          {"localhost", 60 * 24 * time.Hour, true, doctor.OK, ""},
		"ends soon":     {"localhost", 5 * 24 * time.Hour, true, doctor.Warning, "ends on"},
		"expired":       {"localhost", -time.Hour, true, doctor.Failed, "expired"},
		"another name":  {"gateway.example.com", 60 * 24 * time.Hour, true, doctor.Failed, "another name"},
		"not trusted":   {"localhost", 60 * 24 * time.Hour, false, doctor.Failed, "does not trust"},
		"no TLS at all": {"", 0, true, doctor.Failed, "plain HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := gatewaytest.Start(t, gatewaytest.Options{Upstream: newProvider(t)})
			to, _ := url.Parse(g.URL)
			front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(to))
			front.Config.ErrorLog = nil
			authority := filepath.Join(t.TempDir(), "ca.pem")
			check := "tls"
			if test.host == "" {
				front.Start()
				check = "connection"
			} else {
				pair, pem := certificate(t, test.host, time.Now().Add(test.ends))
				front.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
				if err := os.WriteFile(authority, pem, 0o600); err != nil {
					t.Fatal(err)
				}
				front.StartTLS()
			}
			t.Cleanup(front.Close)
			_, port, _ := net.SplitHostPort(front.Listener.Addr().String())
			at, _ := url.Parse("https://localhost:" + port)
			c := settled(at, g.Key)
			plain := c.Environment
			c.Environment = func(name string) string {
				if name == "NODE_EXTRA_CA_CERTS" && test.trusted {
					return authority
				}
				return plain(name)
			}
			found := doctor.Run(t.Context(), c)
			if got := the(t, found, check); got.Result != test.result || !strings.Contains(got.Says, test.says) || (got.Remedy == "") != (test.result == doctor.OK) {
				t.Errorf("%+v; failed are %v", got, failures(found))
			}
		})
	}
}

// TestAnotherProduct is asked what the Messages API offers, and the rest is left out.
func TestAnotherProduct(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/v1/models":
			fmt.Fprint(w, `{"data":[{"id":"claude-haiku-5-5"}]}`)
		case strings.HasSuffix(r.URL.Path, "/count_tokens"):
			fmt.Fprint(w, `{"input_tokens":7}`)
		case bytes.Contains(body, []byte("doctor-0")), r.URL.Path != "/v1/messages":
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"type":"error","error":{"type":"not_found_error","message":"no"}}`)
		case bytes.Contains(body, []byte(`"stream":true`)):
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "event: message_start\ndata: {}\n\nevent: message_stop\ndata: {}\n\n")
		default:
			fmt.Fprint(w, `{"type":"message"}`)
		}
	}))
	t.Cleanup(other.Close)
	at, _ := url.Parse(other.URL)
	c := settled(at, "sk-other")
	c.Spend = true
	found := doctor.Run(t.Context(), c)
	if failed := failures(found); len(failed) > 0 {
		t.Errorf("%v: %+v", failed, found)
	}
	for _, name := range []string{"betas", "silence", "compression", "key_headers"} {
		if got := the(t, found, name); got.Result != doctor.Skipped || !strings.Contains(got.Says, "tollgate") {
			t.Errorf("%+v", got)
		}
	}
}

// TestKeysAndModels: what is wrong with them is said.
func TestKeysAndModels(t *testing.T) {
	t.Parallel()
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: newProvider(t), Models: []string{"claude-opus-*"}})
	at, _ := url.Parse(g.URL)
	for name, test := range map[string]struct {
		change      func(*doctor.Config)
		check, says string
	}{
		"a wrong key":       {func(c *doctor.Config) { c.Key += "x" }, "key", "mistyped"},
		"no key":            {func(c *doctor.Config) { c.Key = "" }, "key", "no key"},
		"nobody there":      {func(c *doctor.Config) { c.URL = &url.URL{Scheme: "http", Host: "127.0.0.1:1"} }, "connection", "nothing takes connections"},
		"no such name":      {func(c *doctor.Config) { c.URL = &url.URL{Scheme: "http", Host: "gateway.invalid"} }, "connection", ""},
		"a model unrouted":  {func(c *doctor.Config) { c.Models = []string{"gpt-11"} }, "models", "gpt-11"},
		"a model forbidden": {func(c *doctor.Config) { c.Models = []string{"claude-haiku-5-5"} }, "models", "403"},
		"no small model":    {func(*doctor.Config) {}, "small_model", "no small model"},
	} {
		c := settled(at, g.Key)
		c.Silence = 0
		test.change(&c)
		if got := the(t, doctor.Run(t.Context(), c), test.check); got.Result == doctor.OK || !strings.Contains(got.Says, test.says) || got.Remedy == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestASlowCatalog is one for which the client does not wait.
func TestASlowCatalog(t *testing.T) {
	t.Parallel()
	g := gatewaytest.Start(t, gatewaytest.Options{Upstream: newProvider(t)})
	at, _ := url.Parse(g.URL)
	c := settled(at, g.Key)
	c.Silence = 0
	now := time.Now()
	c.Now = func() time.Time {
		now = now.Add(4 * time.Second)
		return now
	}
	if got := the(t, doctor.Run(t.Context(), c), "catalog"); got.Result != doctor.Warning || !strings.Contains(got.Says, "took 4s") {
		t.Errorf("%+v", got)
	}
}

// TestSettings: what stands on the machine, and gets in each other's way.
func TestSettings(t *testing.T) {
	t.Parallel()
	at, _ := url.Parse("http://127.0.0.1:1")
	for name, test := range map[string]struct {
		managed, user string
		login         bool
		environment   map[string]string
		check, says   string
		result        doctor.Result
	}{
		"managed":            {`{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:1"},"apiKeyHelper":"x"}`, `{"env":{"ANTHROPIC_BASE_URL":"http://other"}}`, false, nil, "settings", "", doctor.OK},
		"another gateway":    {``, `{"env":{"ANTHROPIC_BASE_URL":"http://other"}}`, false, map[string]string{"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}, "settings", "user settings", doctor.Warning},
		"no gateway":         {``, ``, false, nil, "settings", "nothing on this machine", doctor.Warning},
		"broken":             {`{`, ``, false, nil, "settings", "cannot be read", doctor.Failed},
		"a forced login":     {`{"forceLoginMethod":"claudeai","apiKeyHelper":"x"}`, ``, false, nil, "credentials", "does not start", doctor.Failed},
		"two credentials":    {`{"apiKeyHelper":"x"}`, ``, false, map[string]string{"ANTHROPIC_AUTH_TOKEN": "a"}, "credentials", "ANTHROPIC_AUTH_TOKEN and apiKeyHelper", doctor.Warning},
		"two keys":           {``, ``, false, map[string]string{"ANTHROPIC_AUTH_TOKEN": "a", "ANTHROPIC_API_KEY": "b"}, "credentials", "several", doctor.Warning},
		"one key twice":      {``, ``, false, map[string]string{"ANTHROPIC_AUTH_TOKEN": "a", "ANTHROPIC_API_KEY": "a"}, "credentials", "", doctor.OK},
		"a login":            {``, ``, true, nil, "credentials", "logged in", doctor.Warning},
		"through a proxy":    {``, ``, false, map[string]string{"HTTP_PROXY": "http://proxy.example.com:3128"}, "proxy", "proxy.example.com", doctor.Warning},
		"small and unserved": {``, ``, false, map[string]string{"ANTHROPIC_DEFAULT_HAIKU_MODEL": "x"}, "small_model", "not tried", doctor.Skipped},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			write := func(path, text string) {
				if text == "" {
					return
				}
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			managed := filepath.Join(home, "managed.json")
			write(managed, test.managed)
			write(filepath.Join(home, ".claude", "settings.json"), test.user)
			if test.login {
				write(filepath.Join(home, ".claude", ".credentials.json"), "{}")
			}
			c := doctor.Config{URL: at, Now: time.Now, Environment: func(name string) string { return test.environment[name] }, Home: home, Managed: []string{managed}}
			if strings.Contains(name, "proxy") {
				c.URL = &url.URL{Scheme: "http", Host: "gateway.invalid"}
			}
			found := doctor.Run(t.Context(), c)
			got := the(t, found, test.check)
			if got.Result != test.result || !strings.Contains(got.Says, test.says) {
				t.Errorf("%+v", got)
			}
			if at := slices.IndexFunc(found, func(f doctor.Finding) bool { return f.Name == test.check }); at < 0 {
				t.Error("it was not checked")
			}
		})
	}
}
