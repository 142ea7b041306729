package proxy_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"tollgate"
	"tollgate/internal/gatewaytest"
)

// TestPromise1_BytesPass sends bodies and answers that nobody has thought of
// and compares them, byte for byte, with what the other side got, and the
// digests in the ledger with the digests of what was sent.
func TestPromise1_BytesPass(t *testing.T) {
	t.Parallel()
	const cases = 24
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	provider, wanted := answeringProvider(t)
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()

	sent := make([][]byte, cases)
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := worker; i < cases; i += 4 {
				random := rand.New(rand.NewPCG(seed, uint64(i)))
				sent[i] = randomRequest(random)
				answer := randomAnswer(random)
				wanted.Store(strconv.Itoa(i), answer)
				exchange(t, client, gateway, i, sent[i], answer, random.IntN(2) == 0)
			}
		})
	}
	group.Wait()
	checkArrived(t, provider, sent)
	for _, row := range gateway.WaitRows(t, cases) {
		checkDigests(t, row, sent, wanted)
	}
}

// TestPromise1_EveryProtocol passes the same bytes through HTTP/2, in clear
// text and over TLS.
func TestPromise1_EveryProtocol(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	pool := gatewaytest.WriteCertificate(t, cert, key, "gateway")
	secure := fmt.Sprintf("listen: {address: \"127.0.0.1:0\", tls: {cert: %q, key: %q}}\n", cert, key)
	only := func(set func(*http.Protocols)) *http.Protocols {
		protocols := new(http.Protocols)
		set(protocols)
		return protocols
	}
	for _, c := range []struct {
		name, config, proto string
		transport           *http.Transport
	}{
		{"h2c", "", "HTTP/2.0", &http.Transport{Protocols: only(func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) })}},
		{"https", secure, "HTTP/1.1", &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, Protocols: only(func(p *http.Protocols) { p.SetHTTP1(true) })}},
		{"h2", secure, "HTTP/2.0", &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, Protocols: only(func(p *http.Protocols) { p.SetHTTP2(true) })}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const cases = 6
			provider, wanted := answeringProvider(t)
			gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: c.config})
			client := &http.Client{Transport: c.transport}
			defer client.CloseIdleConnections()
			sent := make([][]byte, cases)
			for i := range cases {
				random := rand.New(rand.NewPCG(1, uint64(i)))
				sent[i] = randomRequest(random)
				answer := randomAnswer(random)
				wanted.Store(strconv.Itoa(i), answer)
				if proto := exchange(t, client, gateway, i, sent[i], answer, i%2 == 0); proto != c.proto {
					t.Errorf("spoke %s, want %s", proto, c.proto)
				}
			}
			checkArrived(t, provider, sent)
			for _, row := range gateway.WaitRows(t, cases) {
				checkDigests(t, row, sent, wanted)
			}
		})
	}
}

