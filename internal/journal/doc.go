// Package journal remembers, on the local disk, what happened to requests
// until the database has it.
//
// A request that is going to be sent is opened: what is known of it is handed
// to the kernel before the provider sees a byte, so that a kill cannot make it
// forgotten, and is on the disk before the client sees a byte of the answer,
// so that a power cut cannot either. When it has ended it is closed with all
// that became of it. A feeder reads closed requests back and hands them to the
// ledger in batches, as often as it takes; the ledger keeps the first row of
// an id. What a dead process left behind is replayed by the next one, and a
// request that was opened and never closed gets a row that says so.
//
// The journal never waits for the database, never drops a closed request while
// it can keep it anywhere, and never skips what it cannot read in silence:
// damaged stretches are set aside and reported.
//
// Each process writes a folder of its own, which it holds by a lock:
//
//	journal/lock                     held for a moment, by whoever looks around
//	journal/20261123T155142Z-4711/   of one process
//	    lock                         held as long as that process lives
//	    00000001.seg …               records, appended
//	journal/quarantine/              segments with damage, kept for a person to look at
package journal
