// Package keyhelper keeps a developer's gateway key on his machine, where nobody has
// to copy it: it exchanges an invitation for a key, puts that away, prints it for
// Claude Code's apiKeyHelper and renews it before it ends.
//
// Claude Code starts the helper before it asks, and again after each 401. So printing
// touches the network only when a renewal is due, and a renewal that fails prints the
// key that there is as long as it opens.
package keyhelper

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tollgate"
)

// Helper keeps one key. Several processes may do so at the same time.
type Helper struct {
	Folder  string // of its own, made if it is missing; nobody else may look into it
	Keyring Keyring
	Client  *http.Client
	Now     func() time.Time
}

// Keyring is the operating system's place for secrets.
type Keyring interface {
	Get(service, user string) (string, error)
	Set(service, user, secret string) error
}

// service is under what name keys stand in a keyring.
const service = "tollgate"

// Enroll exchanges an invitation for a key, and puts it away: in the keyring, or,
// where there is none, in a file that only its owner may read. place says where.
func (h *Helper) Enroll(ctx context.Context, gateway *url.URL, code string, store Store) (place string, err error) {
	unlock, err := h.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	given, err := h.ask(ctx, gateway, "/tollgate/enroll", "", map[string]string{"invitation": code})
	if err != nil {
		return "", err
	}
	kept := record{URL: gateway.String(), Store: store, ID: given.ID, IssuedAt: h.Now().UTC(), ExpiresAt: given.Expires}
	return h.keep(kept, given.Key)
}

// Use has the key printed by a command of the organisation's own.
func (h *Helper) Use(ctx context.Context, command string) error {
	unlock, err := h.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return h.write(record{Store: Command, Command: command})
}

// ErrNotEnrolled says that there is no key yet.
var ErrNotEnrolled = errors.New("there is no key on this machine yet; ask your administrator for an invitation, and run: tollgate key-helper enroll --invite CODE")

// Key is the key as it is to be presented. warning is what its owner should know: a
// renewal that has failed, or none.
func (h *Helper) Key(ctx context.Context) (key, warning string, err error) {
	kept, err := h.read()
	if err != nil {
		return "", "", err
	}
	if kept.Store == Command {
		key, err = run(ctx, kept.Command)
		return key, "", err
	}
	if key, err = h.secret(kept); err != nil || !kept.due(h.Now()) {
		return key, "", err
	}
	renewed, err := h.renew(ctx)
	switch {
	case err == nil:
		return renewed, "", nil
	case kept.ExpiresAt != nil && !h.Now().Before(*kept.ExpiresAt):
		return "", "", fmt.Errorf("the key has ended and could not be renewed: %w", err)
	}
	return key, fmt.Sprintf("the key ends on %s and could not be renewed; it is tried again: %v", kept.ExpiresAt.UTC().Format(time.DateOnly), err), nil
}

// renew renews the key, unless another process has just done so.
func (h *Helper) renew(ctx context.Context) (string, error) {
	unlock, err := h.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	kept, err := h.read()
	if err != nil {
		return "", err
	}
	key, err := h.secret(kept)
	if err != nil || !kept.due(h.Now()) {
		return key, err
	}
	gateway, err := url.Parse(kept.URL)
	if err != nil {
		return "", err
	}
	given, err := h.ask(ctx, gateway, "/tollgate/renew", key, nil)
	if err != nil {
		return "", err
	}
	kept.ID, kept.IssuedAt, kept.ExpiresAt = given.ID, h.Now().UTC(), given.Expires
	_, err = h.keep(kept, given.Key)
	return given.Key, err
}

// ReadInvitation takes apart what a developer was given: a code, or the gateway's
// address with the code behind a #.
func ReadInvitation(text, address string) (gateway *url.URL, code string, err error) {
	code = strings.TrimSpace(text)
	if before, after, both := strings.Cut(code, "#"); both {
		address, code = before, after
	}
	if _, whole := tollgate.InvitationIDOf(code); !whole {
		return nil, "", errors.New("this is no invitation: it is cut or mistyped; copy it again, whole (it ends in what begins with tgi_)")
	}
	gateway, err = url.Parse(address)
	if err != nil || gateway.Host == "" || gateway.Scheme != "https" && gateway.Scheme != "http" {
		return nil, "", errors.New("the gateway's address is missing; name it with --url https://…")
	}
	if gateway.Scheme == "http" && !isLocal(gateway.Hostname()) {
		return nil, "", fmt.Errorf("%s is not asked over plain http: the key would cross the network in clear text; use https", gateway.Host)
	}
	return gateway, code, nil
}
