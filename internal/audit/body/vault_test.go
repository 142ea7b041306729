package body

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"tollgate"
)

// noon is about when the files of a test are made.
var noon = time.Now().UTC()

// register keeps keys and events in memory.
type register struct {
	mu     sync.Mutex
	keys   []tollgate.PersonKey
	events []tollgate.AuditEvent
	err    error
	halt   chan struct{} // not nil: nothing is answered before it is closed
}

func (r *register) Person(_ context.Context, email string) (string, error) {
	if r.halt != nil {
		<-r.halt
	}
	return "psn_" + strings.ReplaceAll(email, "@", "-"), r.err
}

func (r *register) PersonKeys(_ context.Context, person string) (keys []tollgate.PersonKey, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range slices.Backward(r.keys) {
		if key.Person == person {
			keys = append(keys, key)
		}
	}
	return keys, r.err
}

func (r *register) AddPersonKey(_ context.Context, key tollgate.PersonKey) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append(r.keys, key)
	return nil
}

func (r *register) Note(_ context.Context, events ...tollgate.AuditEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, events...)
	return nil
}

func (r *register) noted(action tollgate.AuditAction) (about []map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Action == action {
			var members map[string]any
			_ = json.Unmarshal(e.About, &members)
			about = append(about, members)
		}
	}
	return about
}

// held is a Vault under test, with an auditor.
type held struct {
	*Vault
	t        *testing.T
	register *register
	config   Config
	auditor  *age.X25519Identity
	now      time.Time
	stopped  bool
}