// TestPromise1_EventsAreNotHeldBack holds that an event reaches the client
// while the provider has not sent the next, in every protocol a client speaks.
func TestPromise1_EventsAreNotHeldBack(t *testing.T) {
	t.Parallel()
	heard := make(chan struct{})
	provider := newRawProvider(t, func(_ *http.Request, connection net.Conn) {
		fmt.Fprint(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
		for i := range 5 {
			chunk(connection, fmt.Sprintf("event: ping\ndata: %d\n\n", i))
			select {
			case <-heard:
			case <-time.After(10 * time.Second):
				return // the client's read then fails
			}
		}
		fmt.Fprint(connection, "0\r\n\r\n")
	})
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL})
	response, err := http.DefaultClient.Do(gateway.Request(t, "/v1/messages", `{"model":"claude-opus-5-5","stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for i := range 5 {
		want := fmt.Sprintf("event: ping\ndata: %d\n\n", i)
		got := make([]byte, len(want))
		if _, err := io.ReadFull(response.Body, got); err != nil || string(got) != want {
			t.Fatalf("event %d: %q, %v", i, got, err)
		}
		heard <- struct{}{}
	}
	if rest, err := io.ReadAll(response.Body); len(rest) > 0 || err != nil {
		t.Errorf("after the last event: %q, %v", rest, err)
	}
}

// wire is an answer as it goes over the wire: how it is framed is not part of
// what has to arrive.
type wire struct {
	status int
	kind   string // content type; empty: none is sent
	body   []byte
	chunks []int // sizes; nil: with a length; empty: ended by the end of the connection
}

// answeringProvider answers with what is stored under the request's x-case.
func answeringProvider(t *testing.T) (*rawProvider, *sync.Map) {
	var answers sync.Map
	return newRawProvider(t, func(request *http.Request, connection net.Conn) {
		answer, _ := answers.Load(request.Header.Get("X-Case"))
		answer.(wire).send(connection)
	}), &answers
}

func (a wire) send(connection net.Conn) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d Whatever\r\nConnection: close\r\nX-Twice: one\r\nX-Twice: two\r\n", a.status)
	if a.kind != "" {
		fmt.Fprintf(&out, "Content-Type: %s\r\n", a.kind)
	}
	switch {
	case a.chunks == nil:
		fmt.Fprintf(&out, "Content-Length: %d\r\n\r\n%s", len(a.body), a.body)
	case len(a.chunks) == 0:
		fmt.Fprintf(&out, "\r\n%s", a.body)
	default:
		fmt.Fprint(&out, "Transfer-Encoding: chunked\r\n\r\n")
		rest := a.body
		for _, size := range a.chunks {
			chunk(&out, string(rest[:size]))
			rest = rest[size:]
		}
		fmt.Fprint(&out, "0\r\n\r\n")
	}
	_, _ = connection.Write(out.Bytes())
}

func exchange(t *testing.T, client *http.Client, gateway *gatewaytest.Gateway, i int, body []byte, want wire, announced bool) (proto string) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, gateway.URL+"/v1/messages?beta=true", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return ""
	}
	if !announced {
		request.Body, request.ContentLength = io.NopCloser(struct{ io.Reader }{bytes.NewReader(body)}), -1
	}
	request.Header.Set("X-Api-Key", gateway.Key)
	request.Header.Set("X-Case", strconv.Itoa(i))
	request.Header.Set("User-Agent", "case/"+strconv.Itoa(i))
	response, err := client.Do(request)
	if err != nil {
		t.Errorf("case %d: %v", i, err)
		return ""
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil || !bytes.Equal(got, want.body) {
		t.Errorf("case %d: %d bytes arrived at the client, %d were sent (%v)", i, len(got), len(want.body), err)
	}
	if response.StatusCode != want.status || response.Header.Get("Content-Type") != want.kind || len(response.Header["X-Twice"]) != 2 {
		t.Errorf("case %d: status %d, headers %v", i, response.StatusCode, response.Header)
	}
	return response.Proto
}

// checkArrived compares what the provider got with what was sent.
func checkArrived(t *testing.T, provider *rawProvider, sent [][]byte) {
	t.Helper()
	if n := len(provider.requests()); n != len(sent) {
		t.Errorf("%d requests arrived, %d were sent", n, len(sent))
	}
	for _, request := range provider.requests() {
		i := caseOf(t, string(request.head), "X-Case: ")
		if !bytes.Equal(request.body, sent[i]) {
			t.Errorf("case %d: %d bytes arrived at the provider, %d were sent", i, len(request.body), len(sent[i]))
		}
		if !strings.HasPrefix(string(request.head), "POST /v1/messages?beta=true HTTP/1.1\r\n") {
			t.Errorf("case %d: %.80s", i, request.head)
		}
	}
}

// checkDigests compares the row with digests that this test takes itself.
func checkDigests(t *testing.T, row *tollgate.Exchange, sent [][]byte, wanted *sync.Map) {
	t.Helper()
	i := caseOf(t, row.Client, "case/")
	answer, _ := wanted.Load(strconv.Itoa(i))
	request, response := blake3Of(sent[i]), sha256Of(answer.(wire).body)
	if row.RequestDigest != request || row.ForwardedDigest != request || row.ResponseDigest != response || len(row.Splices) > 0 {
		t.Errorf("case %d: digests %s, %s, %s, splices %v; want %s twice, %s", i, row.RequestDigest, row.ForwardedDigest, row.ResponseDigest, row.Splices, request, response)
	}
	if row.RequestBytes != int64(len(sent[i])) || row.ResponseBytes != int64(len(answer.(wire).body)) {
		t.Errorf("case %d: %d and %d bytes; want %d and %d", i, row.RequestBytes, row.ResponseBytes, len(sent[i]), len(answer.(wire).body))
	}
}

func blake3Of(body []byte) string {
	sum := blake3.Sum256(body)
	return "blake3:" + hex.EncodeToString(sum[:])
}

func sha256Of(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func caseOf(t *testing.T, text, before string) int {
	t.Helper()
	_, rest, _ := strings.Cut(text, before)
	digits, _, _ := strings.Cut(rest, "\r")
	i, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatalf("no case in %q", text)
	}
	return i
}

// randomRequest is a JSON object with a model, as strange as it gets, from a
// hundred bytes to three million.
func randomRequest(random *rand.Rand) []byte {
	size := int(math.Exp(math.Log(100) + random.Float64()*math.Log(30000)))
	members := []string{`"model"` + space(random) + ":" + space(random) + modelName(random)}
	if random.IntN(2) == 0 {
		members = append(members, `"stream":true`)
	}
	for written := 0; written < size; {
		member := randomText(random, 12) + space(random) + ":" + randomValue(random, size/3)
		members = append(members, member)
		written += len(member)
	}
	random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return []byte(space(random) + "{" + space(random) + strings.Join(members, space(random)+","+space(random)) + space(random) + "}" + space(random))
}

func modelName(random *rand.Rand) string {
	return []string{`"claude-opus-5-5"`, `"claude-opus-5-5[1m]"`, `"cl\u0061ude-opus-5-5"`}[random.IntN(3)]
}

func randomValue(random *rand.Rand, size int) string {
	switch random.IntN(6) {
	case 0:
		return []string{"null", "true", "-0.10e+400", "123456789012345678901234567890.5", "1E3", "{}", "[ ]"}[random.IntN(7)]
	case 1:
		return "[" + randomValue(random, size/2) + space(random) + "," + randomText(random, 20) + "]"
	case 2:
		return "{" + randomText(random, 8) + ":" + randomValue(random, size/2) + `,"model" : "claude-nested", "model":1}`
	}
	return randomText(random, size)
}

// randomText is a JSON string of up to size pieces, bytes that are no UTF-8
// among them, whose key is none that the gateway reads.
func randomText(random *rand.Rand, size int) string {
	pieces := []string{"a", " ", "/", `\/`, `\"`, `\\`, `\n`, `\ud800`, `\u00e9`, "é", "😀", "\xff", "\xc3", "\x7f", "{", "}", "]", ",", ":", "data: ", "  "}
	var text strings.Builder
	text.WriteString(`"#`)
	for range random.IntN(size + 1) {
		text.WriteString(pieces[random.IntN(len(pieces))])
	}
	return text.String() + `"`
}

