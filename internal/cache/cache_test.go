package cache_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/purser-desk/purser/internal/cache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDown = errors.New("down")

func TestValuesAndFailuresCountForATime(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	value, failure, asked := 1, error(nil), 0
	c := cache.New(cache.Options[string, int]{
		Load: func(_ context.Context, _ string, last int) (int, error) { asked++; return 10*last + value, failure },
		Keep: 20 * time.Second, Now: func() time.Time { return now },
	})
	for _, step := range []struct {
		name    string
		after   time.Duration
		failure error
		want    int
		err     error
		asks    int
	}{
		{"down from the beginning", 0, errDown, 0, errDown, 1},
		{"still, a moment later", time.Second, errDown, 0, errDown, 0},
		{"still, and asked again", 2 * time.Second, errDown, 0, errDown, 1},
		{"back", 2 * time.Second, nil, 1, nil, 1},
		{"kept", 19 * time.Second, nil, 1, nil, 0},
		{"asked again, with what was known", time.Second, nil, 11, nil, 1},
		{"down: the last known counts", 20 * time.Second, errDown, 11, nil, 1},
		{"and nobody asks", time.Second, errDown, 11, nil, 0},
		{"until a tenth of the time is over", time.Second, errDown, 11, nil, 1},
	} {
		now, failure = now.Add(step.after), step.failure
		before := asked
		if got, err := c.Get(t.Context(), "k"); got != step.want || !errors.Is(err, step.err) || asked-before != step.asks {
			t.Errorf("%s: %d, %v, asked %d times", step.name, got, err, asked-before)
		}
	}
}

func TestCallersShareALoad(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[string]int{}
	c := cache.New(cache.Options[string, string]{Keep: time.Hour, Load: func(_ context.Context, key, _ string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		asked[key]++
		return key, nil
	}})
	var all sync.WaitGroup
	for _, key := range []string{"one", "two"} {
		for range 50 {
			all.Go(func() {
				if got, err := c.Get(t.Context(), key); got != key || err != nil {
					t.Errorf("%s: %q, %v", key, got, err)
				}
			})
		}
	}
	all.Wait()
	if asked["one"] != 1 || asked["two"] != 1 {
		t.Errorf("asked %v", asked)
	}
}

// Who gives up waiting spoils nothing for those who wait on.
func TestCallerThatGoes(t *testing.T) {
	t.Parallel()
	loading, answer := make(chan struct{}), make(chan struct{})
	c := cache.New(cache.Options[string, int]{Keep: time.Hour, Wait: time.Minute, Load: func(ctx context.Context, _ string, _ int) (int, error) {
		close(loading)
		<-answer
		return 7, ctx.Err()
	}})
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { _, err := c.Get(ctx, "k"); gone <- err }()
	<-loading
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who went got %v", err)
	}
	close(answer)
	if got, err := c.Get(t.Context(), "k"); got != 7 || err != nil {
		t.Errorf("the next one got %d, %v", got, err)
	}
}

// A source that hangs is waited for in bounds, and then left alone.
func TestSourceThatHangs(t *testing.T) {
	t.Parallel()
	asked := 0
	c := cache.New(cache.Options[string, int]{Keep: time.Hour, Wait: time.Millisecond, Load: func(ctx context.Context, _ string, _ int) (int, error) {
		asked++
		<-ctx.Done()
		return 0, ctx.Err()
	}})
	for range 2 {
		if _, err := c.Get(t.Context(), "k"); !errors.Is(err, context.DeadlineExceeded) || asked != 1 {
			t.Errorf("%v after asking %d times", err, asked)
		}
	}
}

func TestOnlyTheLatestAreKept(t *testing.T) {
	t.Parallel()
	asked := 0
	c := cache.New(cache.Options[string, int]{Keep: time.Hour, Size: 2, Load: func(context.Context, string, int) (int, error) { asked++; return asked, nil }})
	for _, key := range []string{"a", "b", "a", "c", "a", "b"} {
		if _, err := c.Get(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 4 {
		t.Errorf("asked %d times, want for a, b, c and b again", asked)
	}
}
