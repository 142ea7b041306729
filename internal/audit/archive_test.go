package audit

import (
	"archive/tar"
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tollgate"
)

// archiveOf is a tar archive of these files.
func archiveOf(tb testing.TB, files ...string) []byte {
	tb.Helper()
	var out bytes.Buffer
	archive := tar.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		if err := archive.WriteHeader(&tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1]))}); err != nil {
			tb.Fatal(err)
		}
		if _, err := archive.Write([]byte(files[i+1])); err != nil {
			tb.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsNoExport(t *testing.T) {
	for name, text := range map[string][]byte{
		"nothing":           nil,
		"no archive":        []byte("hello"),
		"another archive":   archiveOf(t, "x", "y"),
		"a head of nothing": archiveOf(t, headFile, "chn_1\n"),
		"a note of nothing": archiveOf(t, headFile, "", checkpointsFile, "x\n"),
		"cut":               archiveOf(t, headFile, "", leafFile, "aaaa")[:1026],
	} {
		if _, err := OpenArchive(bytes.NewReader(text)); err == nil {
			t.Errorf("%s is an export", name)
		}
	}
}

// FuzzArchive holds that whatever is opened is verified to an end, and that
// nothing passes without a signature but what commits to nothing.
func FuzzArchive(f *testing.F) {
	private, public, err := GenerateKey("tollgate-fuzz")
	if err != nil {
		f.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		f.Fatal(err)
	}
	notary, err := NewNotary(private)
	if err != nil {
		f.Fatal(err)
	}
	x := exchange()
	head := tollgate.AuditHead{Chain: "chn_1"}
	first := Scribe{}.Request(head, x, "psn_1")
	head = head.After(first)
	_, _, signed, err := notary.Commit(0, nil, []tollgate.AuditHead{head}, x.Time)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(leafOf(head)+"\n", leafOf(head)+"\n", quoted(signed)+"\n", string(first)+"\n")
	f.Add("", "", "", "")
	f.Add("chn_1 0 00\n", "x", "\"\"\n", "{}\n")
	f.Fuzz(func(t *testing.T, heads, leaves, notes, lines string) {
		archive, err := OpenArchive(bytes.NewReader(archiveOf(t, headFile, heads, leafFile, leaves, checkpointsFile, notes, "chain/chn_1.jsonl", lines)))
		if err != nil {
			return
		}
		report, err := Verify(t.Context(), archive, nil, note.VerifierList(key), nil)
		if err != nil || !report.OK() {
			return
		}
		if report.Records > report.Uncommitted && (heads != leafOf(head)+"\n" || lines != string(first)+"\n") {
			t.Fatalf("%d records of %q are proved by a signature that is not theirs", report.Records, lines)
		}
	})
}
