package tollgate

import "testing"

// FuzzPlainModel holds that the short way comes to what the long one does.
func FuzzPlainModel(f *testing.F) {
	for _, name := range []string{"claude-opus-5-5", "claude-3-5", "claude-opus-4-0", "claude-opus-4-20250514", "claude-x-v1-5", "claude--5", "claude-opus-v1", "claude-opus-a1", "claude-10"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if short, long := ParseModel(name), parseModel(name); short != long {
			t.Errorf("%q: %+v, and the long way %+v", name, short, long)
		}
	})
}
