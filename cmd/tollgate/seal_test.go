package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"time"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"

	"tollgate"
	"tollgate/internal/audit/body"
	"tollgate/internal/store"
)

// serverBodies are the sealed bodies in the server's data folder.
type serverBodies struct {
	store  *store.Store
	folder string
}

func (b serverBodies) Sealed(ctx context.Context, x *tollgate.Exchange, part tollgate.BodyPart) (tollgate.SealedBody, error) {
	return body.Fetch(ctx, b.store, b.folder, x, part)
}

func (b serverBodies) Forget() {}

func runSeal(ts *testscript.TestScript, _ bool, args []string) {
	auditor, err := age.GenerateX25519Identity()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("auditor.txt"), []byte("# an auditor's\n"+auditor.String()+"\n"), 0o600))
	c := body.DefaultConfig()
	c.Bodies, c.Recipients = body.Sealed, []string{auditor.Recipient().String()}
	server := serverOf(ts)
	vault := body.New(c, body.Options{
		Folder: ts.MkAbs("tollgate-data/" + body.Folder), Register: server.store, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	now := time.Now()
	x := &tollgate.Exchange{
		ID: tollgate.NewRequestID(now), Time: now, Principal: tollgate.Principal{Developer: "ada@example.com"},
		Status: 200, RequestDigest: fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(args[0]))), ResponseDigest: "sha256:0", // of another
	}
	kept := vault.Begin(x, []byte(args[0]))
	kept.Answer(false, false)
	kept.Write([]byte(args[1]))
	kept.End(x)
	vault.Stop(context.Background())
	ts.Check(server.store.Append(context.Background(), []*tollgate.Exchange{x}))
	ts.Setenv("ID", x.ID)
}
