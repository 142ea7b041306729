package sink_test

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"tollgate"
	"tollgate/internal/audit/sink"
	"tollgate/internal/audit/sink/sinktest"
	"tollgate/internal/cred"
	"tollgate/internal/secret"
	"tollgate/internal/simulator/sigv4"
)

func around() sink.Surroundings {
	return sink.Surroundings{Version: "v1.2.3", Now: time.Now, Signer: signer}
}

func TestWebhook(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Far {
		f := newFarServer(t, func(r *http.Request, body []byte) ([]string, int, string) {
			if !signedAsStandardWebhooksSay(r.Header, body) || r.Header.Get("Content-Type") != "application/x-ndjson" || r.Method != http.MethodPost {
				return nil, http.StatusUnauthorized, ""
			}
			return linesOf(t, body), http.StatusNoContent, ""
		})
		far := f.far()
		far.Sink = sink.Open(sink.Config{Name: "hook", Kind: "webhook", URL: secret.New(f.URL + "/" + sinktest.Canary), Secret: secret.New(sinktest.Canary)}, around())
		return far
	})
}

// signedAsStandardWebhooksSay computes the signature anew.
func signedAsStandardWebhooksSay(header http.Header, body []byte) bool {
	mac := hmac.New(sha256.New, []byte(sinktest.Canary))
	mac.Write([]byte(header.Get("Webhook-Id") + "." + header.Get("Webhook-Timestamp") + "."))
	mac.Write(body)
	return header.Get("Webhook-Signature") == "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) && header.Get("Webhook-Id") != ""
}

func TestOTLP(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Far {
		f := newFarServer(t, func(r *http.Request, body []byte) ([]string, int, string) {
			if r.URL.Path != "/otel/v1/logs" || r.Header.Get("Authorization") != sinktest.Canary || r.Header.Get("Content-Type") != "application/x-protobuf" {
				return nil, http.StatusUnauthorized, ""
			}
			return bodiesOf(t, body), http.StatusOK, ""
		})
		far := f.far()
		far.Sink = sink.Open(sink.Config{Name: "otel", Kind: "otlp", Endpoint: f.URL + "/otel/", Headers: map[string]secret.String{"authorization": secret.New(sinktest.Canary)}}, around())
		return far
	})
}

// bodiesOf decodes an export, and looks at what stands beside the bodies.
func bodiesOf(t *testing.T, message []byte) (bodies []string) {
	t.Helper()
	var logs logspb.LogsData
	if err := proto.Unmarshal(message, &logs); err != nil || len(logs.ResourceLogs) != 1 || len(logs.ResourceLogs[0].ScopeLogs) != 1 {
		t.Errorf("%v: %v", err, &logs)
		return nil
	}
	for _, each := range logs.ResourceLogs[0].ScopeLogs[0].LogRecords {
		body := each.Body.GetStringValue()
		bodies = append(bodies, body)
		if each.EventName == "tollgate.audit.checkpoint" {
			continue
		}
		if !sink.TimeOf([]byte(body)).Equal(time.Unix(0, int64(each.TimeUnixNano))) || each.ObservedTimeUnixNano == 0 {
			t.Errorf("%s has the time %d", body, each.TimeUnixNano)
		}
		said := map[string]string{}
		for _, about := range each.Attributes {
			said[about.Key] = about.Value.GetStringValue()
		}
		if said["tollgate.audit.action"] != "team.create" || said["tollgate.audit.outcome"] != "done" || !strings.HasPrefix(said["tollgate.audit.chain"], "chn_") {
			t.Errorf("%s is said to be about %v", body, said)
		}
	}
	return bodies
}

// What a collector has thrown away it has not taken.
func TestOTLPPartialSuccess(t *testing.T) {
	f := newFarServer(t, func(*http.Request, []byte) ([]string, int, string) {
		return nil, http.StatusOK, "\x0a\x02\x08\x01"
	})
	s := sink.Open(sink.Config{Name: "otel", Kind: "otlp", Endpoint: f.URL}, around())
	if err := s.Deliver(t.Context(), sinktest.Batch("chn_a", 1, 2)); err == nil || err.Error() != "it threw 1 of 2 records away" {
		t.Error(err)
	}
}

func FuzzRejectedRecords(f *testing.F) {
	f.Add([]byte("\x0a\x02\x08\x01"))
	f.Add([]byte{})
	f.Add([]byte("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if sink.RejectedRecords(answer) < 0 {
			t.Error("fewer than none were thrown away")
		}
	})
}

