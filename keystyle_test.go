package tollgate

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

var styles = []KeyStyle{OpaqueKey, JWTKey}

func TestKeyStyles(t *testing.T) {
	key := NewKeyString("abcdefghijkl")
	for _, style := range styles {
		text := style.Write(key)
		if read, as := ReadKey(text); read != key || as != style {
			t.Errorf("%s: %s reads as %s, %s", style, text, read, as)
		}
		if parsed, err := ParseKeyStyle(style.String()); err != nil || parsed != style {
			t.Errorf("%s parses as %q, %v", style, parsed, err)
		}
		if !LooksLikeKey(text) || !HoldsKey(text) || strings.Contains(HideKeys(text), key[17:]) || !strings.HasSuffix(HideKeys(text), "tgk_abcdefghijkl_[redacted]") {
			t.Errorf("%s: %s is not known for a key", style, text)
		}
	}
	if style, err := ParseKeyStyle(""); err != nil || style != OpaqueKey {
		t.Errorf("no style is %q, %v", style, err)
	}
	if _, err := ParseKeyStyle("JWT " + key); !IsKind(err, Invalid) || strings.Contains(err.Error(), key) {
		t.Errorf("a style that is none: %v", err)
	}
}

// TestAKeyInTheShapeOfAJWT is one for who decodes it: three segments of
// base64url, a header, and the audience that the client looks for.
func TestAKeyInTheShapeOfAJWT(t *testing.T) {
	segments := strings.Split(JWTKey.Write(NewKeyString(NewKeyID())), ".")
	if len(segments) != 3 {
		t.Fatalf("%d segments", len(segments))
	}
	var header, payload map[string]string
	for i, into := range []*map[string]string{&header, &payload} {
		text, err := base64.RawURLEncoding.DecodeString(segments[i])
		if err != nil || json.Unmarshal(text, into) != nil {
			t.Errorf("segment %d is %s, %v", i, text, err)
		}
	}
	if _, err := base64.RawURLEncoding.DecodeString(segments[2]); err != nil || header["typ"] != "JWT" || payload["aud"] != "claude-gateway" {
		t.Errorf("header %v, payload %v, signature: %v", header, payload, err)
	}
}

// TestLooksLikeKey also where the head of a JWT has been cut or spoiled: the
// owner is then told of a mistyped key, and not of none.
func TestLooksLikeKey(t *testing.T) {
	key := NewKeyString("abcdefghijkl")
	jwt := JWTKey.Write(key)
	for text, want := range map[string]bool{
		"": false, "tgk": false, "tgk_": true, key: true, jwt: true, jwt[9:]: true, jwt[:len(jwt)-1]: true,
		"eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln": false, "sk-ant-api03-tgk_x": false, key + ".x": false,
	} {
		if LooksLikeKey(text) != want {
			t.Errorf("LooksLikeKey(%q) = %v", text, !want)
		}
	}
}

// FuzzReadKey holds that a key is read from exactly what one is written as.
func FuzzReadKey(f *testing.F) {
	key := NewKeyString("abcdefghijkl")
	f.Add(key)
	f.Add(JWTKey.Write(key))
	f.Add(JWTKey.Write(JWTKey.Write(key)))
	f.Fuzz(func(t *testing.T, text string) {
		read, style := ReadKey(text)
		if style.Write(read) != text {
			t.Fatalf("%q reads as %q, %s", text, read, style)
		}
		if _, ok := KeyIDOf(read); ok && (!LooksLikeKey(text) || !HoldsKey(text) || strings.Contains(HideKeys(text), read)) {
			t.Fatalf("%q holds a key and does not look like it", text)
		}
	})
}