func newHeld(t *testing.T, folder string, change func(*held)) *held {
	t.Helper()
	auditor, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	h := &held{t: t, register: new(register), config: DefaultConfig(), auditor: auditor, now: noon}
	h.config.Bodies, h.config.Recipients = Sealed, []string{auditor.Recipient().String()}
	if change != nil {
		change(h)
	}
	if problems := h.config.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	h.Vault = New(h.config, Options{Folder: folder, Register: h.register, Now: func() time.Time { return h.now }, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(h.stop)
	return h
}

// stop stores everything that was handed in.
func (h *held) stop() {
	if !h.stopped {
		h.stopped = true
		h.Stop(context.Background())
	}
}

var asked int

// keep lets one request through.
func (h *held) keep(developer, request, answer string) *tollgate.Exchange {
	asked++
	x := &tollgate.Exchange{
		ID: fmt.Sprintf("req_%024d", asked), Principal: tollgate.Principal{Developer: developer},
		RequestDigest: digestOf([]byte(request), "blake3:"), ResponseDigest: digestOf([]byte(answer), "sha256:"),
	}
	if developer == "" {
		x.Service = "ci"
	}
	kept := h.Begin(x, []byte(request))
	if kept == nil {
		return x
	}
	if answer != "" {
		kept.Answer(false, false)
		for piece := range slices.Chunk([]byte(answer), 1000) {
			kept.Write(piece)
		}
	}
	kept.End(x)
	return x
}

func (h *held) open(x *tollgate.Exchange, part tollgate.BodyPart, with age.Identity) (*Opened, error) {
	found, err := Fetch(context.Background(), h.register, h.Folder, x, part)
	if err != nil {
		return nil, err
	}
	return Open(found.Sealed, found.Keys, []age.Identity{with})
}

// says opens a body and holds it against its record.
func (h *held) says(x *tollgate.Exchange, part tollgate.BodyPart, digest, want string) string {
	h.t.Helper()
	opened, err := h.open(x, part, h.auditor)
	if err != nil {
		h.t.Fatal(err)
	}
	if string(opened.Text) != want {
		h.t.Errorf("the %s is %.200q, not %.200q", part, opened.Text, want)
	}
	said, err := opened.Compare(digest)
	if err != nil {
		h.t.Error(err)
	}
	return said
}

func TestPromise5_WhatIsOpenedIsWhatCame(t *testing.T) {
	h := newHeld(t, t.TempDir(), nil)
	long := strings.Repeat(`{"text":"<a & b> ü"}`, 40_000)
	rows := []*tollgate.Exchange{
		h.keep("ada@example.com", `{"a":1}`, "event: x\ndata: {}\n\n"), h.keep("ada@example.com", long, long),
		h.keep("bob@example.com", "\x00\xff", ""), h.keep("", "of a service", "x"),
	}
	secret := "sk-" + "ant-api03-" + letters
	redacted := h.keep("ada@example.com", `{"k":"`+secret+`"}`, `{"k":"`+secret+`"}`)
	h.stop()
	for i, want := range []string{`{"a":1}`, long, "\x00\xff", "of a service"} {
		x := rows[i]
		if x.RequestBody != tollgate.BodySealed {
			t.Errorf("the request %d was %q", i, x.RequestBody)
		}
		if said := h.says(x, tollgate.RequestPart, x.RequestDigest, want); !strings.Contains(said, "byte for byte") {
			t.Error(said)
		}
	}
	h.says(rows[0], tollgate.ResponsePart, rows[0].ResponseDigest, "event: x\ndata: {}\n\n")
	if rows[2].ResponseBody != tollgate.BodyNotKept {
		t.Errorf("an answer that there was none of is %q", rows[2].ResponseBody)
	}
	for part, digest := range map[tollgate.BodyPart]string{tollgate.RequestPart: redacted.RequestDigest, tollgate.ResponsePart: redacted.ResponseDigest} {
		if said := h.says(redacted, part, digest, `{"k":"«redacted:anthropic-key»"}`); !strings.Contains(said, "anthropic-key") {
			t.Error(said)
		}
	}
	if len(h.register.keys) != 3 {
		t.Errorf("there are %d keys, not one for each of three", len(h.register.keys))
	}
	if stats := h.Stats(); stats.Memory.Held != 0 || stats.Waiting != 0 || stats.Bytes == 0 {
		t.Errorf("afterwards: %+v", stats)
	}
}

func TestPromise5_NobodyElseOpensABody(t *testing.T) {
	h := newHeld(t, t.TempDir(), nil)
	ada, bob := h.keep("ada@example.com", "of ada", "x"), h.keep("bob@example.com", "of bob", "y")
	h.stop()
	stranger, _ := age.GenerateX25519Identity()
	if _, err := h.open(ada, tollgate.RequestPart, stranger); !tollgate.IsKind(err, tollgate.Forbidden) {
		t.Errorf("a stranger's identity: %v", err)
	}
	found, err := Fetch(t.Context(), h.register, h.Folder, ada, tollgate.RequestPart)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := h.register.PersonKeys(t.Context(), "psn_bob-example.com")
	if _, err := Open(found.Sealed, other, []age.Identity{h.auditor}); !tollgate.IsKind(err, tollgate.Forbidden) {
		t.Errorf("another developer's key: %v", err)
	}
	if _, err := Open(found.Sealed, nil, []age.Identity{h.auditor}); !tollgate.IsKind(err, tollgate.NotFound) {
		t.Errorf("a destroyed key: %v", err)
	}
	h.register.keys = nil
	if _, err := h.open(bob, tollgate.RequestPart, h.auditor); !tollgate.IsKind(err, tollgate.NotFound) {
		t.Errorf("after the keys are gone: %v", err)
	}
}

// Whoever may write the folder may not put one body in the place of another,
// nor one of his own in place of what came.
func TestPromise5_AForgedBodyIsFound(t *testing.T) {
	h := newHeld(t, t.TempDir(), nil)
	one, other := h.keep("ada@example.com", "one", "x"), h.keep("ada@example.com", "other", "y")
	h.stop()
	found, err := Fetch(t.Context(), h.register, h.Folder, one, tollgate.RequestPart)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(found.Sealed, []byte("\n"))
	label := Label{found.Person, other.ID, tollgate.RequestPart}
	write := func(sealed []byte) {
		t.Helper()
		if err := os.WriteFile(Path(h.Folder, tollgate.BodyName(other.ID, tollgate.RequestPart, other.RequestDigest)), sealed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(found.Sealed)
	if _, err := h.open(other, tollgate.RequestPart, h.auditor); !tollgate.IsKind(err, tollgate.Conflict) {
		t.Errorf("under another's name: %v", err)
	}
	write(append([]byte(label.line()), rest...))
	if _, err := h.open(other, tollgate.RequestPart, h.auditor); !tollgate.IsKind(err, tollgate.Conflict) {
		t.Errorf("with another's label: %v", err)
	}
	to, _ := age.ParseX25519Recipient(found.Keys[0].Public)
	forged, err := newSealer().seal(label, Note{Request: other.ID, Part: tollgate.RequestPart, Digest: other.RequestDigest}, []byte("forged"), NewRedactor(Redact{}), to)
	if err != nil {
		t.Fatal(err)
	}
	write(forged)
	opened, err := h.open(other, tollgate.RequestPart, h.auditor)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opened.Compare(other.RequestDigest); !tollgate.IsKind(err, tollgate.Conflict) {
		t.Errorf("one that was forged: %v", err)
	}
	for i := range forged {
		damaged := slices.Clone(forged)
		damaged[i] ^= 1
		if opened, err := Open(damaged, found.Keys, []age.Identity{h.auditor}); err == nil && opened.Label == label {
			t.Errorf("with byte %d changed it is opened all the same", i)
		}
	}
}

func TestRecipientsChange(t *testing.T) {
	h := newHeld(t, t.TempDir(), nil)
	before := h.keep("ada@example.com", "before", "x")
	h.stop()
	next := newHeld(t, h.Folder, nil)
	next.register.keys = h.register.keys
	first, second := next.keep("ada@example.com", "after", "x"), next.keep("ada@example.com", "again", "x")
	next.stop()
	if len(next.register.keys) != 2 {
		t.Fatalf("there are %d keys, not one for each list of recipients", len(next.register.keys))
	}
	next.says(first, tollgate.RequestPart, first.RequestDigest, "after")
	next.says(second, tollgate.RequestPart, second.RequestDigest, "again")
	if _, err := next.open(before, tollgate.RequestPart, next.auditor); !tollgate.IsKind(err, tollgate.Forbidden) {
		t.Errorf("what was sealed before, opened by who came after: %v", err)
	}
	if _, err := next.open(first, tollgate.RequestPart, h.auditor); !tollgate.IsKind(err, tollgate.Forbidden) {
		t.Errorf("what was sealed after, opened by who had to go: %v", err)
	}
	if _, err := next.open(before, tollgate.RequestPart, h.auditor); err != nil {
		t.Error(err)
	}
}

func TestWhatIsTooLargeIsDropped(t *testing.T) {
	h := newHeld(t, t.TempDir(), func(h *held) { h.config.Body.MaxBytes = 1000 })
	x := h.keep("ada@example.com", strings.Repeat("a", 1000), strings.Repeat("b", 1001))
	if x.RequestBody != tollgate.BodySealed || x.ResponseBody != tollgate.BodyTooLarge {
		t.Errorf("%q and %q", x.RequestBody, x.ResponseBody)
	}
	h.stop()
	if _, err := h.open(x, tollgate.ResponsePart, h.auditor); err == nil || !strings.Contains(err.Error(), "size") {
		t.Errorf("opening it: %v", err)
	}
}

// A slow disk, or a slow database, fills the queue; whoever comes then does not
// wait.
func TestPromise5_WhoFindsNoRoomDoesNotWait(t *testing.T) {
	h := newHeld(t, t.TempDir(), func(h *held) { h.register.halt = make(chan struct{}) })
	fates := map[tollgate.BodyFate]int{}
	for range waitingBodies {
		x := h.keep("ada@example.com", "a", "b")
		fates[x.RequestBody]++
		fates[x.ResponseBody]++
	}
	if n := fates[tollgate.BodySealed]; n < waitingBodies || n > waitingBodies+workers {
		t.Errorf("%d were taken, and there is room for %d and %d under way", n, waitingBodies, workers)
	}
	if n := fates[tollgate.BodyNoRoom]; n < waitingBodies-workers {
		t.Errorf("%d were dropped", n)
	}
	close(h.register.halt)
	h.stop()
	if held := h.Stats().Memory.Held; held != 0 {
		t.Errorf("%d bytes are held by nobody", held)
	}
}

func TestPromise5_MemoryIsBounded(t *testing.T) {
	h := newHeld(t, t.TempDir(), func(h *held) { h.register.halt = make(chan struct{}) })
	h.register.err = errors.New("whatever waits has no key in the end")
	large := strings.Repeat("a", 16<<20)
	fates := map[tollgate.BodyFate]int{}
	for range 20 {
		fates[h.keep("ada@example.com", large, "").RequestBody]++
	}
	if stats := h.Stats(); stats.Memory.Held > stats.Memory.Bound {
		t.Errorf("more than the bound is held: %+v", stats.Memory)
	}
	if fates[tollgate.BodyNoRoom] == 0 || fates[tollgate.BodySealed] == 0 {
		t.Errorf("fates: %v", fates)
	}
	close(h.register.halt)
}

// What fails before the record is written is in it, and what fails after has a
// record of its own.
func TestPromise5_WhatIsLostIsTold(t *testing.T) {
	h := newHeld(t, t.TempDir(), func(h *held) { h.register.err = errors.New("the database is away") })
	x := &tollgate.Exchange{ID: "req_1", Principal: tollgate.Principal{Developer: "ada@example.com"}, RequestDigest: "blake3:00"}
	kept := h.Begin(x, []byte("a"))
	if x.RequestBody != tollgate.BodySealed {
		t.Fatalf("%q", x.RequestBody)
	}
	for kept.request.outcome.Load() == nil {
		runtime.Gosched()
	}
	kept.End(x)
	if x.RequestBody != tollgate.BodyNoKey {
		t.Errorf("it could not be sealed, and its record says %q", x.RequestBody)
	}
	late := h.keep("ada@example.com", "", "b")
	h.stop()
	if late.ResponseBody != tollgate.BodySealed {
		t.Errorf("%q", late.ResponseBody)
	}
	told := h.register.noted(Lost)
	if len(told) == 0 || !slices.Contains(told[0]["requests"].([]any), any(late.ID)) || fmt.Sprint(told[0]["bodies"]) == "map[]" {
		t.Errorf("the audit log was told %v", told)
	}
	if slices.Contains(told[0]["requests"].([]any), any("req_1")) {
		t.Errorf("what its record says already is told again: %v", told)
	}
}

func TestNothingIsKeptWhereNobodyWantsIt(t *testing.T) {
	for _, mode := range []Mode{None, Hash} {
		h := newHeld(t, filepath.Join(t.TempDir(), "bodies"), func(h *held) { h.config.Bodies = mode })
		if x := h.keep("ada@example.com", "a", "b"); x.RequestBody != "" || x.ResponseBody != "" {
			t.Errorf("%s: %q and %q", mode, x.RequestBody, x.ResponseBody)
		}
		h.stop()
		if _, err := os.Stat(h.Folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is a folder: %v", mode, err)
		}
	}
}

func TestWhatIsCompressedOrFramed(t *testing.T) {
	h := newHeld(t, t.TempDir(), nil)
	compressed, framed := h.keep("ada@example.com", "a", ""), h.keep("ada@example.com", "a", "")
	for _, x := range []*tollgate.Exchange{compressed, framed} {
		x.ResponseDigest = "sha256:00"
		kept := h.Begin(x, []byte("a"))
		kept.Answer(x == framed, x == compressed)
		kept.Write([]byte("event: x\n"))
		kept.End(x)
	}
	h.stop()
	if compressed.ResponseBody != tollgate.BodyOpaque {
		t.Errorf("what nobody can look into is %q", compressed.ResponseBody)
	}
	if said := h.says(framed, tollgate.ResponsePart, "sha256:00", "event: x\n"); !strings.Contains(said, "Messages API") {
		t.Error(said)
	}
}

// A gateway that was killed between the record and the file, or whose file was
// removed, has a record that says sealed: whoever opens it is told.
func TestPromise5_AMissingFileIsToldAsMissing(t *testing.T) {
	h := newHeld(t, t.TempDir(), nil)
	x := h.keep("ada@example.com", "a", "b")
	h.stop()
	if err := os.Remove(Path(h.Folder, tollgate.BodyName(x.ID, tollgate.RequestPart, x.RequestDigest))); err != nil {
		t.Fatal(err)
	}
	if _, err := h.open(x, tollgate.RequestPart, h.auditor); !tollgate.IsKind(err, tollgate.NotFound) || !strings.Contains(err.Error(), "missing") {
		t.Errorf("opening it: %v", err)
	}
}

func TestTheOldestGoFirst(t *testing.T) {
	h := newHeld(t, t.TempDir(), nil)
	var rows []*tollgate.Exchange
	for range 6 {
		rows = append(rows, h.keep("ada@example.com", "a", ""))
	}
	h.stop()
	path := func(x *tollgate.Exchange) string {
		return Path(h.Folder, tollgate.BodyName(x.ID, tollgate.RequestPart, x.RequestDigest))
	}
	var each int64
	for i, x := range rows {
		at := noon.Add(time.Duration(i-100) * 24 * time.Hour) // 100 to 95 days ago
		if err := os.Chtimes(path(x), at, at); err != nil {
			t.Fatal(err)
		}
		info, _ := os.Stat(path(x))
		each = info.Size()
	}
	crumb := filepath.Join(h.Folder, "aa", ".new-1")
	_ = os.MkdirAll(filepath.Dir(crumb), 0o700)
	_ = os.WriteFile(crumb, []byte("x"), 0o600)
	_ = os.Chtimes(crumb, noon.Add(-48*time.Hour), noon.Add(-48*time.Hour))
	left := func() (left []int) {
		for i, x := range rows {
			if _, err := os.Stat(path(x)); err == nil {
				left = append(left, i)
			}
		}
		return left
	}
	h.Vault.Held = func(person, request string) bool { return person == "psn_ada-example.com" && request == rows[1].ID }
	h.config.Body.Retention = 97*24*time.Hour + time.Hour // 0, 1 and 2 are over
	h.Swap(h.config)
	h.Sweep(t.Context())
	if got := left(); !slices.Equal(got, []int{1, 3, 4, 5}) {
		t.Errorf("after the retention there are %v", got)
	}
	if _, err := os.Stat(crumb); err == nil {
		t.Error("what was never finished is there for ever")
	}
	h.config.Body.MaxBytes, h.config.Body.MaxTotalBytes = 1, tollgate.ByteSize(3*each+each/2)
	h.Swap(h.config)
	h.Sweep(t.Context())
	if got := left(); !slices.Equal(got, []int{1, 4, 5}) {
		t.Errorf("within the bound there are %v", got)
	}
	h.config.Body.Retention = time.Hour
	h.config.Bodies = Hash // nothing new is kept, and what is there does not stay for ever
	h.Swap(h.config)
	h.Sweep(t.Context())
	if got := left(); !slices.Equal(got, []int{1}) {
		t.Errorf("in the end there are %v", got)
	}
	told := h.register.noted(Removed)
	if len(told) != 3 || told[0]["files"] != 2.0 || told[0]["held"] != 1.0 || told[2]["files"] != 2.0 {
		t.Errorf("the audit log was told %v", told)
	}
}

func FuzzReadLabel(f *testing.F) {
	f.Add([]byte(Label{"psn_1", "req_1", tollgate.RequestPart}.line() + "rest"))
	f.Add([]byte(magic + " [\"a\",\"b\",\"c\",\"d\"]\n"))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := bufio.NewReader(bytes.NewReader(text))
		label, err := ReadLabel(r)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(text, []byte(label.line())) {
			t.Errorf("%q was read as %q", text, label.line())
		}
	})
}

// FuzzOpen holds that no file brings the auditor's machine down.
func FuzzOpen(f *testing.F) {
	auditor, _ := age.GenerateX25519Identity()
	key, err := NewPersonKey("psn_1", []age.Recipient{auditor.Recipient()}, "", noon)
	if err != nil {
		f.Fatal(err)
	}
	to, _ := age.ParseX25519Recipient(key.Public)
	sealed, err := newSealer().seal(Label{"psn_1", "req_1", tollgate.RequestPart}, Note{Request: "req_1", Part: tollgate.RequestPart}, []byte("text"), NewRedactor(Redact{}), to)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(slices.Clone(sealed), []byte(`{"request":"req_1","part":"request"}`+"\ntext"))
	f.Fuzz(func(t *testing.T, file, packed []byte) {
		_, _ = Open(file, []tollgate.PersonKey{key}, []age.Identity{auditor})
		if _, text, err := unpack(bytes.NewReader(packed)); err == nil && len(text) > openedBytes {
			t.Error("more was unpacked than may be")
		}
	})
}

// BenchmarkKeep is what a request of 100 KB with an answer of 8 KB pays: the
// copies.
func BenchmarkKeep(b *testing.B) {
	v := New(DefaultConfig(), Options{Folder: b.TempDir(), Register: new(register), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	defer v.Stop(context.Background())
	set := &setting{keep: true, maxBytes: 1 << 30}
	v.memory.Set(1 << 30)
	request, piece := make([]byte, 100<<10), make([]byte, 128)
	b.ReportAllocs()
	for b.Loop() {
		k := &Kept{vault: v, set: set}
		k.request.write(v, set, request)
		for range 64 {
			k.answer.write(v, set, piece)
		}
		k.request.release(v)
		k.answer.release(v)
	}
}

// BenchmarkSeal is what another core pays for one body of 100 KB.
func BenchmarkSeal(b *testing.B) {
	pair, _ := age.GenerateX25519Identity()
	text := []byte(`{"messages":[{"role":"user","content":"` + strings.Repeat(`func main() {\n\tfmt.Println(\"the quick brown fox\", x-api, 12345)\n}\n`, 1500) + `"}]}`)
	s, r := newSealer(), NewRedactor(DefaultConfig().Redact)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := s.seal(Label{}, Note{}, text, r, pair.Recipient()); err != nil {
			b.Fatal(err)
		}
	}
}
