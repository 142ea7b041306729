package admin

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"tollgate"
)

// Bounds on what people write, in characters.
const (
	maxName  = 100
	maxText  = 200
	maxEmail = 254 // RFC 5321 4.5.3.1.3
	maxGlobs = 100
)

// checkName accepts the name of a team or of a service: it must be fit to
// stand in an address, in a scope and in a table.
func checkName(what, name string) error {
	first, _ := utf8.DecodeRuneInString(name)
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) {
		return tollgate.Errorf(tollgate.Invalid, "the name of %s begins with a letter or a digit; %q does not", what, name)
	}
	if !isPrintable(name) || strings.TrimSpace(name) != name || utf8.RuneCountInString(name) > maxName {
		return tollgate.Errorf(tollgate.Invalid, "the name of %s has at most %d printable characters and no space at its end; %q does not fit", what, maxName, name)
	}
	return nil
}

// checkText accepts free text for people to read.
func checkText(what, text string) error {
	if !isPrintable(text) || utf8.RuneCountInString(text) > maxText {
		return tollgate.Errorf(tollgate.Invalid, "%s has at most %d printable characters; %q does not fit", what, maxText, text)
	}
	return nil
}

func isPrintable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// parseEmail accepts a bare address and returns it as the register keeps it.
func parseEmail(text string) (string, error) {
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text || len(text) > maxEmail || !isPrintable(text) {
		return "", tollgate.Errorf(tollgate.Invalid, "%q is not an email address such as ada@example.com", text)
	}
	return canonicalEmail(text), nil
}

// canonicalEmail is the form in which addresses are kept and compared: people
// do not mean two developers by two spellings of one address.
func canonicalEmail(text string) string { return strings.ToLower(text) }

// checkGlobs accepts patterns as tollgate.MatchModel reads them. Characters
// that have a meaning in other kinds of pattern are refused, since here they
// would match nothing.
func checkGlobs(globs []string) error {
	if len(globs) > maxGlobs {
		return tollgate.Errorf(tollgate.Invalid, "there may be %d model patterns at most, not %d", maxGlobs, len(globs))
	}
	for _, glob := range globs {
		if glob == "" || len(glob) > maxText || strings.ContainsFunc(glob, func(r rune) bool { return !isGlobRune(r) }) {
			return tollgate.Errorf(tollgate.Invalid,
				"%q is not a pattern of model names such as claude-opus-*; a star stands for any characters, everything else for itself", glob)
		}
	}
	return nil
}

func isGlobRune(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("*-_.:/@", r))
}

// firstError runs checks in order until one fails.
func firstError(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}
