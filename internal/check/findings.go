package check

import (
	"fmt"

	"tollgate"
)

// mostTold bounds the sentences of one check. The others are counted.
const mostTold = 100

// findings are the differences that one check has found.
type findings struct {
	count     int64
	sentences []string
}

func (f *findings) add(format string, args ...any) {
	f.count++
	if len(f.sentences) < mostTold {
		f.sentences = append(f.sentences, fmt.Sprintf(format, args...))
	}
}

func (f *findings) result(of check) tollgate.CheckResult {
	return tollgate.CheckResult{Name: of.name, About: of.about, Count: f.count, Differences: f.sentences}
}

// times is a number with its word: "1 request", "3 requests".
func times(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
