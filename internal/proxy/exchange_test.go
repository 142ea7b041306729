package proxy_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"tollgate/client"
	"tollgate/internal/gatewaytest"
)

var update = flag.Bool("update", false, "write what happened into the files of testdata/exchange")

// TestExchange runs every file of testdata/exchange: the client's bytes, what
// must arrive at the provider, the provider's bytes, what must arrive at the
// client, and the members of the ledger row that matter. The comment of a file
// may say "cut" (the provider's connection breaks), "config: YAML" and
// "models: GLOB".
func TestExchange(t *testing.T) {
	files, err := filepath.Glob("testdata/exchange/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no exchanges", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runExchange(t, file)
		})
	}
}

func runExchange(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	section := func(name string) string {
		for _, f := range archive.Files {
			if f.Name == name {
				return strings.TrimSuffix(string(f.Data), "\n")
			}
		}
		return ""
	}
	comment := string(archive.Comment)
	provider := newRawProvider(t, replay(section("answer"), strings.Contains(comment, "\ncut\n")))
	gateway := gatewaytest.Start(t, gatewaytest.Options{Upstream: provider.URL, Config: directive(comment, "config"), Models: strings.Fields(directive(comment, "models"))})

	status := send(t, gateway, section("request"))
	arrived := "nothing"
	for _, request := range provider.requests() {
		arrived = strings.ReplaceAll(fmt.Sprintf("%s\r\n\r\n%s", sortHead(request.head), request.body), strings.TrimPrefix(provider.URL, "http://"), "$PROVIDER")
		arrived = strings.ReplaceAll(arrived, gatewaytest.ProviderKey, "$PROVIDER_KEY")
	}
	compare(t, archive, "provider gets", arrived)
	compare(t, archive, "client gets", requestID.ReplaceAllString(strings.ReplaceAll(status, gateway.Key[4:16], "$KEY_ID"), "$$REQUEST_ID"))
	checkRow(t, gateway, section("row"))
	if *update {
		writeArchive(t, file, archive)
	}
}

var requestID = regexp.MustCompile(`req_0[0-9a-z]{23}`)

func directive(comment, name string) string {
	for line := range strings.Lines(comment) {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return value
		}
	}
	return ""
}

// replay sends an answer as it is written: headers, then the body, chunked
// unless the headers give a length.
func replay(answer string, cut bool) func(*http.Request, net.Conn) {
	return func(_ *http.Request, connection net.Conn) {
		head, body, _ := strings.Cut(answer, "\n\n")
		head = strings.ReplaceAll(head, "\n", "\r\n")
		if cut {
			fmt.Fprintf(connection, "%s\r\nTransfer-Encoding: chunked\r\n\r\n", head)
			chunk(connection, body+"\n")
			return
		}
		fmt.Fprintf(connection, "%s\r\nTransfer-Encoding: chunked\r\n\r\n", head)
		for event := range strings.SplitAfterSeq(body, "\n\n") {
			chunk(connection, event)
		}
		fmt.Fprint(connection, "0\r\n\r\n")
	}
}

// send writes the request's bytes to the gateway and returns the answer as it
// came, headers in alphabetical order, without its date.
func send(t *testing.T, gateway *gatewaytest.Gateway, request string) string {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(gateway.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	head, body, _ := strings.Cut(strings.ReplaceAll(request, "$KEY", gateway.Key), "\n\n")
	fmt.Fprintf(connection, "%s\r\nHost: gateway\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", strings.ReplaceAll(head, "\n", "\r\n"), len(body), body)
	answer, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	answerHead, answerBody, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	text, ended := unchunk(answerBody, bytes.Contains(answerHead, []byte("Transfer-Encoding: chunked")))
	if !ended {
		text += "(cut)"
	}
	return sortHead(answerHead) + "\r\n\r\n" + text
}

// unchunk joins the chunks of a body and says whether it was ended.
func unchunk(body []byte, chunked bool) (string, bool) {
	if !chunked {
		return string(body), true
	}
	var text strings.Builder
	for {
		var size int
		line, rest, ok := bytes.Cut(body, []byte("\r\n"))
		if _, err := fmt.Sscanf(string(line), "%x", &size); !ok || err != nil || len(rest) < size+2 {
			return text.String(), false
		}
		if size == 0 {
			return text.String(), true
		}
		text.Write(rest[:size])
		body = rest[size+2:]
	}
}

// sortHead puts headers in order and leaves out those that say nothing about
// the exchange.
func sortHead(head []byte) string {
	lines := strings.Split(string(head), "\r\n")
	slices.Sort(lines[1:])
	lines = slices.DeleteFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "Date: ") || strings.HasPrefix(line, "Connection: close") || strings.HasPrefix(line, "Transfer-Encoding: ")
	})
	return strings.Join(lines, "\r\n")
}

func compare(t *testing.T, archive *txtar.Archive, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\r\n", "\n") + "\n"
	for i, f := range archive.Files {
		if f.Name != name {
			continue
		}
		if *update {
			archive.Files[i].Data = []byte(got)
		} else if string(f.Data) != got {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, f.Data)
		}
		return
	}
	if *update {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(got)})
		return
	}
	t.Errorf("the file does not say what the %s; got\n%s", name, got)
}

// checkRow compares the members that the file names with the one row there
// must be; "none" says that there must be no row.
func checkRow(t *testing.T, gateway *gatewaytest.Gateway, want string) {
	t.Helper()
	if want == "none" {
		if rows := gateway.Rows(t); len(rows) != 0 {
			t.Errorf("there is a row: %+v", rows[0])
		}
		return
	}
	gateway.WaitRows(t, 1)
	list, err := gateway.Admin.Requests(t.Context(), client.RequestQuery{})
	if err != nil || len(list.Data) != 1 {
		t.Fatal(err, list)
	}
	text, err := json.Marshal(list.Data[0])
	if err != nil {
		t.Fatal(err)
	}
	var got, wanted map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatalf("the row of the file: %v", err)
	}
	for name, value := range wanted {
		if fmt.Sprint(got[name]) != fmt.Sprint(value) {
			t.Errorf("row: %s is %v, want %v", name, got[name], value)
		}
	}
}

func writeArchive(t *testing.T, file string, archive *txtar.Archive) {
	t.Helper()
	slices.SortStableFunc(archive.Files, func(a, b txtar.File) int { return order(a.Name) - order(b.Name) })
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func order(name string) int {
	return slices.Index([]string{"request", "provider gets", "answer", "client gets", "row"}, name)
}
