package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"tollgate/api"
)

func newTeamCommand() *cobra.Command {
	var admin adminFlags
	return admin.add(newGroup("team", "Teams, by which usage is reported and limited", "tollgate team create platform",
		newTeamCreate(&admin), newTeamList(&admin), newTeamShow(&admin), newTeamRemove(&admin)))
}

func newTeamCreate(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "create NAME",
		Short:   "Add a team",
		Example: "  tollgate team create platform",
		Args:    one("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			team, err := gateway.CreateTeam(cmd.Context(), api.NewTeam{Name: args[0]})
			if err != nil {
				return err
			}
			return out.object(cmd, team)
		},
	})
}

func newTeamList(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "list",
		Short:   "List all teams",
		Example: "  tollgate team list",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			teams, err := gateway.Teams(cmd.Context())
			if err != nil {
				return err
			}
			rows := table{header: []string{"NAME"}}
			for _, team := range teams.Data {
				rows.rows = append(rows.rows, []string{team.Name})
			}
			return out.list(cmd, teams, rows)
		},
	})
}

func newTeamShow(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:     "show NAME",
		Short:   "Show one team",
		Example: "  tollgate team show platform --json",
		Args:    one("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			team, err := gateway.Team(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.object(cmd, team)
		},
	})
}

func newTeamRemove(admin *adminFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME",
		Short:   "Remove a team that nobody is in any more",
		Example: "  tollgate team remove platform",
		Args:    one("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			if err := gateway.RemoveTeam(cmd.Context(), args[0]); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Team %s is removed.\n", args[0])
			return nil
		},
	}
}
