package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// RunFileError says that a file holds no whole run.
type RunFileError struct{ Path, Message string }

func (e *RunFileError) Error() string { return e.Path + ": " + e.Message }

// JSON is the report as it stands in a file.
func (r *Report) JSON() ([]byte, error) { return marshal(r) }

// JSON is the comparison as it stands in a file.
func (c *Comparison) JSON() ([]byte, error) { return marshal(c) }

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return b.Bytes(), nil
}

// WriteFile writes a file whole or not at all: a disk that is full, or a
// process that is killed, leaves what was there before.
func WriteFile(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// ReadReport reads a run that was written as JSON. It fails with *RunFileError
// for a file that is missing, broken off, or of another kind.
func ReadReport(path string) (Report, error) {
	wrong := func(message string) (Report, error) { return Report{}, &RunFileError{path, message} }
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrong("there is no such file; name the JSON file that a run wrote")
	case err != nil:
		return Report{}, fmt.Errorf("read a run: %w", err)
	}
	var r Report
	if err := json.Unmarshal(raw, &r); err != nil {
		return wrong("is not a whole run (broken JSON); run again, or name another file")
	}
	if r.Format != Format {
		return wrong(fmt.Sprintf("is not a run of format %d; run again with this version", Format))
	}
	seen := make(map[string]bool, len(r.Cases))
	for i := range r.Cases {
		id := r.Cases[i].ID
		if id == "" || seen[id] {
			return wrong(fmt.Sprintf("holds case %q twice or without an id, so it was changed by hand or damaged; run again", id))
		}
		seen[id] = true
	}
	if len(r.Cases) == 0 || len(r.Cases) < r.Suite.Cases && !r.Partial {
		return wrong(fmt.Sprintf("holds %d of %d cases, so it was damaged; run again", len(r.Cases), r.Suite.Cases))
	}
	return r, nil
}
