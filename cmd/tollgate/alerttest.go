package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"tollgate/api"
)

func newAlertTest(admin *adminFlags) *cobra.Command {
	var out output
	return out.add(&cobra.Command{
		Use:   "alert-test",
		Short: "Send a trial message to everybody who is told of budgets",
		Long: "Send a trial message to everybody who is configured under alerts, and say what became of each. The\n" +
			"exit status is 1 if one was not taken, and if nobody is configured.",
		Example: "  tollgate budget alert-test",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			gateway, err := admin.connect()
			if err != nil {
				return err
			}
			tests, err := gateway.TestAlerts(cmd.Context())
			if err != nil {
				return err
			}
			if len(tests.Data) == 0 && !out.json {
				return errNobodyTold
			}
			if err := out.list(cmd, tests, alertTestTable(tests.Data)); err != nil {
				return err
			}
			return untaken(tests.Data)
		},
	})
}

var errNobodyTold = errors.New("nobody would be told of an alert: the configuration names no sink; write one under alerts: webhooks, slack or mail")

func alertTestTable(tests []api.AlertTest) table {
	rows := table{header: []string{"SINK", "RESULT"}}
	for _, test := range tests {
		result := "taken"
		if test.Error != nil {
			result = "failed: " + *test.Error
		}
		rows.rows = append(rows.rows, []string{test.Sink, result})
	}
	return rows
}

// untaken is the error that some messages did not arrive, or that there was
// nobody to take one.
func untaken(tests []api.AlertTest) error {
	failures := 0
	for _, test := range tests {
		if test.Error != nil {
			failures++
		}
	}
	switch {
	case len(tests) == 0:
		return errNobodyTold
	case failures > 0:
		return fmt.Errorf("trial messages that were not taken: %d of %d", failures, len(tests))
	}
	return nil
}
