package config

import "fmt"

// didYouMean is a remedy that names the known word nearest to what was
// written, or else is the alternative.
func didYouMean(written string, known []string, otherwise string) string {
	best, distance := "", len(written)/3+1
	for _, word := range known {
		if d := editDistance(written, word); d <= distance && (best == "" || d < distance) {
			best, distance = word, d
		}
	}
	if best == "" {
		return otherwise
	}
	return fmt.Sprintf("did you mean %s?", best)
}

// editDistance counts the insertions, deletions and replacements of single
// bytes that make b of a (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
