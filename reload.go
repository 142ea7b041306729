package tollgate

// Reload is what became of a configuration that was read anew and is in force.
type Reload struct {
	Changed     []string // the members that differ from what was in force before
	NeedRestart []string // those that take effect only after a restart
}
