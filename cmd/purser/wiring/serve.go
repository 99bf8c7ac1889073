package wiring

import (
	"context"
	"errors"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/purser-desk/purser/api"
)

// NewServer makes a gRPC server of the parts.
func (a *App) NewServer(options ...grpc.ServerOption) (*grpc.Server, *health.Server, error) {
	return api.NewServer(a.Parts, options...)
}

// Serve serves until ctx ends, then lets calls finish for at most limit. ready
// is called once calls are taken.
func (a *App) Serve(ctx context.Context, l net.Listener, limit time.Duration, ready func(), options ...grpc.ServerOption) error {
	server, healthy, err := a.NewServer(options...)
	if err != nil {
		return err
	}
	a.jobs.sweep()
	if err := a.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	go a.checkEmbedder(ctx)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	healthy.SetServingStatus("", healthv1.HealthCheckResponse_SERVING)
	ready()
	select {
	case err := <-failed:
		return errors.Join(err, a.stopJobs(ctx, limit))
	case <-ctx.Done():
	}
	stopped := a.stopServer(context.WithoutCancel(ctx), server, healthy, limit)
	return errors.Join(stopped, <-failed, a.stopJobs(ctx, limit))
}

// checkLimit bounds the first question to the embedder, which may have to load
// its model.
const checkLimit = 2 * time.Minute

// checkEmbedder says at start what would only be found out with the first text.
func (a *App) checkEmbedder(ctx context.Context) {
	if a.embedder == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	if err := a.embedder.Check(ctx); err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		a.Parts.Logger.ErrorContext(ctx, "the embedding endpoint gives nothing that can be searched; until it does, articles are found by words alone", "error", err)
	}
}

// closeLimit bounds what is left to do once calls were told to end.
const closeLimit = 3 * time.Second

// stopServer takes no new calls, waits for those that run, and ends them when
// the limit has passed: GracefulStop alone would wait for ever. Suggestions that
// are ended are given up in the database, so that another server makes them
// without waiting.
func (a *App) stopServer(ctx context.Context, server *grpc.Server, healthy *health.Server, limit time.Duration) error {
	healthy.Shutdown()
	done := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
	closing, cancel := context.WithTimeout(ctx, closeLimit)
	defer cancel()
	err := a.service.Close(closing)
	select {
	case <-done:
	case <-closing.Done():
		server.Stop()
		<-done
	}
	return err
}

func (a *App) stopJobs(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return a.jobs.Stop(ctx)
}
