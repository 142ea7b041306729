package app

import "tollgate/internal/bound"

// descriptorsBeside are those that no connection of a client needs: listeners,
// the database, the journal, administrators.
const descriptorsBeside = 128

// tellDescriptors warns when the process may not open as many files as the
// configured connections can take: one for each client's, and one for each of
// theirs to a provider.
func (a *App) tellDescriptors(connections int64) {
	need := 2*(connections+bound.Spare) + descriptorsBeside
	if may, known := openFiles(); known && may < uint64(need) {
		a.log.Warn("this process may not open enough files for limits.max_connections; raise the limit (LimitNOFILE in systemd, ulimit -n) or lower the member",
			"open_files", may, "needed", need, "max_connections", connections)
	}
}
