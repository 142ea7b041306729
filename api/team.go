package api

// Team groups developers and service accounts.
type Team struct {
	Name string `json:"name"`
}

// NewTeam asks for a team.
type NewTeam struct {
	Name string `json:"name"`
}
