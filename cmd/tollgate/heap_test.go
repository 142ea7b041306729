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
	before := heapGoal()
	holdBallast()
	defer func() { ballast = nil }()
	if after := heapGoal(); after < before+ballastSize {
		t.Errorf("the heap may grow to %d bytes, and to %d without the ballast", after, before)
	}
}
