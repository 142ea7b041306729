package main

import (
	"runtime"
	"runtime/metrics"
	"testing"
)

func heapGoal() uint64 {
	runtime.GC()
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(goal)
	return goal[0].Value.Uint64()
}

func TestTheBallastLetsASmallHeapGrow(t *testing.T) {
	holdBallast()
	defer func() { ballast = nil }()
	if goal := heapGoal(); goal < 2*ballastSize {
		t.Errorf("the heap may grow to %d bytes", goal)
	}
}