func TestStdout(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Far {
		p := &pipe{t: t}
		s := around()
		s.Stdout = p
		return sinktest.Far{Sink: sink.Open(sink.Config{Name: "out", Kind: "stdout"}, s), Taken: p.lines, Refuse: p.refuse, Lie: p.lie, Hang: p.hang}
	})
}

// pipe is somebody who reads standard output.
type pipe struct {
	t             *testing.T
	mu            sync.Mutex
	text          []byte
	refuses, lies bool
	held, hold    chan struct{}
}

var errPipe = errors.New("broken pipe")

func (p *pipe) Write(text []byte) (int, error) {
	p.mu.Lock()
	held, hold := p.held, p.hold
	p.held, p.hold = nil, nil
	p.mu.Unlock()
	if hold != nil {
		close(held)
		<-hold
		return 0, errPipe
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuses {
		return 0, errPipe
	}
	p.text = append(p.text, text...)
	if p.lies {
		return len(text), errPipe
	}
	return len(text), nil
}

func (p *pipe) set(which *bool, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*which = on
}
func (p *pipe) refuse(on bool) { p.set(&p.refuses, on) }
func (p *pipe) lie(on bool)    { p.set(&p.lies, on) }
func (p *pipe) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return linesOf(p.t, p.text)
}

func (p *pipe) hang() (<-chan struct{}, func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held, p.hold = make(chan struct{}), make(chan struct{})
	hold := p.hold
	return p.held, func() { close(hold) }
}

