package sink

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"

	"tollgate"
)

// otlp sends records to a collector as log records, over HTTP with a binary body
// (opentelemetry-proto, docs/specification.md, 2026-11-24).
var otlp = &kind{
	name:     "otlp",
	members:  []string{"endpoint", "headers", "allow_plain_http"},
	every:    time.Second,
	most:     usual,
	problems: Config.collectorProblems,
	open:     func(c Config, around Surroundings) Sink { return newCollector(c, around) },
}

const logsPath = "/v1/logs"

func (c Config) collectorProblems() []tollgate.Problem {
	problems := addressProblems("endpoint", c.Endpoint, c.AllowPlainHTTP)
	if at, err := url.Parse(c.Endpoint); err == nil && len(problems) == 0 {
		switch {
		case at.RawQuery != "" || at.ForceQuery:
			problems = append(problems, problem("endpoint", "must end with the path", "leave out what begins with ?"))
		case strings.HasSuffix(strings.TrimSuffix(at.Path, "/"), logsPath):
			problems = append(problems, problem("endpoint", "is the address of one signal alone", "leave out "+logsPath+", which tollgate adds itself"))
		}
	}
	return append(problems, c.headerProblems()...)
}

// ownHeaders are set by the sink or belong to the connection.
var ownHeaders = []string{
	"accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host", "keep-alive",
	"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
}

// headerName is a token, and headerText a field value, of RFC 9110, 5.
var (
	headerName = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+.^_`|~-]+$")
	headerText = regexp.MustCompile("^[\t\x20-\x7e\u0080-\U0010ffff]*$")
)

func (c Config) headerProblems() (problems []tollgate.Problem) {
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		switch path := "headers." + name; {
		case !headerName.MatchString(name):
			problems = append(problems, problem(path, "is not the name of a header", "use letters, digits and hyphens"))
		case slices.Contains(ownHeaders, strings.ToLower(name)):
			problems = append(problems, problem(path, "is a header that tollgate sets itself", "remove it"))
		case !headerText.MatchString(c.Headers[name].Reveal()):
			problems = append(problems, problem(path, "has a character that no header may have", "leave out line breaks and control characters"))
		}
	}
	return problems
}

type collector struct {
	url      string
	config   Config
	client   *http.Client
	resource *resourcepb.Resource
	scope    *commonpb.InstrumentationScope
	now      func() time.Time
}

func newCollector(c Config, around Surroundings) *collector {
	at, _ := url.Parse(c.Endpoint) // which has been validated
	host, _ := os.Hostname()
	return &collector{
		url: at.JoinPath(logsPath).String(), config: c, client: newClient(), now: around.Now,
		resource: &resourcepb.Resource{Attributes: attributes("service.name", "tollgate", "service.version", around.Version, "host.name", host)},
		scope:    &commonpb.InstrumentationScope{Name: "tollgate/audit", Version: around.Version},
	}
}

// Deliver implements Sink. What a collector says it has thrown away it has not
// taken: nobody would have it.
func (c *collector) Deliver(ctx context.Context, batch Batch) error {
	body, err := proto.Marshal(c.encode(batch))
	if err != nil {
		return err
	}
	request, err := newRequest(ctx, http.MethodPost, c.url, "application/x-protobuf", body)
	if err != nil {
		return err
	}
	for name, value := range c.config.Headers {
		request.Header.Set(name, value.Reveal())
	}
	answer, err := send(c.client, request)
	if err != nil {
		return err
	}
	if rejected := rejectedRecords(answer); rejected > 0 {
		return fmt.Errorf("it threw %d of %d records away", rejected, max(1, len(batch.Lines)))
	}
	return nil
}

// encode makes LogsData, which has the same wire form as
// ExportLogsServiceRequest.
func (c *collector) encode(batch Batch) *logspb.LogsData {
	var records []*logspb.LogRecord
	for i, line := range batch.Lines {
		records = append(records, c.record(line, batch.Chain, batch.First+int64(i)))
	}
	if batch.Chain == "" {
		records = append(records, c.checkpoint(batch))
	}
	return &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{
		Resource:  c.resource,
		ScopeLogs: []*logspb.ScopeLogs{{Scope: c.scope, LogRecords: records}},
	}}}
}

// record is one whose body is the line as it was hashed.
func (c *collector) record(line []byte, chain string, number int64) *logspb.LogRecord {
	var said struct {
		Action, Outcome string
	}
	_ = json.Unmarshal(line, &said) // what is no JSON has neither
	about := append(attributes("tollgate.audit.chain", chain, "tollgate.audit.action", said.Action, "tollgate.audit.outcome", said.Outcome),
		&commonpb.KeyValue{Key: "tollgate.audit.number", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: number}}})
	return c.entry("tollgate.audit.record", timeOf(line), string(line), about)
}

func (c *collector) checkpoint(batch Batch) *logspb.LogRecord {
	return c.entry("tollgate.audit.checkpoint", time.Time{}, batch.Note, nil)
}

func (c *collector) entry(event string, at time.Time, body string, about []*commonpb.KeyValue) *logspb.LogRecord {
	entry := &logspb.LogRecord{
		ObservedTimeUnixNano: uint64(c.now().UnixNano()),
		SeverityNumber:       logspb.SeverityNumber_SEVERITY_NUMBER_INFO, SeverityText: "INFO",
		Body: text(body), Attributes: about, EventName: event,
	}
	if !at.IsZero() {
		entry.TimeUnixNano = uint64(at.UnixNano())
	}
	return entry
}

// attributes are pairs of a key and a text. Those that say nothing are left out.
func attributes(pairs ...string) (all []*commonpb.KeyValue) {
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			all = append(all, &commonpb.KeyValue{Key: pair[0], Value: text(pair[1])})
		}
	}
	return all
}

// text is a value of UTF-8, which the wire form insists on.
func text(value string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: strings.ToValidUTF8(value, "\uFFFD")}}
}
