package api_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// sendHeaders opens a stream that needs no key with as many bytes of headers, and
// returns once the server has answered it in any way. No client of gRPC's own
// would send them.
func sendHeaders(t *testing.T, address string, size int) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range [][2]string{
		{":method", "POST"},
		{":scheme", "http"},
		{":path", "/grpc.health.v1.Health/Watch"},
		{":authority", address},
		{"content-type", "application/grpc"},
		{"te", "trailers"},
	} {
		_ = encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	for value := strings.Repeat("x", 4000); size > 0; size -= len(value) {
		_ = encoder.WriteField(hpack.HeaderField{Name: "x-filler", Value: value, Sensitive: true})
	}
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	framer := http2.NewFramer(conn, conn)
	sent := make(chan error, 1)
	go func() {
		sent <- errors.Join(framer.WriteSettings(), writeBlock(framer, block.Bytes()), framer.WriteData(1, true, make([]byte, 5)))
	}()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return // the server has closed the connection
		}
		switch frame.(type) {
		case *http2.DataFrame, *http2.RSTStreamFrame, *http2.GoAwayFrame:
			<-sent
			return
		}
	}
}

func writeBlock(framer *http2.Framer, block []byte) error {
	const most = 16 << 10
	err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block[:min(most, len(block))], EndHeaders: len(block) <= most})
	for err == nil && len(block) > most {
		block = block[most:]
		err = framer.WriteContinuation(1, len(block) <= most, block[:min(most, len(block))])
	}
	return err
}

func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first one's finalizers let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What comes before a key was looked at is not kept, however much it is and
// however long the stream stays open. It does not run beside others, whose
// memory it would count.
func TestLargeHeadersLeaveNothing(t *testing.T) { //nolint:paralleltest // see above
	s := start(t, startOptions{})
	sendHeaders(t, s.address, 0)
	before := heap()
	for range 8 {
		sendHeaders(t, s.address, 12<<20)
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("8 times 12 MB of headers leave %d MB", grown>>20)
	}
	// What clients and proxies really send is taken.
	c := s.as(t, s.workspace(t, "one"))
	c.ticket(t, "T-1", "Where is my bag?")
}
