package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// DefaultHome returns the folder that holds runtime and data: PURSER_HOME, or
// else a folder "purser" in the user's cache folder. Root's cache folder
// can't be entered by the unprivileged user that PostgreSQL must run as, so
// for root it is the machine's cache folder.
func DefaultHome(getenv func(string) string) (string, error) {
	if home := getenv("PURSER_HOME"); home != "" {
		abs, err := filepath.Abs(home)
		if err != nil {
			return "", fmt.Errorf("PURSER_HOME: %w", err)
		}
		return abs, nil
	}
	if os.Geteuid() == 0 {
		if runtime.GOOS == "darwin" {
			return "/Library/Caches/purser", nil
		}
		return "/var/cache/purser", nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder is known for this user (%w); set PURSER_HOME to a folder for the runtime and its data", err)
	}
	return filepath.Join(cache, "purser"), nil
}

// InstanceFor names the instance that belongs to a folder, e.g. a checkout:
// the same name for the same folder, another one for any other.
func InstanceFor(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		abs = resolved
	}
	sum := sha256.Sum256([]byte(abs))
	base := strings.Trim(notInName.ReplaceAllString(strings.ToLower(filepath.Base(abs)), "-"), "-.")
	return strings.TrimLeft(fmt.Sprintf("%.20s-%s", base, hex.EncodeToString(sum[:6])), "-."), nil
}

var (
	notInName    = regexp.MustCompile(`[^a-z0-9.-]+`)
	instanceName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
)

// An identity is the user that children run as.
type identity struct {
	UID  uint32 `json:"uid"`
	GID  uint32 `json:"gid"`
	Name string `json:"name"`
}

// childIdentity returns who children run as: this user, or as root the owner
// of the data that is there already, else the first of the users purser,
// nobody and postgres that exists. (postgres comes last because a system's own
// database belongs to it.) It returns nil when children run as this user.
func childIdentity(dataDir string) (*identity, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // no other identity is a regular answer
	}
	if info, err := os.Stat(dataDir); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
			return &identity{UID: st.Uid, GID: st.Gid, Name: nameOf(st.Uid)}, nil
		}
	}
	for _, name := range []string{"purser", "nobody", "postgres", "_postgres"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		// Some systems write nobody's id as -2.
		uid, err1 := strconv.ParseInt(u.Uid, 10, 64)
		gid, err2 := strconv.ParseInt(u.Gid, 10, 64)
		if err1 == nil && err2 == nil && uid != 0 {
			return &identity{UID: uint32(uid), GID: uint32(gid), Name: name}, nil //nolint:gosec // -2 is meant to wrap
		}
	}
	return nil, errors.New("PostgreSQL refuses to run as root and there is no unprivileged user purser, nobody or postgres; create one: useradd --system purser")
}

func nameOf(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// checkReachable returns an error that names the first folder on the way to
// dir that the identity can't enter.
func (id *identity) checkReachable(dir string) error {
	if id == nil {
		return nil
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	way := []string{}
	for p := resolved; ; p = filepath.Dir(p) {
		way = append(way, p)
		if p == filepath.Dir(p) {
			break
		}
	}
	for i := len(way) - 1; i >= 0; i-- {
		info, err := os.Stat(way[i])
		if err != nil {
			return fmt.Errorf("look at %s: %w", way[i], err)
		}
		if !id.mayEnter(info) {
			return fmt.Errorf("as root, the children of the runtime run as user %s, who can't enter %s; set PURSER_HOME to a folder that user can reach (e.g. /var/cache/purser), or let others enter it: chmod o+x %s",
				id.Name, way[i], way[i])
		}
	}
	return nil
}

func (id *identity) mayEnter(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	perm := info.Mode().Perm()
	switch {
	case st.Uid == id.UID:
		return perm&0o100 != 0
	case st.Gid == id.GID:
		return perm&0o010 != 0
	default:
		return perm&0o001 != 0
	}
}

// own makes a private folder that belongs to the identity.
func (id *identity) own(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs x
		return err
	}
	if id == nil {
		return nil
	}
	return os.Chown(dir, int(id.UID), int(id.GID))
}

// folderMode is the mode of the folders around the children's own: open to
// enter when the children are another user, private otherwise.
func (id *identity) folderMode() os.FileMode {
	if id == nil {
		return 0o700
	}
	return 0o755
}

// makeFolder makes a folder and its parents with exactly this mode for the
// ones it makes, whatever the umask.
func makeFolder(dir string, mode os.FileMode) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder; set PURSER_HOME to one", dir)
		}
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := makeFolder(parent, mode); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make the folder %s: %w; set PURSER_HOME to a folder where files can be made", dir, err)
	}
	return os.Chmod(dir, mode)
}

// The socket's name and the longest path the system takes for it, with room
// for the terminating zero.
const (
	socketName    = ".s.PGSQL.5432"
	maxSocketPath = 103
)

var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._ -]+$`)

// socketFolder makes the private folder of PostgreSQL's socket: in the
// instance's own folder, or, when that path is too long for a socket or has
// characters that PostgreSQL's settings or connection strings treat
// specially, in a folder for short-lived files.
func socketFolder(instanceDir string, id *identity) (string, error) {
	own := filepath.Join(instanceDir, "s")
	if fitsSocket(own) {
		if err := emptyFolder(own); err != nil {
			return "", err
		}
		return own, id.own(own)
	}
	sum := sha256.Sum256([]byte(instanceDir))
	uid := os.Geteuid()
	if id != nil {
		uid = int(id.UID)
	}
	name := fmt.Sprintf("purser-%d-%s", uid, hex.EncodeToString(sum[:6]))
	var last error
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir(), "/tmp"} {
		dir := filepath.Join(base, name)
		if !filepath.IsAbs(base) || !fitsSocket(dir) || id.checkReachable(base) != nil {
			continue
		}
		if last = claimFolder(dir, uid, id); last == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no short folder for PostgreSQL's socket can be made (last reason: %w); set PURSER_HOME to a shorter path", last)
}

func fitsSocket(dir string) bool {
	return len(dir)+1+len(socketName) <= maxSocketPath && plainPath.MatchString(dir) && strings.TrimSpace(dir) == dir
}

// claimFolder makes a folder in a place where others may write too: it must be
// a real and private folder that belongs to the right user.
func claimFolder(dir string, uid int, id *identity) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return id.own(dir)
	}
	if !errors.Is(err, os.ErrExist) {
		return err
	}
	// What is checked and what is emptied must be the same folder, even if
	// someone puts another one in its place meanwhile.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer closeQuietly(root)
	info, err := root.Stat(".")
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != uid || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s belongs to someone else", dir)
	}
	return empty(root)
}

// emptyFolder removes what a killed run has left, such as the lock of its
// socket: its process id may belong to another process by now.
func emptyFolder(dir string) error {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer closeQuietly(root)
	return empty(root)
}

func empty(root *os.Root) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := root.Remove(e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes the folders of throwaway instances that nobody holds.
func sweep(ctx context.Context, parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return // nothing there yet
	}
	for _, e := range entries {
		dir := filepath.Join(parent, e.Name())
		// One that is just being made may not have its lock yet.
		if info, err := e.Info(); err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		owner, err := tryLock(filepath.Join(dir, "owner.lock"))
		if err != nil {
			continue
		}
		data, err := tryLock(filepath.Join(dir, "data.lock"))
		if err == nil && ctx.Err() == nil {
			_ = os.RemoveAll(dir) // the next start tries again
			closeQuietly(data)
		}
		closeQuietly(owner)
	}
}
