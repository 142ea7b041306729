package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/zalando/go-keyring"

	"tollgate/internal/keyhelper"
)

func newKeyHelperCommand() *cobra.Command {
	var folder string
	helper := func() (*keyhelper.Helper, error) { return newHelper(folder) }
	cmd := &cobra.Command{
		Use:   "key-helper",
		Short: "Print the developer's key, for Claude Code's apiKeyHelper",
		Long: "Print the developer's key and nothing else, for apiKeyHelper in Claude Code's settings. The key came to this\n" +
			"machine with an invitation (tollgate key-helper enroll), is kept in the system's keychain or in a file that only\n" +
			"its owner may read, and is renewed before it ends.",
		Example:       "  tollgate key-helper\n  tollgate key-helper enroll --invite https://llm-gateway.example.com#tgi_…",
		Args:          none,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := helper()
			if err != nil {
				return err
			}
			key, warning, err := h.Key(cmd.Context())
			if err != nil {
				return err
			}
			if warning != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "tollgate: %s\n", printable(warning))
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), key)
			return err
		},
	}
	cmd.PersistentFlags().StringVar(&folder, "folder", "", "`folder` of this command's own (default: tollgate in the user's folder of configuration)")
	cmd.AddCommand(newKeyHelperEnroll(helper))
	return cmd
}

func newKeyHelperEnroll(helper func() (*keyhelper.Helper, error)) *cobra.Command {
	var invite, address, store, command string
	cmd := &cobra.Command{
		Use:   "enroll --invite CODE",
		Short: "Exchange an invitation for a key, and keep it on this machine",
		Long: "Exchange an invitation for a key, and keep it on this machine: in the system's keychain, or where there is none\n" +
			"in a file that only you may read. The invitation can be used once. Nobody else ever sees the key.",
		Example: "  tollgate key-helper enroll --invite https://llm-gateway.example.com#tgi_…\n" +
			"  tollgate key-helper enroll --command 'vault kv get -field=key secret/tollgate'",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := helper()
			if err != nil {
				return err
			}
			switch {
			case (invite == "") == (command == ""):
				return misuse("name the invitation with --invite, or a program that prints the key with --command")
			case command != "":
				return h.Use(cmd.Context(), command)
			case store != "" && store != string(keyhelper.Keychain) && store != string(keyhelper.File):
				return misuse("--store is keychain or file, not %q", store)
			}
			gateway, code, err := keyhelper.ReadInvitation(invite, address)
			if err != nil {
				return misuse("%v", err)
			}
			place, err := h.Enroll(cmd.Context(), gateway, code, keyhelper.Store(store))
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "The key is in %s. Claude Code gets it with the setting \"apiKeyHelper\": \"tollgate key-helper\".\n", place)
			return nil
		},
	}
	cmd.Flags().StringVar(&invite, "invite", "", "the invitation: a `code`, or the gateway's address, # and the code")
	cmd.Flags().StringVar(&address, "url", os.Getenv("ANTHROPIC_BASE_URL"), "`address` of the gateway, if the invitation has none (default: $ANTHROPIC_BASE_URL)")
	cmd.Flags().Lookup("url").DefValue = ""
	cmd.Flags().StringVar(&store, "store", "", "`where` the key is kept: keychain or file (default: the keychain if there is one)")
	cmd.Flags().StringVar(&command, "command", "", "`program` of your organisation's own that prints the key, in place of an invitation")
	return cmd
}

// systemKeyring is that of the operating system.
type systemKeyring struct{}

func (systemKeyring) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (systemKeyring) Set(service, user, secret string) error {
	return keyring.Set(service, user, secret)
}

func newHelper(folder string) (*keyhelper.Helper, error) {
	if folder == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return nil, fmt.Errorf("this user has no folder of configuration (%w); name one with --folder", err)
		}
		folder = filepath.Join(base, "tollgate")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("it redirects elsewhere, where no key is sent")
	}}
	return &keyhelper.Helper{Folder: folder, Keyring: systemKeyring{}, Client: client, Now: time.Now}, nil
}
