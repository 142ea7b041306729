package app

import (
	"io"
	"net/http"
	"time"
)

// boundBody gives clients this long to send a body, so that one who never does
// holds no connection. The answer may take as long as it needs.
func boundBody(next http.Handler, bound time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			connection := http.NewResponseController(w)
			_ = connection.SetReadDeadline(time.Now().Add(bound)) // every connection of net/http can have one
			r.Body = &boundedBody{r.Body, connection}
		}
		next.ServeHTTP(w, r)
	})
}

// boundedBody takes the deadline back once the body is there.
type boundedBody struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.connection.SetReadDeadline(time.Time{}) // as above
	}
	return n, err
}
