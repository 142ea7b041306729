package tollgate_test

import (
	"testing"

	"tollgate"
)

func TestByteSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "1": "1", "1023": "1023", "1024": "1KiB", "1500KB": "1500000", "64MiB": "64MiB", "65536KiB": "64MiB",
		"1 GiB": "1GiB", "1536MiB": "1536MiB", "2048GiB": "2048GiB", "7B": "7",
	} {
		var size, again tollgate.ByteSize
		if err := size.UnmarshalText([]byte(text)); err != nil || size.String() != want {
			t.Errorf("%s is %s, %v; want %s", text, size, err, want)
		}
		if err := again.UnmarshalText([]byte(size.String())); err != nil || again != size {
			t.Errorf("%s is read as %d, %v; want %d", size, again, err, size)
		}
	}
}
