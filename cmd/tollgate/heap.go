package main

import "runtime"

// ballast is memory that is never touched: it takes addresses, and none of the
// machine's memory. The collector lets the heap grow by as much as it held after
// the last collection. The gateway holds so little, two or three megabytes,
// that it would be collected for every few hundred requests, which took a tenth
// of its processor time; with the ballast there are five times fewer
// collections, for 16 MB more of memory at most, and where many streams are open
// things stay as they are. GOGC and GOMEMLIMIT mean what they always do.
// docs/design/weight.md has the figures.
var ballast []byte

const ballastSize = 16 << 20

func holdBallast() {
	ballast = make([]byte, ballastSize)
	runtime.KeepAlive(ballast)
}
