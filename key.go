package tollgate

import (
	"crypto/rand"
	"hash/crc32"
	"regexp"
	"strings"
)

// A gateway key reads tgk_ID_SECRET: twelve base62 characters of public id and
// forty-three of secret, of which the last six are a check of all before them
// (CRC-32), so that a mistyped or cut key is told apart from a wrong one
// without looking anything up, and a secret scanner has no false alarms.
const (
	keyPrefix   = "tgk_"
	keyIDLen    = 12
	keySecret   = 43
	keyCheckLen = 6
	keyLen      = len(keyPrefix) + keyIDLen + 1 + keySecret
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewKeyID draws a public id: 71 bits, unique for every practical purpose.
func NewKeyID() string { return randomBase62(keyIDLen) }

// NewKeyString draws a fresh secret (220 bits) for the key with this id and
// returns the whole key, the only time it is ever known.
func NewKeyString(id string) string {
	body := keyPrefix + id + "_" + randomBase62(keySecret-keyCheckLen)
	return body + keyCheck(body)
}

// LooksLikeKey says whether text claims to be a gateway key in any style,
// well-formed or not.
func LooksLikeKey(text string) bool {
	return strings.HasPrefix(text[strings.LastIndexByte(text, '.')+1:], keyPrefix)
}

// KeyIDOf returns the public id inside a well-formed key, which ReadKey has
// taken out of its style. ok is false when its shape or its check is wrong:
// such a key was never issued.
func KeyIDOf(key string) (id string, ok bool) {
	if len(key) != keyLen || !strings.HasPrefix(key, keyPrefix) || key[len(keyPrefix)+keyIDLen] != '_' {
		return "", false
	}
	body := key[:keyLen-keyCheckLen]
	if key[keyLen-keyCheckLen:] != keyCheck(body) {
		return "", false
	}
	return key[len(keyPrefix) : len(keyPrefix)+keyIDLen], true
}

// HideKeys takes the secret out of every gateway key and invitation in text, cut
// ones included: a client may put its key where none belongs, and it must get into
// no record all the same.
func HideKeys(text string) string {
	if !strings.Contains(text, keyPrefix) && !strings.Contains(text, invitationPrefix) {
		return text
	}
	return keyInText.ReplaceAllString(text, "${1}${2}_[redacted]")
}

// HoldsKey says whether text has a gateway key in it, whole or cut.
func HoldsKey(text string) bool {
	return (strings.Contains(text, keyPrefix) || strings.Contains(text, invitationPrefix)) && keyInText.MatchString(text)
}

var keyInText = regexp.MustCompile("(" + keyPrefix + "|" + invitationPrefix + ")([0-9A-Za-z]{12})_[0-9A-Za-z]+")

func keyCheck(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	var check [keyCheckLen]byte
	for i := keyCheckLen - 1; i >= 0; i-- {
		check[i] = base62[sum%62]
		sum /= 62
	}
	return string(check[:])
}

// randomBase62 draws n characters without bias: bytes of 248 and above are
// thrown away, since 248 is the largest multiple of 62 in a byte.
func randomBase62(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		var batch [64]byte
		rand.Read(batch[:]) // never fails since Go 1.24
		for _, b := range batch {
			if b < 248 && len(out) < n {
				out = append(out, base62[b%62])
			}
		}
	}
	return string(out)
}
