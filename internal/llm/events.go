package llm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Events reads server-sent events. It keeps the data alone: comments, by which
// servers keep a connection open, and names of events say nothing.
type Events struct {
	r    *bufio.Reader
	data []byte
	// begun is true once a line of an event came.
	begun bool
}

// maxEventBytes bounds an event.
const maxEventBytes = 4 << 20

// NewEvents reads from r.
func NewEvents(r io.Reader) *Events { return &Events{r: bufio.NewReaderSize(r, 16<<10)} }

// Next is the data of the next event, good until the next call. It fails with
// io.EOF at the end, and with io.ErrUnexpectedEOF where that cuts an event.
func (e *Events) Next() ([]byte, error) {
	e.data, e.begun = e.data[:0], false
	for {
		line, err := e.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		ended := err != nil
		if ended {
			line = bytes.TrimRight(line, "\r\n")
		}
		switch {
		case len(line) == 0:
			if e.begun {
				return e.data, nil
			}
		case bytes.HasPrefix(line, []byte("data:")):
			value := bytes.TrimPrefix(line[len("data:"):], []byte(" "))
			if len(e.data)+len(value) > maxEventBytes {
				return nil, ErrTooLarge
			}
			// Many servers leave out the empty line between events of one line, so
			// each line with a whole value is one; only half a value goes on.
			if e.begun {
				e.data = append(e.data, '\n')
			}
			e.data, e.begun = append(e.data, value...), true
			if whole(e.data) {
				return e.data, nil
			}
		}
		if ended {
			switch {
			case !e.begun:
				return nil, io.EOF
			case !whole(e.data):
				return nil, io.ErrUnexpectedEOF
			}
			return e.data, nil
		}
	}
}

// whole reports whether data can be an event by itself: JSON, or the word that
// ends a stream.
func whole(data []byte) bool {
	data = bytes.TrimSpace(data)
	return len(data) > 0 && (data[0] != '{' || json.Valid(data))
}

// line is the next line without its end.
func (e *Events) line() ([]byte, error) {
	line, err := e.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := append([]byte(nil), line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = e.r.ReadSlice('\n')
			if long = append(long, line...); len(long) > maxEventBytes {
				return nil, ErrTooLarge
			}
		}
		line = long
	}
	if err != nil {
		return line, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}
