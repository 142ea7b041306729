package bedrock

import (
	"encoding/base64"
	"errors"
	"io"
	"slices"

	"tollgate"
	"tollgate/internal/jsonedit"
)

// The document in which CountTokens takes a body (providers.md 2.6, 2026-11-23).
const (
	beforeCounted = `{"input":{"invokeModel":{"body":"`
	afterCounted  = `"}}}`
)

func wrapCount(body []byte) []byte {
	wrapped := make([]byte, 0, len(beforeCounted)+base64.StdEncoding.EncodedLen(len(body))+len(afterCounted))
	wrapped = base64.StdEncoding.AppendEncode(append(wrapped, beforeCounted...), body)
	return append(wrapped, afterCounted...)
}

// UnwrapCount finds in a request of CountTokens the body whose tokens are to be
// counted. The error is Invalid: there is none, or one of Converse.
func UnwrapCount(body []byte) ([]byte, error) {
	inner := body
	for _, name := range []string{"input", "invokeModel", "body"} {
		member, ok := jsonedit.Find(inner, name)
		if !ok {
			return nil, tollgate.Errorf(tollgate.Invalid, "input.invokeModel.body: it is missing from the request to count tokens; send there, in base64, the body that InvokeModel would get")
		}
		inner = member.Value
	}
	coded, isText := jsonedit.Text(inner)
	counted, err := base64.StdEncoding.DecodeString(coded)
	if !isText || err != nil {
		return nil, tollgate.Errorf(tollgate.Invalid, "input.invokeModel.body: it is not base64; send there the body that InvokeModel would get").Because(err)
	}
	return counted, nil
}

// count turns the answer to counting tokens, which is one number.
type count struct {
	from, to string // the names of its member
	held     []byte
}

// maxCount is more than such an answer is long, in bytes.
const maxCount = 64 << 10

var errCount = errors.New("bedrock: the answer to counting tokens cannot be read")

// Turn implements dialect.Codec.
func (c *count) Turn(piece []byte) ([]byte, error) {
	if c.held = append(c.held, piece...); len(c.held) > maxCount {
		return nil, errCount
	}
	return nil, nil
}

// End implements dialect.Codec.
func (c *count) End() ([]byte, error) {
	number, ok := jsonedit.Find(c.held, c.from)
	switch {
	case ok:
		return slices.Concat([]byte(`{"`+c.to+`":`), number.Value, []byte{'}'}), nil
	case !whole(c.held):
		return nil, io.ErrUnexpectedEOF
	}
	return nil, errCount
}

// whole says whether an object is there to its end.
func whole(object []byte) bool {
	for _, err := range jsonedit.Members(object) {
		if err != nil {
			return false
		}
	}
	return true
}
