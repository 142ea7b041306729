// Package store keeps what must outlive the process: the register (teams,
// developers, services, keys, budgets, limits) and the ledger (one row per
// request by a known key, and what they have taken from each budget), in
// SQLite.
//
// It refuses to decide anything: who may ask, when a key has expired and what a
// request costs are settled before it is called. It keeps no secret, only
// keyed hashes, and it builds no SQL out of what users type: attributes come
// from one list, values are always bound.
//
// The invariants: a method that returns nil has committed, and what is
// committed survives the death of the process; a request has one row however
// often it is appended; every total is the sum of rows, in integers, and so is
// what has been spent from a budget.
//
// Times are stored as Unix microseconds, durations as nanoseconds and money as
// nano-dollars, all in 64-bit integers; 0 stands for the zero time. Text that
// does not apply is empty, not NULL. One writing connection takes turns, a few
// reading ones never wait for it.
package store
