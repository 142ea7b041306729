package api

// List is how every collection is answered. Next is the cursor of the page
// that follows, null on the last one.
type List[T any] struct {
	Data []T     `json:"data"`
	Next *string `json:"next"`
}
