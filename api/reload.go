package api

// Reload is what became of a configuration that was read again and is in force.
type Reload struct {
	Changed     []string `json:"changed"`      // members that differ from what was in force before
	NeedRestart []string `json:"need_restart"` // members whose change takes effect only after a restart
}
