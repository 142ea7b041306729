package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tollgate/api"
)

func newDeveloperCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("developer", "The people who use the gateway", "tollgate developer create ada@example.com --team platform",
		newDeveloperCreate(&admin), newDeveloperList(&admin), newDeveloperShow(&admin), newDeveloperRemove(&admin), newDeveloperErase(&admin)))
}

func newDeveloperCreate(admin *adminFlags) *cobra.Command {
	var out output
	var developer api.NewDeveloper
	cmd := out.add(&cobra.Command{
		Use:     "create EMAIL",
		Short:   "Add a developer",
		Example: "  tollgate developer create ada@example.com --team platform --name \"Ada Lovelace\"",
		Args:    one("EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			developer.Email = args[0]
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			created, err := gateway.CreateDeveloper(cmd.Context(), developer)
			if err != nil {
				return err
			}
			return out.object(cmd, created)
		},
	})
	cmd.Flags().StringVar(&developer.Team, "team", "", "`name` of the team")
	cmd.Flags().StringVar(&developer.Name, "name", "", "what people call the developer, as `text`")
	return cmd
}

func newDeveloperList(admin *adminFlags) *cobra.Command {
	var out output
	var team string
	cmd := out.add(&cobra.Command{
		Use:     "list",
		Short:   "List developers",
		Example: "  tollgate developer list --team platform",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			developers, err := gateway.Developers(cmd.Context(), team)
			if err != nil {
				return err
			}
			rows := table{header: []string{"EMAIL", "NAME", "TEAM"}}
			for _, d := range developers.Data {
				rows.rows = append(rows.rows, []string{d.Email, text(d.Name), text(d.Team)})
			}
			return out.list(cmd, developers, rows)
		},
	})
	cmd.Flags().StringVar(&team, "team", "", "only the developers of the team with this `name`")
	return cmd
}

func newDeveloperShow(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "show EMAIL",
		Short:   "Show one developer",
		Example: "  tollgate developer show ada@example.com",
		Args:    one("EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			developer, err := gateway.Developer(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.object(cmd, developer)
		},
	})
}

func newDeveloperRemove(admin *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "remove EMAIL",
		Short:   "Remove a developer and revoke their keys",
		Long:    "Remove a developer and revoke their keys at once. What they used stays in the ledger.",
		Example: "  tollgate developer remove ada@example.com",
		Args:    one("EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			revoked, err := gateway.RemoveDeveloper(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Developer %s is removed.\n", args[0])
			for _, key := range revoked.Data {
				fmt.Fprintf(cmd.ErrOrStderr(), "Key %s is revoked.\n", key.ID)
			}
			return nil
		},
	}
}

func newDeveloperErase(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "erase EMAIL",
		Short: "Erase a person, for good",
		Long: "Take a person out of everything that is kept, removed before or not: the address and the name go from every\n" +
			"table, the person's own budgets and limits are removed, the keys revoked, and the key that their bodies were\n" +
			"sealed to is destroyed, so that no identity opens them any more. The ledger and the audit log keep a\n" +
			"pseudonym, for which nothing stands any more; sums and proofs stay what they were. It cannot be undone.\n\n" +
			"What is elsewhere is not reached: backups, the gateway's own log, what audit sinks and alerts were sent.\n" +
			"docs/data-protection.md has the list.",
		Example: "  tollgate developer erase ada@example.com",
		Args:    one("EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			erased, err := gateway.EraseDeveloper(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if out.json {
				return printJSON(cmd.OutOrStdout(), erased)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Developer %s is erased. The ledger and the audit log have %s in their place.\n", args[0], erased.Person)
			return nil
		},
	})
}
