package main

import (
	"cmp"
	"slices"
	"time"
)

// sample is what one figure came out as, turn by turn.
type sample []float64

// median is the middle; of an even number, the mean of the two middle ones.
// It panics on an empty sample, which would be a fault of the bench.
func (s sample) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func (s sample) min() float64 { return slices.Min(s) }
func (s sample) max() float64 { return slices.Max(s) }

// over divides turn by turn.
func (s sample) over(other sample) sample {
	return combine(s, other, func(a, b float64) float64 { return a / b })
}

// minus subtracts turn by turn.
func (s sample) minus(other sample) sample {
	return combine(s, other, func(a, b float64) float64 { return a - b })
}

func combine(a, b sample, f func(a, b float64) float64) sample {
	out := make(sample, min(len(a), len(b)))
	for i := range out {
		out[i] = f(a[i], b[i])
	}
	return out
}

// quantile of sorted values by the nearest rank: quantile(v, 0.99) is the
// smallest value that 99 % do not exceed.
func quantile[T cmp.Ordered](sorted []T, q float64) T {
	rank := int(q*float64(len(sorted))+0.9999999) - 1
	return sorted[max(0, min(rank, len(sorted)-1))]
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
