package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

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

// WriteError says that a file was not written, and what it held before is as it
// was.
type WriteError struct {
	Path string
	Err  error
}

func (e *WriteError) Error() string {
	switch {
	case errors.Is(e.Err, syscall.ENOSPC), errors.Is(e.Err, syscall.EDQUOT):
		return e.Path + " was not written: the disk is full; what the file held before is as it was. Make room, or name a file elsewhere"
	case errors.Is(e.Err, syscall.EFBIG):
		return e.Path + " was not written: files may not become as large here; what the file held before is as it was. Name a file elsewhere"
	}
	return e.Path + " was not written: " + e.Err.Error()
}

func (e *WriteError) Unwrap() error { return e.Err }

// WriteFile writes a file whole or not at all: a disk that is full, or a
// process that is killed, leaves what was there before. It fails with
// *WriteError.
func WriteFile(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return &WriteError{path, err}
	}
	defer func() {
		if err != nil {
			err = &WriteError{path, errors.Join(err, os.Remove(f.Name()))}
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// CanWrite fails with *WriteError when WriteFile could not even begin, so that
// a long run need not end in that. A path of "" or "-" is no file.
func CanWrite(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return &WriteError{path, errors.New("it is a folder; name a file")}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return &WriteError{path, err}
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return &WriteError{path, err}
	}
	return nil
}
