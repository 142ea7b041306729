package tollgate

// Target is one place a call may go.
type Target struct {
	Upstream string // the upstream's configured name
	Model    string // what that upstream calls the model
	Weight   int    // its share among the targets of one pool; 0: it is in none
}
