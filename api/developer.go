package api

// Developer is a person who uses the gateway.
type Developer struct {
	Email string  `json:"email"`
	Name  *string `json:"name"`
	Team  *string `json:"team"`
}

// NewDeveloper asks for a developer. Name and Team may be left out.
type NewDeveloper struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
	Team  string `json:"team,omitempty"`
}
