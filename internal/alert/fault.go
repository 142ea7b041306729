package alert

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"tollgate/internal/secret"
)

// errorBound is the length of an error's text that is kept, in bytes: a server
// may say anything.
const errorBound = 300

// tame makes of an error one whose text may be logged and stored: without the
// address that package http repeats, without any of the secrets, even when the
// far end sends one back, on one line and short.
func tame(err error, secrets ...secret.String) error {
	if err == nil {
		return nil
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return errors.New(oneLine(masked(err.Error(), secrets)))
}

// masked looks for the secrets as they are and as they are quoted.
func masked(text string, secrets []secret.String) string {
	for _, each := range secrets {
		if each.IsZero() {
			continue
		}
		for _, shown := range []string{each.Reveal(), strings.Trim(strconv.Quote(each.Reveal()), `"`)} {
			text = strings.ReplaceAll(text, shown, each.String())
		}
	}
	return text
}

func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) > errorBound {
		text = text[:errorBound] + "…"
	}
	return strings.ToValidUTF8(text, "")
}
