package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/client"
)

func newKeyCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("key", "The keys that developers and services present to the gateway", "tollgate key create --developer ada@example.com --expires 90d",
		newKeyCreate(&admin), newKeyList(&admin), newKeyShow(&admin), newKeyRotate(&admin), newKeyRevoke(&admin),
		newKeyInvite(&admin), newKeyInvitations(&admin), newKeyUninvite(&admin)))
}

func newKeyCreate(admin *adminFlags) *cobra.Command {
	var out output
	var key api.NewKey
	cmd := out.add(&cobra.Command{
		Use:   "create (--developer EMAIL | --service NAME)",
		Short: "Issue a key",
		Long:  "Issue a key to a developer, or to a service account, which is made with its first key.\nThe key is printed on stdout, this once; the gateway keeps only a keyed hash of it.",
		Example: "  tollgate key create --developer ada@example.com --expires 90d\n" +
			"  tollgate key create --developer ada@example.com --style jwt\n" +
			"  tollgate key create --service nightly-build --team platform --models 'claude-haiku-*' --label ci",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (key.Developer == "") == (key.Service == "") {
				return misuse("a key belongs either to a developer or to a service; name one of them, with --developer or with --service")
			}
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			created, err := gateway.CreateKey(cmd.Context(), key)
			if err != nil {
				return err
			}
			return out.issued(cmd, created)
		},
	})
	flags := cmd.Flags()
	flags.StringVar(&key.Developer, "developer", "", "`email` of the developer whose key it is")
	flags.StringVar(&key.Service, "service", "", "`name` of the service account whose key it is")
	flags.StringVar(&key.Team, "team", "", "`name` of the team that the usage counts for (default: the owner's)")
	flags.StringVar(&key.Label, "label", "", "`text` to tell the key from others")
	flags.StringVar(&key.Style, "style", "", "`how` the key is written: opaque, or jwt, by which Claude Code knows a gateway and warns before a budget is spent (default: opaque)")
	flags.StringVar(&key.ExpiresAt, "expires", "", "`when` it stops working: a span such as 12h, 90d or 2w, or a date, at its beginning (default: never)")
	flags.StringArrayVar(&key.Models, "models", nil, "`glob` of models it may use, such as 'claude-haiku-*'; may be repeated (default: all)")
	return cmd
}

// issued prints the whole key, alone on stdout unless JSON is wanted.
func (o *output) issued(cmd *cobra.Command, key api.Key) error {
	if o.json {
		return printJSON(cmd.OutOrStdout(), key)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Key %s. It is shown this once and cannot be shown again:\n", key.ID)
	_, err := fmt.Fprintln(cmd.OutOrStdout(), key.Key)
	return err
}

func newKeyList(admin *adminFlags) *cobra.Command {
	var out output
	var filter client.KeyFilter
	cmd := out.add(&cobra.Command{
		Use:     "list",
		Short:   "List keys, revoked ones included",
		Example: "  tollgate key list --developer ada@example.com",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			keys, err := gateway.Keys(cmd.Context(), filter)
			if err != nil {
				return err
			}
			return out.list(cmd, keys, keyTable(keys.Data))
		},
	})
	cmd.Flags().StringVar(&filter.Developer, "developer", "", "only the keys of the developer with this `email`")
	cmd.Flags().StringVar(&filter.Service, "service", "", "only the keys of the service with this `name`")
	cmd.Flags().StringVar(&filter.Team, "team", "", "only the keys of the team with this `name`")
	return cmd
}

func keyTable(keys []api.Key) table {
	rows := table{header: []string{"ID", "OWNER", "TEAM", "LABEL", "STYLE", "MODELS", "CREATED", "EXPIRES", "LAST USED", "REVOKED"}}
	for _, key := range keys {
		rows.rows = append(rows.rows, []string{
			key.ID, text(key.Developer) + text(key.Service), text(key.Team), text(key.Label), key.Style, text(&key.Models),
			timestamp(key.CreatedAt), text(key.ExpiresAt), text(key.LastUsedAt), text(key.RevokedAt),
		})
	}
	return rows
}

func newKeyShow(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "show ID",
		Short:   "Show what is known of one key",
		Long:    "Show what is known of one key. ID is the twelve characters after tgk_. The secret is not known.",
		Example: "  tollgate key show 4Zk7Qm1xYb2P",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			key, err := gateway.Key(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.object(cmd, key)
		},
	})
}

func newKeyRotate(admin *adminFlags) *cobra.Command {
	var out output
	var rotation api.KeyRotation
	cmd := out.add(&cobra.Command{
		Use:   "rotate ID",
		Short: "Give a key a fresh secret",
		Long: "Give a key a fresh secret under the same id and print the new key, this once, in the style it was\n" +
			"created with. The secret it had still works for the grace time; one from an earlier rotation stops\n" +
			"working at once.",
		Example: "  tollgate key rotate 4Zk7Qm1xYb2P --grace 2h",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			rotated, err := gateway.RotateKey(cmd.Context(), args[0], rotation)
			if err != nil {
				return err
			}
			return out.issued(cmd, rotated)
		},
	})
	cmd.Flags().StringVar(&rotation.Grace, "grace", "24h", "how `long` the old secret still works, such as 90m, 24h, 2d or 0s")
	return cmd
}

func newKeyRevoke(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "revoke ID",
		Short:   "End a key at once",
		Example: "  tollgate key revoke 4Zk7Qm1xYb2P",
		Args:    one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			key, err := gateway.RevokeKey(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.object(cmd, key)
		},
	})
}
