package disk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// JSON is v as it stands in files that people read, too: indented, and with no
// character escaped that need not be.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
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

// Write writes a file whole or not at all: a disk that is full, or a
// process that is killed, leaves what was there before. What is no regular
// file, such as /dev/stdout or a named pipe, is written to and never replaced;
// a link is followed. It fails with *WriteError.
func Write(path string, content []byte) (err error) {
	if isDevice(path) {
		return writeInPlace(path, content)
	}
	path = Followed(path)
	f, err := createBeside(path)
	if err != nil {
		return err
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

// Keep writes v as JSON with Write, into a folder that is made when
// needed and is its owner's alone.
func Keep(path string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return Write(path, raw)
}

// CanWrite fails with *WriteError when Write could not even begin, so that
// a long run need not end in that. A path of "" or "-" is no file.
func CanWrite(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return &WriteError{path, errors.New("it is a folder; name a file")}
	}
	if isDevice(path) {
		return nil
	}
	f, err := createBeside(Followed(path))
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return &WriteError{path, err}
	}
	return nil
}

// isDevice tells whether the path is there and is neither a file nor a folder.
func isDevice(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

func writeInPlace(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return &WriteError{path, reason(err)}
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return &WriteError{path, err}
	}
	return nil
}

// Followed is where a link leads; the path itself when it is none.
func Followed(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// createBeside makes the file that is renamed to path once it is whole.
func createBeside(path string) (*os.File, error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &WriteError{path, fmt.Errorf("there is no folder %s; make it first", dir)}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return nil, &WriteError{path, fmt.Errorf("the folder %s can't be written to; name a file elsewhere", dir)}
	case err != nil:
		return nil, &WriteError{path, reason(err)}
	}
	return f, nil
}

// reason is what the system says, without the path that it says it of.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
