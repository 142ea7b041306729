package sink

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tollgate"
)

// s3 puts each batch into a bucket as an object of its own, which is locked
// (Amazon S3 API Reference, PutObject, 2026-11-24).
var s3 = &kind{
	name: "s3",
	members: []string{
		"bucket", "region", "endpoint", "allow_plain_http", "prefix", "path_style", "lock", "retain",
		"access_key_id", "secret_access_key", "session_token", "profile",
	},
	every:    time.Minute,
	most:     size{records: 10_000, bytes: 8 << 20},
	complete: completeBucket,
	problems: Config.bucketProblems,
	open: func(c Config, around Surroundings) Sink {
		return &bucket{config: c, signer: around.Signer(c), now: around.Now, client: newClient()}
	},
}

// Signer puts a signature of the request and the digest of its body on it.
type Signer interface {
	Sign(ctx context.Context, r *http.Request, digest [sha256.Size]byte) error
}

func completeBucket(c *Config) {
	if c.Lock == "" {
		c.Lock = Governance
	}
	if c.Retain == 0 && c.Lock != NoLock {
		c.Retain = 400 * 24 * time.Hour
	}
}

var (
	validBucket = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	validRegion = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	validPrefix = regexp.MustCompile(`^([A-Za-z0-9._-]+/)*[A-Za-z0-9._-]*$`)
)

func (c Config) bucketProblems() (problems []tollgate.Problem) {
	say := func(holds bool, path, message, remedy string) {
		if !holds {
			problems = append(problems, problem(path, message, remedy))
		}
	}
	say(validBucket.MatchString(c.Bucket), "bucket", "is missing or not the name of a bucket", "write one such as acme-audit")
	say(validRegion.MatchString(c.Region), "region", "is missing or not a region", "write the bucket's, such as eu-central-1")
	say(validPrefix.MatchString(c.Prefix) && !strings.Contains("/"+c.Prefix, "/."), "prefix", "is not the beginning of a name", "use letters, digits, hyphens, dots and slashes, such as tollgate/")
	say(c.Lock == Governance || c.Lock == Compliance || c.Lock == NoLock, "lock", "is not a way to lock objects", "write governance, compliance or none")
	say(c.Lock != NoLock || c.Retain == 0, "retain", "is for objects that are locked", "remove it, or write lock: governance")
	say(c.Retain >= 0, "retain", "must not be less than 0", "write a duration such as 400d")
	say((c.AccessKeyID == "") == c.SecretAccessKey.IsZero(), "secret_access_key", "and access_key_id go together", "write both, or neither for AWS's own chain")
	say(c.SessionToken.IsZero() || c.AccessKeyID != "", "session_token", "has no access_key_id beside it", "write it, or remove session_token")
	say(c.Profile == "" || c.AccessKeyID == "", "profile", "stands beside a fixed key", "keep one of the two")
	return append(problems, c.endpointProblems()...)
}

func (c Config) endpointProblems() []tollgate.Problem {
	if c.Endpoint == "" {
		return nil
	}
	problems := addressProblems("endpoint", c.Endpoint, c.AllowPlainHTTP)
	if at, err := url.Parse(c.Endpoint); err == nil && len(problems) == 0 && (strings.Trim(at.Path, "/") != "" || at.RawQuery != "") {
		problems = append(problems, problem("endpoint", "must end with the host", "write the bucket under bucket, and what comes before names under prefix"))
	}
	return problems
}

type bucket struct {
	config Config
	signer Signer
	now    func() time.Time
	client *http.Client
}

// Deliver implements Sink. An object that is there already is the same one: its
// name has the digest of what is in it.
func (b *bucket) Deliver(ctx context.Context, batch Batch) error {
	name, contentType, body := objectOf(batch)
	request, err := newRequest(ctx, http.MethodPut, b.address(b.config.Prefix+name), contentType, body)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(body)
	b.describe(request.Header, body, digest)
	if err := b.signer.Sign(ctx, request, digest); err != nil {
		return tame(err)
	}
	_, err = send(b.client, request)
	refused, isRefusal := errors.AsType[*refusal](err)
	switch {
	case isRefusal && refused.status == http.StatusPreconditionFailed:
		return nil
	case isRefusal:
		return fmt.Errorf("%w%s", err, codeOf(refused.answer))
	}
	return err
}

// objectOf is the object of a batch. Names sort by chain and number.
func objectOf(batch Batch) (name, contentType string, body []byte) {
	body, contentType = batch.JSONLines(), "application/x-ndjson"
	if batch.Chain == "" {
		body, contentType = []byte(batch.Note), "text/plain; charset=utf-8"
	}
	digest := sha256.Sum256(body)
	mark := hex.EncodeToString(digest[:8])
	if batch.Chain == "" {
		return fmt.Sprintf("checkpoints/%012d-%s.txt", batch.Last, mark), contentType, body
	}
	return fmt.Sprintf("%s/%012d-%012d-%s.jsonl", batch.Chain, batch.First, batch.Last, mark), contentType, body
}

// describe sets the headers of the object. One that is locked needs a digest,
// and services differ in which they look at.
func (b *bucket) describe(header http.Header, body []byte, digest [sha256.Size]byte) {
	sum := md5.Sum(body)
	header.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
	header.Set("X-Amz-Checksum-Sha256", base64.StdEncoding.EncodeToString(digest[:]))
	header.Set("If-None-Match", "*")
	if b.config.Lock != NoLock {
		header.Set("X-Amz-Object-Lock-Mode", strings.ToUpper(string(b.config.Lock)))
		header.Set("X-Amz-Object-Lock-Retain-Until-Date", b.now().Add(b.config.Retain).UTC().Format(time.RFC3339))
	}
}

// address is that of an object. Its name needs no escaping.
func (b *bucket) address(name string) string {
	at := &url.URL{Scheme: "https", Host: "s3." + b.config.Region + ".amazonaws.com"}
	if b.config.Endpoint != "" {
		at, _ = url.Parse(b.config.Endpoint) // which has been validated
	}
	if b.config.PathStyle {
		return at.JoinPath(b.config.Bucket, name).String()
	}
	at.Host = b.config.Bucket + "." + at.Host
	return at.JoinPath(name).String()
}

var errorCode = regexp.MustCompile(`<Code>([A-Za-z0-9]{1,64})</Code>`)

// codeOf is what a service calls a mistake. What it says of it is left out: of a
// wrong signature it shows what was signed.
func codeOf(answer []byte) string {
	if found := errorCode.FindSubmatch(answer); found != nil {
		return fmt.Sprintf(" (%s)", found[1])
	}
	return ""
}
