package rollout

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tollgate"
)

// recordName is the file that says what a folder's rollout consists of: the
// digest of each file, so that one that somebody else has changed is known.
const recordName = ".tollgate-rollout.json"

// Write puts the files into a folder, which is made if it is missing. A file that
// is there and that no rollout wrote, or that was changed since, is left
// alone unless force is set: then nothing is written, and the error is a Conflict
// that names each. A file of an earlier rollout that is no longer part of it is
// removed.
func Write(folder string, files []File, force bool) error {
	root, err := openRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	earlier := readRecord(root)
	if foreign := foreignTo(root, files, earlier); len(foreign) > 0 && !force {
		return tollgate.Errorf(tollgate.Conflict, "%s: not written by tollgate, or changed since; nothing was written. Move it away, choose another --out, or overwrite it with --force", strings.Join(foreign, ", "))
	}
	record := map[string]string{}
	for _, file := range files {
		if err := place(root, file); err != nil {
			return err
		}
		record[file.Path] = digest(file.Text)
	}
	if err := removeOthers(root, earlier, record); err != nil {
		return err
	}
	return place(root, File{recordName, open, indented(record)})
}

func openRoot(folder string) (*os.Root, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, cannotWrite(folder, err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, cannotWrite(folder, err)
	}
	return root, nil
}

func cannotWrite(path string, err error) error {
	return &tollgate.Error{Kind: tollgate.Internal, Message: path + " cannot be written; check the folder given by --out and who may write to it", Cause: err}
}

// readRecord is empty where there is no record that can be read.
func readRecord(root *os.Root) map[string]string {
	record := map[string]string{}
	if text, err := root.ReadFile(recordName); err == nil && json.Unmarshal(text, &record) != nil {
		return map[string]string{}
	}
	return record
}

// foreignTo are the files that are there with another text than a rollout gave them.
func foreignTo(root *os.Root, files []File, earlier map[string]string) (foreign []string) {
	for _, file := range files {
		there, err := root.ReadFile(filepath.FromSlash(file.Path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if found := digest(there); err != nil || found != digest(file.Text) && found != earlier[file.Path] {
			foreign = append(foreign, file.Path)
		}
	}
	return foreign
}

// place writes a file beside its place and moves it there, so that nobody
// reads half of one, and nobody else reads one that holds a key.
func place(root *os.Root, file File) error {
	path := filepath.FromSlash(file.Path)
	partial := path + ".partial"
	err := root.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = root.RemoveAll(partial)
	}
	if err == nil {
		err = root.WriteFile(partial, file.Text, private)
	}
	if err == nil {
		err = root.Chmod(partial, file.Mode)
	}
	if err == nil {
		err = root.Rename(partial, path)
	}
	if err != nil {
		return cannotWrite(file.Path, err)
	}
	return nil
}

// removeOthers removes what an earlier rollout wrote, this one did not, and
// nobody has changed.
func removeOthers(root *os.Root, earlier, now map[string]string) error {
	for path, was := range earlier {
		if _, still := now[path]; still || !filepath.IsLocal(filepath.FromSlash(path)) {
			continue
		}
		if text, err := root.ReadFile(filepath.FromSlash(path)); err != nil || digest(text) != was {
			continue
		}
		if err := root.Remove(filepath.FromSlash(path)); err != nil {
			return cannotWrite(path, err)
		}
	}
	return nil
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}
