package config

import (
	"crypto/sha256"
	"os"
	"strings"
)

// Fingerprint changes when the file at path does, or one of those that it refers
// to with ${file:…}: what they say counts, and not when or as what they were
// written, so that a link which is turned to another file is seen too. A file
// that cannot be read is one more thing that they can say.
func Fingerprint(path string) (print [sha256.Size]byte) {
	sum := sha256.New()
	add := func(data []byte, err error) []byte {
		each := sha256.Sum256(data)
		if err != nil {
			each = [sha256.Size]byte{}
		}
		sum.Write(each[:])
		return data
	}
	text := add(os.ReadFile(path))
	for _, found := range reference.FindAll(text, -1) {
		if file, isFile := strings.CutPrefix(strings.TrimSuffix(string(found), "}"), "${file:"); isFile {
			add(os.ReadFile(file))
		}
	}
	return [sha256.Size]byte(sum.Sum(nil))
}
