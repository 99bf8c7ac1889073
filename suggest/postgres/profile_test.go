package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/confidence"
	"github.com/purser-desk/purser/suggest/postgres"
)

func openProfiles(t *testing.T, ownerURL string) *postgres.Profiles {
	t.Helper()
	p, err := postgres.OpenProfiles(t.Context(), ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestProfilesKeepTheirHistory(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin := openProfiles(t, d.schema.OwnerURL)
	if _, err := d.Profile(d.ctx, d.w); !errors.Is(err, confidence.ErrNoProfile) {
		t.Fatalf("before any: %v", err)
	}
	change := func(version int, err error) int {
		t.Helper()
		d.ok(err)
		return version
	}
	first := change(admin.Set(d.ctx, d.w, confidence.Stored{JSON: []byte(`{"name":"a"}`), Actor: kari, Time: start}))
	second := change(admin.Set(d.ctx, d.w, confidence.Stored{JSON: []byte(`{"name":"b"}`), Actor: suggest.Actor{ID: "ola"}, Time: start.Add(time.Hour)}))
	cleared := change(admin.Set(d.ctx, d.w, confidence.Stored{Actor: kari, Time: start.Add(2 * time.Hour)}))
	back := change(admin.Restore(d.ctx, d.w, confidence.Stored{Restored: first, Actor: kari, Time: start.Add(3 * time.Hour)}))
	if !slices.Equal([]int{first, second, cleared, back}, []int{1, 2, 3, 4}) {
		t.Errorf("versions %d %d %d %d", first, second, cleared, back)
	}
	inForce, err := d.Profile(d.ctx, d.w)
	d.ok(err)
	if inForce.Version != 4 || string(inForce.JSON) != `{"name":"a"}` || inForce.Restored != 1 || inForce.Actor != kari || !inForce.Time.Equal(start.Add(3*time.Hour)) {
		t.Errorf("in force: %+v", inForce)
	}
	all, err := admin.Versions(d.ctx, d.w)
	d.ok(err)
	var told []string
	for _, v := range all {
		told = append(told, fmt.Sprintf("%d %s %s %d", v.Version, v.Actor.ID, v.JSON, v.Restored))
	}
	if want := []string{`4 kari {"name":"a"} 1`, "3 kari  0", `2 ola {"name":"b"} 0`, `1 kari {"name":"a"} 0`}; !slices.Equal(told, want) {
		t.Errorf("versions %q, want %q", told, want)
	}
	if _, err := admin.Restore(d.ctx, d.w, confidence.Stored{Restored: 9, Actor: kari}); !errors.Is(err, postgres.ErrVersionNotFound) {
		t.Errorf("a version that never was: %v", err)
	}
	if _, err := admin.Set(d.ctx, suggest.Workspace(uuid.NewString()), confidence.Stored{Actor: kari}); !errors.Is(err, postgres.ErrWorkspaceNotFound) {
		t.Errorf("a workspace that is not there: %v", err)
	}
}

func TestProfilesOfOneWorkspace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin := openProfiles(t, d.schema.OwnerURL)
	other := suggest.Workspace(d.schema.Workspace(t))
	_, err := admin.Set(d.ctx, d.w, confidence.Stored{JSON: []byte(`{"name":"ours"}`), Actor: kari})
	d.ok(err)
	if p, err := d.Profile(d.ctx, other); !errors.Is(err, confidence.ErrNoProfile) {
		t.Errorf("another workspace sees %+v, %v", p, err)
	}
	if list, err := admin.Versions(d.ctx, other); err != nil || len(list) > 0 {
		t.Errorf("another workspace lists %+v, %v", list, err)
	}
	if _, err := admin.Restore(d.ctx, other, confidence.Stored{Restored: 1, Actor: kari}); !errors.Is(err, postgres.ErrVersionNotFound) {
		t.Errorf("another workspace brings ours back: %v", err)
	}
}

func TestProfilesSetAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin := openProfiles(t, d.schema.OwnerURL)
	const many = 12
	var all sync.WaitGroup
	var mu sync.Mutex
	var versions []int
	for i := range many {
		all.Go(func() {
			v, err := admin.Set(d.ctx, d.w, confidence.Stored{JSON: fmt.Appendf(nil, `{"name":"%d"}`, i), Actor: kari})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			versions = append(versions, v)
		})
	}
	all.Wait()
	slices.Sort(versions)
	for i, v := range versions {
		if v != i+1 {
			t.Fatalf("versions %v", versions)
		}
	}
}
