package pgtest

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Proxy stands between a pool and PostgreSQL on loopback: it counts round
// trips and cuts connections where a test says.
type Proxy struct {
	// URL leads through the proxy.
	URL string

	network, address string

	mu         sync.Mutex
	cut        []byte
	before     bool
	roundTrips int
}

// NewProxy stands before the database of a URL until the test ends.
func NewProxy(t testing.TB, database string) *Proxy {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{network: "tcp", address: u.Host}
	q := u.Query()
	if u.Host == "" {
		p.network, p.address = "unix", q.Get("host")+"/.s.PGSQL."+q.Get("port")
		if user := q.Get("user"); user != "" {
			u.User = url.UserPassword(user, q.Get("password"))
		}
		for _, name := range []string{"host", "port", "user", "password"} {
			q.Del(name)
		}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.Addr().String()
	q.Set("sslmode", "disable")
	u.RawQuery = Encode(q)
	p.URL = u.String()
	var running sync.WaitGroup
	done := make(chan struct{})
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.serve(t, client, done) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		close(done)
		running.Wait()
	})
	return p
}

// CutAfter lets the next bytes from the client that hold the text reach the
// server, and breaks the connection when the server answers.
func (p *Proxy) CutAfter(text string) { p.setCut(text, false) }

// CutBefore breaks the connection instead of handing on the next bytes from
// the client that hold the text.
func (p *Proxy) CutBefore(text string) { p.setCut(text, true) }

func (p *Proxy) setCut(text string, before bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.before = []byte(text), before
}

// RoundTrips is how often, since the last call, the client spoke after the
// server had, all connections taken together.
func (p *Proxy) RoundTrips() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.roundTrips
	p.roundTrips = 0
	return n
}

// serve carries one connection until either side, or the test, ends.
func (p *Proxy) serve(t testing.TB, client net.Conn, done <-chan struct{}) {
	var d net.Dialer
	server, err := d.DialContext(t.Context(), p.network, p.address)
	if err != nil {
		_ = client.Close()
		return
	}
	c := &proxied{proxy: p}
	over := make(chan struct{}, 2)
	go func() { c.carry(client, server, c.fromClient); over <- struct{}{} }()
	go func() { c.carry(server, client, c.fromServer); over <- struct{}{} }()
	select {
	case <-over:
	case <-done:
	}
	_ = client.Close()
	_ = server.Close()
}

// proxied is one connection's state, guarded by the proxy's lock.
type proxied struct {
	proxy       *Proxy
	clientSpoke bool
	doomed      bool
}

// carry copies until see says stop.
func (c *proxied) carry(from io.Reader, to io.Writer, see func([]byte) bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if !see(buffer[:n]) {
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (c *proxied) fromClient(b []byte) bool {
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	if !c.clientSpoke {
		c.proxy.roundTrips++
	}
	c.clientSpoke = true
	if c.proxy.cut != nil && bytes.Contains(b, c.proxy.cut) {
		c.proxy.cut = nil
		c.doomed = true
		return !c.proxy.before
	}
	return true
}

func (c *proxied) fromServer([]byte) bool {
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	c.clientSpoke = false
	return !c.doomed
}
