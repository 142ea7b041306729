package main

import (
	"cmp"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tollgate/client"
	"tollgate/internal/admin"
)

// adminFlags say where the gateway is. A flag wins over the environment, and
// within each the address wins over the folder.
type adminFlags struct {
	dataDir string
	url     string
}

// defaultDataDir is the folder when nobody says.
const defaultDataDir = "./tollgate-data"

// add puts the flags on a command and all below it.
func (f *adminFlags) add(cmd *cobra.Command) *cobra.Command {
	flags := cmd.PersistentFlags()
	flags.StringVar(&f.dataDir, "data-dir", "", "data `folder` of the gateway, with its admin.sock (default $TOLLGATE_DATA_DIR, else "+defaultDataDir+")")
	flags.StringVar(&f.url, "admin", "", "`URL` of the admin API, with the key in $TOLLGATE_ADMIN_KEY (default $TOLLGATE_ADMIN_URL, else the folder's socket)")
	return cmd
}

// address is the URL of the admin API, empty when the socket is meant.
func (f *adminFlags) address() string {
	if f.url == "" && f.dataDir != "" {
		return ""
	}
	return cmp.Or(f.url, os.Getenv("TOLLGATE_ADMIN_URL"))
}

func (f *adminFlags) folder() string {
	return cmp.Or(f.dataDir, os.Getenv("TOLLGATE_DATA_DIR"), defaultDataDir)
}

func (f *adminFlags) socket() string { return filepath.Join(f.folder(), admin.SocketFile) }

// connect finds the running gateway.
func (f *adminFlags) connect() (*client.Client, error) {
	if address := f.address(); address != "" {
		return f.connectRemote(address)
	}
	if err := knock(f.socket()); err != nil {
		return nil, f.explain(err)
	}
	return client.Socket(f.socket()), nil
}

func (f *adminFlags) connectRemote(address string) (*client.Client, error) {
	key := os.Getenv("TOLLGATE_ADMIN_KEY")
	if key == "" {
		return nil, misuse("%s needs an admin key; put it into the environment as TOLLGATE_ADMIN_KEY", address)
	}
	gateway, err := client.New(address, key)
	if err != nil {
		return nil, misuse("%v", err)
	}
	return gateway, nil
}

// knock says whether somebody listens.
func knock(socket string) error {
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	return connection.Close()
}

// explain turns a failure to connect into what to do about it.
func (f *adminFlags) explain(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return errors.New("the socket " + f.socket() + " may not be opened by this user; become the user that the gateway runs as")
	}
	return errors.New("no gateway answers at " + f.socket() +
		"; start one with \"tollgate serve\", or say where it is with --data-dir or --admin")
}
