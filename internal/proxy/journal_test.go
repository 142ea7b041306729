package proxy_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/journal"
	"tollgate/internal/proxy"
)

// journalWith is a journal that differs from the usual one, as change says.
func journalWith(t *testing.T, p *proxy.Proxy, change func(*journal.Options)) {
	t.Helper()
	options := journal.Options{Config: journal.DefaultConfig(), Ledger: nowhere{}, Log: p.Log, Now: time.Now}
	change(&options)
	j, err := journal.Open(filepath.Join(t.TempDir(), "journal"), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Stop(t.Context()) }) // its disk may be one that fails
	p.Journal = j
}

// heldDisk is a disk on which a sync takes until it is let go, and then ends
// with fault.
type heldDisk struct {
	journal.LocalDisk
	syncs chan struct{} // one for every sync that begins
	goOn  chan struct{}
	fault error
}

func (d *heldDisk) Create(path string) (journal.File, error) {
	f, err := d.LocalDisk.Create(path)
	return heldFile{f, d}, err
}

type heldFile struct {
	journal.File
	disk *heldDisk
}

func (f heldFile) Sync() error {
	f.disk.syncs <- struct{}{}
	<-f.disk.goOn
	return errors.Join(f.File.Sync(), f.disk.fault)
}

func newHeldDisk(fault error) *heldDisk {
	return &heldDisk{syncs: make(chan struct{}, 100), goOn: make(chan struct{}), fault: fault}
}

// noted is a response writer that says when it is first used.
type noted struct {
	*httptest.ResponseRecorder
	first func()
}

func (n noted) Write(p []byte) (int, error) { n.first(); return n.ResponseRecorder.Write(p) }
func (n noted) WriteHeader(status int)      { n.first(); n.ResponseRecorder.WriteHeader(status) }

// TestPromise2_NoByteBeforeItIsOnTheDisk: the answer is there, and nothing of
// it leaves until the journal's record is durable.
func TestPromise2_NoByteBeforeItIsOnTheDisk(t *testing.T) {
	answered := make(chan struct{})
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(wholeAnswer))
		close(answered)
	}))
	defer provider.Close()
	p, _, recorded := bareProxy(t, provider.URL, new(bytes.Buffer))
	disk := newHeldDisk(nil)
	journalWith(t, p, func(o *journal.Options) { o.Disk = disk })
	early := make(chan struct{}, 100)
	writer := noted{httptest.NewRecorder(), func() {
		select {
		case <-disk.goOn:
		default:
			early <- struct{}{}
		}
	}}
	served := make(chan struct{})
	go func() {
		defer close(served)
		p.ServeHTTP(writer, httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
	}()
	<-answered
	<-disk.syncs
	select {
	case <-served:
		t.Fatal("it was answered before the record was durable")
	default:
	}
	close(disk.goOn)
	<-served
	if len(early) > 0 || writer.Code != http.StatusOK || writer.Body.String() != wholeAnswer {
		t.Errorf("%d writes too early; %d %s", len(early), writer.Code, writer.Body)
	}
	compareRow(t, (*recorded)[0], row(200, "", false, 10, 2))
}

// TestPromise2_WhatCannotBeRecorded: with refuse nothing is sent, and the row
// names no upstream; with serve it is.
func TestPromise2_WhatCannotBeRecorded(t *testing.T) {
	for stance, served := range map[journal.Stance]bool{journal.Refuse: false, journal.Serve: true} {
		t.Run(string(stance), func(t *testing.T) {
			asked := 0
			provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				_, _ = w.Write([]byte(wholeAnswer))
			}))
			defer provider.Close()
			p, _, recorded := bareProxy(t, provider.URL, new(bytes.Buffer))
			journalWith(t, p, func(o *journal.Options) { o.Config = journal.Config{MaxBytes: 100, WhenUnable: stance} })
			answer := httptest.NewRecorder()
			p.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
			x := (*recorded)[0]
			if served {
				if asked != 1 || answer.Code != http.StatusOK || x.Upstream != "provider" || x.Cost == 0 {
					t.Errorf("asked %d times; %d %s; %+v", asked, answer.Code, answer.Body, x)
				}
				return
			}
			if asked != 0 || answer.Code != 529 || answer.Header().Get("Retry-After") != "5" || !strings.Contains(answer.Body.String(), "cannot record requests just now") {
				t.Errorf("asked %d times; %d %v %s", asked, answer.Code, answer.Header(), answer.Body)
			}
			if x.Upstream != "" || x.UpstreamModel != "" || x.ForwardedDigest != "" || x.Cost != 0 || x.Status != 529 {
				t.Errorf("%+v", x)
			}
		})
	}
}

// TestPromise2_ARecordThatIsNotDurable: the provider has answered, and the disk
// fails. The client gets nothing of the answer, and the row says that the
// provider may bill it.
func TestPromise2_ARecordThatIsNotDurable(t *testing.T) {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(wholeAnswer)) }))
	defer provider.Close()
	p, _, recorded := bareProxy(t, provider.URL, new(bytes.Buffer))
	disk := newHeldDisk(syscall.EIO)
	close(disk.goOn)
	journalWith(t, p, func(o *journal.Options) { o.Disk = disk })
	answer := httptest.NewRecorder()
	p.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(askWhole)))
	if answer.Code != 529 || strings.Contains(answer.Body.String(), "input_tokens") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	x := (*recorded)[0]
	if x.Upstream != "provider" || !x.Estimated || x.Cost == 0 || x.Error != tollgate.Unrecorded.WireType() {
		t.Errorf("%+v", x)
	}
}