// A line that was broken off stands alone: what follows is whole.
func TestStdoutTornLine(t *testing.T) {
	var text strings.Builder
	s := around()
	first := true
	s.Stdout = writer(func(some []byte) (int, error) {
		if first {
			first = false
			text.Write(some[:10])
			return 10, errPipe
		}
		return text.Write(some)
	})
	out := sink.Open(sink.Config{Name: "out", Kind: "stdout"}, s)
	batch := sinktest.Batch("chn_a", 1, 1)
	if err := out.Deliver(t.Context(), batch); err == nil {
		t.Fatal("it was not delivered")
	}
	if err := out.Deliver(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if want := string(batch.Lines[0][:10]) + "\n" + string(batch.Lines[0]) + "\n"; text.String() != want {
		t.Errorf("%q", text.String())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(some []byte) (int, error) { return w(some) }

func TestJSONLines(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Far {
		folder := filepath.Join(t.TempDir(), "log")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "audit.jsonl")
		return sinktest.Far{
			Sink:  sink.Open(sink.Config{Name: "file", Kind: "jsonl", Path: path, MaxAge: 100 * 365 * 24 * time.Hour}, around()),
			Taken: func() []string { return linesOf(t, readFile(t, path)) },
			Refuse: func(on bool) {
				from, to := folder, folder+".away"
				if !on {
					from, to = to, from
				}
				if err := os.Rename(from, to); err != nil {
					t.Error(err)
				}
			},
		}
	})
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func signer(c sink.Config) sink.Signer {
	return awsSigner{cred.NewAWS(cred.AWSConfig{
		Service: "s3", Region: c.Region, AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken,
	}, time.Now, slog.New(slog.DiscardHandler))}
}

type awsSigner struct{ aws *cred.AWS }

func (s awsSigner) Sign(ctx context.Context, r *http.Request, digest [sha256.Size]byte) error {
	return s.aws.Sign(ctx, r, func() cred.Sum { return digest }, tollgate.Principal{})
}

// lockedBucket is a bucket whose objects nobody overwrites.
type lockedBucket struct {
	t       *testing.T
	mu      sync.Mutex
	objects map[string]string // by path
	retain  map[string]string
}

// put is strict: it takes what is signed, whole, locked and new.
func (b *lockedBucket) put(r *http.Request, body []byte) (lines []string, status int, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if code := b.objection(r, body); code != "" {
		status := http.StatusForbidden
		if code == "PreconditionFailed" {
			status = http.StatusPreconditionFailed
		}
		return nil, status, "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>" + sinktest.Canary + "</Message></Error>"
	}
	b.objects[r.URL.Path] = string(body)
	b.retain[r.URL.Path] = r.Header.Get("X-Amz-Object-Lock-Retain-Until-Date")
	if strings.HasSuffix(r.URL.Path, ".txt") {
		return []string{string(body)}, http.StatusOK, ""
	}
	return linesOf(b.t, body), http.StatusOK, ""
}

func (b *lockedBucket) objection(r *http.Request, body []byte) string {
	check := sigv4.Check{Services: []string{"s3"}, Region: "eu-central-1", Now: time.Now(), Key: func(id string) (sigv4.Key, bool) {
		return sigv4.Key{Secret: sinktest.Canary, Session: "session"}, id == "AKIATEST"
	}}
	_, failure := check.Verify(r, r.RequestURI, body)
	sum, digest := md5.Sum(body), sha256.Sum256(body)
	until, err := time.Parse(time.RFC3339, r.Header.Get("X-Amz-Object-Lock-Retain-Until-Date"))
	_, exists := b.objects[r.URL.Path]
	switch {
	case failure != nil:
		b.t.Error(failure.Message)
		return "SignatureDoesNotMatch"
	case r.Method != http.MethodPut || !strings.HasPrefix(r.URL.Path, "/acme-audit/gateway/"):
		return "NoSuchBucket"
	case r.Header.Get("X-Amz-Content-Sha256") == "":
		return "MissingSecurityHeader"
	case r.Header.Get("Content-Md5") != base64.StdEncoding.EncodeToString(sum[:]), r.Header.Get("X-Amz-Checksum-Sha256") != base64.StdEncoding.EncodeToString(digest[:]):
		return "BadDigest"
	case r.Header.Get("X-Amz-Object-Lock-Mode") != "COMPLIANCE" || err != nil || until.Before(time.Now().Add(399*24*time.Hour)):
		return "InvalidRequest"
	case exists && r.Header.Get("If-None-Match") == "*":
		return "PreconditionFailed"
	case exists:
		b.t.Error("an object that is locked would be overwritten")
		return "AccessDenied"
	}
	return ""
}

func newBucket(t *testing.T) (*lockedBucket, *farServer, sink.Config) {
	b := &lockedBucket{t: t, objects: map[string]string{}, retain: map[string]string{}}
	f := newFarServer(t, b.put)
	return b, f, sink.Config{
		Name: "vault", Kind: "s3", Endpoint: f.URL, PathStyle: true, Bucket: "acme-audit", Region: "eu-central-1", Prefix: "gateway/", Lock: sink.Compliance,
		AccessKeyID: "AKIATEST", SecretAccessKey: secret.New(sinktest.Canary), SessionToken: secret.New("session"),
	}
}

func TestS3(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Far {
		_, f, c := newBucket(t)
		far := f.far()
		far.Sink = sink.Open(c, around())
		return far
	})
}

// The same again is the same object; other records under the same numbers, as of
// a log that was written anew, are another one.
func TestS3Names(t *testing.T) {
	b, _, c := newBucket(t)
	s := sink.Open(c, around())
	batch := sinktest.Batch("chn_a", 1, 2)
	other := sinktest.Batch("chn_a", 1, 2)
	other.Lines[1] = sinktest.Batch("chn_a", 9, 9).Lines[0]
	for _, each := range []sink.Batch{batch, batch, other, sinktest.Checkpoint(7), sinktest.Checkpoint(7)} {
		if err := s.Deliver(t.Context(), each); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for name := range b.objects {
		name = strings.TrimPrefix(name, "/acme-audit/gateway/")
		names = append(names, name[:strings.LastIndex(name, "-")])
	}
	slices.Sort(names)
	if want := []string{"checkpoints/000000000007", "chn_a/000000000001-000000000002", "chn_a/000000000001-000000000002"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// What a service says is kept to its code: the rest may show what was signed.
func TestS3Refusal(t *testing.T) {
	f := newFarServer(t, func(*http.Request, []byte) ([]string, int, string) {
		return nil, http.StatusForbidden, "<Error><Code>AccessDenied</Code><Message>" + sinktest.Canary + "</Message></Error>"
	})
	_, _, c := newBucket(t)
	c.Endpoint = f.URL
	err := sink.Open(c, around()).Deliver(t.Context(), sinktest.Batch("chn_a", 1, 1))
	if err == nil || err.Error() != "it answered with status 403 (AccessDenied)" {
		t.Error(err)
	}
}

func TestS3Address(t *testing.T) {
	for want, c := range map[string]sink.Config{
		"https://acme.s3.eu-central-1.amazonaws.com/a/b.jsonl": {Bucket: "acme", Region: "eu-central-1"},
		"https://s3.eu-central-1.amazonaws.com/acme/a/b.jsonl": {Bucket: "acme", Region: "eu-central-1", PathStyle: true},
		"https://acme.minio.example.com:9000/a/b.jsonl":        {Bucket: "acme", Region: "eu", Endpoint: "https://minio.example.com:9000/"},
		"http://127.0.0.1:9000/acme/a/b.jsonl":                 {Bucket: "acme", Region: "eu", Endpoint: "http://127.0.0.1:9000", PathStyle: true},
	} {
		if got := sink.AddressOf(c, "a/b.jsonl"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

var _ io.Writer = (*pipe)(nil)
