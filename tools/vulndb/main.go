// Command vulndb says by its exit status whether a vulnerability database can
// be read: 0 when it can, 1 with a reason when it cannot. It exists so that
// the lint step need not guess from the words of a failure.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vulndb URL")
		os.Exit(2)
	}
	if err := readable(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "vulndb:", err)
		os.Exit(1)
	}
}

// readable asks for the smallest document of the database: the time of its
// last change. A database in a folder is left to govulncheck to judge.
func readable(database string) error {
	if strings.HasPrefix(database, "file:") {
		return nil
	}
	client := http.Client{Timeout: 20 * time.Second}
	answer, err := client.Get(strings.TrimSuffix(database, "/") + "/index/db.json")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", database, answer.Status)
	}
	return nil
}