func space(random *rand.Rand) string {
	return []string{"", "", " ", "\n", "\r\n", "\t \t"}[random.IntN(6)]
}

// randomAnswer is a stream, a document or garbage, in one of three framings.
func randomAnswer(random *rand.Rand) wire {
	answer := wire{status: []int{200, 200, 200, 201, 400, 429, 529}[random.IntN(7)]}
	switch random.IntN(4) {
	case 0:
		answer.kind, answer.body = "application/json", randomRequest(random)
	case 1:
		answer.body = garbage(random)
	default:
		answer.kind, answer.body = "text/event-stream; charset=utf-8", randomEvents(random)
	}
	switch random.IntN(4) {
	case 0:
	case 1:
		answer.chunks = []int{}
	default:
		answer.chunks = cut(random, len(answer.body))
	}
	return answer
}

func randomEvents(random *rand.Rand) []byte {
	end := []string{"\n", "\r\n", "\r"}[random.IntN(3)]
	var events strings.Builder
	for range random.IntN(200) {
		events.WriteString([]string{
			": a comment", "event: ping" + end + `data: {"type":"ping"}` + end, "event: from_the_future" + end + "data: " + randomText(random, 50) + end,
			`data: {"type":"message_start","message":{"model":"claude-opus-5-5","usage":{"input_tokens":3}}}` + end,
			`data: {"type":"content_block_delta","delta":{"type":"text_delta","text":` + randomText(random, 300) + "}}" + end,
			"data: {not json" + end, "id: 7", "retry: x", "\xff\xfe", end, "data:" + end + "data: two lines" + end,
		}[random.IntN(11)] + end)
	}
	return []byte(events.String())
}

func garbage(random *rand.Rand) []byte {
	bytes := make([]byte, random.IntN(100_000))
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	return bytes
}

// cut is how a body falls into chunks: byte by byte, or at random.
func cut(random *rand.Rand, size int) []int {
	largest := 1
	if size > 2000 || random.IntN(2) == 0 {
		largest = 20_000
	}
	chunks := []int{}
	for size > 0 {
		next := min(1+random.IntN(largest), size)
		chunks, size = append(chunks, next), size-next
	}
	return chunks
}
