package main

import (
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// proxy stands between a server and its database, and can be cut.
type proxy struct {
	url string // of the database, through the proxy

	mu    sync.Mutex
	down  bool
	conns map[net.Conn]struct{}
}

// newProxy leads to the database of a URL, over TCP or a socket.
func newProxy(t *testing.T, database string) *proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	network, target := "tcp", ""
	p := &proxy{conns: map[net.Conn]struct{}{}}
	p.url = with(t, database, func(u *url.URL, q url.Values) {
		target = u.Host
		if host := q.Get("host"); host != "" {
			port := q.Get("port")
			if port == "" {
				port = "5432"
			}
			network, target = "unix", filepath.Join(host, ".s.PGSQL."+port)
			q.Del("host")
			q.Del("port")
		}
		u.Host = l.Addr().String()
	})
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(in, network, target)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
	})
	return p
}

func (p *proxy) pass(in net.Conn, network, target string) {
	out, err := net.Dial(network, target)
	if err != nil {
		_ = in.Close()
		return
	}
	if !p.keep(in, out) {
		return
	}
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
		both.Go(func() {
			_, _ = io.Copy(pair[0], pair[1]) // ends when either is closed
			_ = pair[0].Close()
		})
	}
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, in)
	delete(p.conns, out)
}

// keep notes connections; while the proxy is cut it closes them.
func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.down {
			_ = c.Close()
		} else {
			p.conns[c] = struct{}{}
		}
	}
	return !p.down
}

// cut breaks every connection and lets no new one through until mend.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = true
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
}
