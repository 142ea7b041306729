package route

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"

	"tollgate"
)

// pooled puts the targets that have a weight into the order that is whose's
// own, at the place of the first of them. It is the same each time, also in the
// next process, and each target is the first of a share of all that is its
// weight's. Where one is left out its share is spread over the others, and
// nobody else moves (weighted rendezvous hashing).
func pooled(targets []tollgate.Target, whose string) []tollgate.Target {
	first := slices.IndexFunc(targets, weighted)
	if first < 0 {
		return targets
	}
	var pool, others []tollgate.Target
	for _, target := range targets {
		if weighted(target) {
			pool = append(pool, target)
		} else {
			others = append(others, target)
		}
	}
	slices.SortStableFunc(pool, func(a, b tollgate.Target) int { return cmp.Compare(score(b, whose), score(a, whose)) })
	return slices.Concat(others[:first], pool, others[first:])
}

func weighted(target tollgate.Target) bool { return target.Weight > 0 }

// score is the larger of two with the probability of its target's share.
func score(target tollgate.Target, whose string) float64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(whose + "\x00" + target.Upstream))
	uniform := (float64(mixed(hash.Sum64())>>11) + 0.5) / (1 << 53)
	return -float64(target.Weight) / math.Log(uniform)
}

// mixed lets every bit of a hash depend on all its bits, which FNV's upper ones
// do not: the finalizer of SplitMix64.
func mixed(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
