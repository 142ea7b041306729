package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/client"
)

// inviting is what key invite is told.
type inviting struct {
	invitation api.NewInvitation
	file       string
	create     bool
	url        string
	out        output
}

func newKeyInvite(admin *adminFlags) *cobra.Command {
	var i inviting
	cmd := i.out.add(&cobra.Command{
		Use:   "invite (--developer EMAIL | --csv FILE)",
		Short: "Invite developers to fetch a key that nobody else sees",
		Long: "Invite developers to fetch a key that nobody else sees, not even you: the code that is printed is exchanged for it\n" +
			"once, with tollgate key-helper enroll. --csv reads lines of email, name, team, of which the first is enough, after a\n" +
			"header line email,name,team; what is printed then is CSV too, email,code.",
		Example: "  tollgate key invite --developer ada@example.com --expires 30d --url https://llm-gateway.example.com\n" +
			"  tollgate key invite --csv developers.csv --create-developers --expires 30d > codes.csv",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (i.invitation.Developer == "") == (i.file == "") {
				return misuse("name one developer with --developer, or a file of them with --csv")
			}
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			if i.file != "" {
				return i.many(cmd, gateway)
			}
			return i.one(cmd, gateway)
		},
	})
	flags := cmd.Flags()
	flags.StringVar(&i.invitation.Developer, "developer", "", "`email` of the developer")
	flags.StringVar(&i.file, "csv", "", "`file` of developers, - for standard input")
	flags.BoolVar(&i.create, "create-developers", false, "with --csv, create those who are not there yet")
	flags.StringVar(&i.url, "url", "", "`address` of the gateway, put before the code so that one text is enough")
	flags.StringVar(&i.invitation.Label, "label", "", "`text` to tell the key from others")
	flags.StringVar(&i.invitation.Style, "style", "", "`how` the key is written: opaque or jwt (default: opaque)")
	flags.StringVar(&i.invitation.Expires, "expires", "", "`span` after which the key ends unless key-helper renews it, such as 30d (default: it does not end)")
	flags.StringVar(&i.invitation.Valid, "valid", "", "`span` in which the invitation can be used (default: 7d)")
	flags.StringArrayVar(&i.invitation.Models, "models", nil, "`glob` of models the key may use; may be repeated (default: all)")
	return cmd
}

func (i inviting) one(cmd *cobra.Command, gateway *client.Client) error {
	made, err := gateway.Invite(cmd.Context(), i.invitation)
	if err != nil {
		return err
	}
	if i.out.json {
		return printJSON(cmd.OutOrStdout(), made)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Invitation %s, good once until %s. On the developer's machine: tollgate key-helper enroll --invite\n", made.ID, timestamp(made.ExpiresAt))
	_, err = fmt.Fprintln(cmd.OutOrStdout(), i.whole(made.Code))
	return err
}

// whole is what the developer is given.
func (i inviting) whole(code string) string {
	if i.url == "" {
		return code
	}
	return strings.TrimSuffix(i.url, "/") + "#" + code
}

// many invites everybody in a file. Who cannot be invited is told of, and the others
// are all the same.
func (i inviting) many(cmd *cobra.Command, gateway *client.Client) error {
	people, err := i.readPeople(cmd.InOrStdin())
	if err != nil {
		return err
	}
	out := csv.NewWriter(cmd.OutOrStdout())
	_ = out.Write([]string{"email", "code"}) // Error says it
	missed := 0
	for _, person := range people {
		made, err := i.inviteOne(cmd, gateway, person)
		if err != nil {
			missed++
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", printable(person.Email), printable(err.Error()))
			continue
		}
		_ = out.Write([]string{made.Developer, i.whole(made.Code)})
	}
	out.Flush()
	if missed > 0 {
		return fmt.Errorf("%d of %d were not invited", missed, len(people))
	}
	return out.Error()
}

func (i inviting) inviteOne(cmd *cobra.Command, gateway *client.Client, person api.NewDeveloper) (api.Invitation, error) {
	if i.create {
		_, err := gateway.CreateDeveloper(cmd.Context(), person)
		var refused *client.Error
		if err != nil && !(errors.As(err, &refused) && refused.Status == 409) {
			return api.Invitation{}, err
		}
	}
	asked := i.invitation
	asked.Developer = person.Email
	return gateway.Invite(cmd.Context(), asked)
}

// readPeople reads the file, all of it before anybody is invited.
func (i inviting) readPeople(stdin io.Reader) (people []api.NewDeveloper, err error) {
	from := stdin
	if i.file != "-" {
		file, err := os.Open(i.file)
		if err != nil {
			return nil, fmt.Errorf("the file of developers cannot be read: %w", err)
		}
		defer file.Close()
		from = file
	}
	lines := csv.NewReader(from)
	lines.FieldsPerRecord, lines.TrimLeadingSpace = -1, true
	rows, err := lines.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s is no CSV: %w", i.file, err)
	}
	if len(rows) == 0 || !strings.EqualFold(strings.TrimPrefix(rows[0][0], "\ufeff"), "email") {
		return nil, fmt.Errorf("the first line of %s is to be email,name,team", i.file)
	}
	column := map[string]int{}
	for at, name := range rows[0] {
		column[strings.ToLower(strings.TrimPrefix(name, "\ufeff"))] = at
	}
	for _, row := range rows[1:] {
		cell := func(name string) string {
			if at, there := column[name]; there && at < len(row) {
				return strings.TrimSpace(row[at])
			}
			return ""
		}
		people = append(people, api.NewDeveloper{Email: cell("email"), Name: cell("name"), Team: cell("team")})
	}
	return people, nil
}

func newKeyInvitations(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "invitations",
		Short:   "List invitations, used ones included",
		Example: "  tollgate key invitations",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			found, err := gateway.Invitations(cmd.Context())
			if err != nil {
				return err
			}
			return out.list(cmd, found, invitationTable(found.Data))
		},
	})
}

func invitationTable(invitations []api.Invitation) table {
	rows := table{header: []string{"ID", "DEVELOPER", "LABEL", "CREATED", "STATE"}}
	for _, each := range invitations {
		state := "open until " + timestamp(each.ExpiresAt)
		switch {
		case each.UsedAt != nil:
			state = "became key " + text(each.Key) + " on " + timestamp(*each.UsedAt)
		case each.ExpiresAt.Before(time.Now()):
			state = "ran out on " + timestamp(each.ExpiresAt)
		}
		rows.rows = append(rows.rows, []string{each.ID, each.Developer, text(each.Label), timestamp(each.CreatedAt), state})
	}
	return rows
}

func newKeyUninvite(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "uninvite ID",
		Short:   "Withdraw an invitation that was not used",
		Long:    "Withdraw an invitation that was not used. ID is the twelve characters after tgi_. A key that one became is revoked\nwith tollgate key revoke.",
		Example: "  tollgate key uninvite 4Zk7Qm1xYb2P",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			withdrawn, err := gateway.WithdrawInvitation(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.object(cmd, withdrawn)
		},
	})
}
