package api

import (
	"context"
	"errors"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/purser-desk/purser/knowledge"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/house"
)

// errorDomain stands in every google.rpc.ErrorInfo.
const errorDomain = "purser"

// kinds maps each sentinel of the domain to a code and a stable reason.
var kinds = []struct {
	err    error
	code   codes.Code
	reason string
}{
	{ErrKeyMissing, codes.Unauthenticated, "KEY_MISSING"},
	{ErrKeyMalformed, codes.Unauthenticated, "KEY_MALFORMED"},
	{ErrKeyUnknown, codes.Unauthenticated, "KEY_UNKNOWN"},
	{ErrKeyExpired, codes.Unauthenticated, "KEY_EXPIRED"},
	{ErrKeyRevoked, codes.Unauthenticated, "KEY_REVOKED"},
	{ErrKeyNotFound, codes.NotFound, "KEY_NOT_FOUND"},
	{ErrLastAdminKey, codes.FailedPrecondition, "LAST_ADMIN_KEY"},
	{errPageToken, codes.InvalidArgument, "PAGE_TOKEN_INVALID"},
	{errHeaderFirst, codes.InvalidArgument, "HEADER_MISSING"},
	{suggest.ErrTicketNotFound, codes.NotFound, "TICKET_NOT_FOUND"},
	{suggest.ErrSuggestionNotFound, codes.NotFound, "SUGGESTION_NOT_FOUND"},
	{suggest.ErrChannelMissing, codes.InvalidArgument, "CHANNEL_MISSING"},
	{suggest.ErrBlankText, codes.InvalidArgument, "BLANK_TEXT"},
	{suggest.ErrTextMissing, codes.InvalidArgument, "TEXT_MISSING"},
	{suggest.ErrNothingToAnswer, codes.FailedPrecondition, "NOTHING_TO_ANSWER"},
	{suggest.ErrRequestReused, codes.AlreadyExists, "REQUEST_ID_REUSED"},
	{suggest.ErrLeaseLost, codes.Aborted, "TAKEN_OVER"},
	{suggest.ErrStale, codes.FailedPrecondition, "STALE"},
	{suggest.ErrRevision, codes.Aborted, "REVISION_MISMATCH"},
	{suggest.ErrNotFinished, codes.FailedPrecondition, "NOT_FINISHED"},
	{suggest.ErrNoDraft, codes.FailedPrecondition, "NO_DRAFT"},
	{suggest.ErrNotReleased, codes.FailedPrecondition, "NOT_RELEASED"},
	{suggest.ErrAlreadyDelivered, codes.FailedPrecondition, "ALREADY_DELIVERED"},
	{suggest.ErrOtherTicket, codes.InvalidArgument, "OTHER_TICKET"},
	{house.ErrChanged, codes.Aborted, "SETTINGS_CHANGED"},
	{house.ErrNoRevision, codes.NotFound, "SETTINGS_NOT_FOUND"},
	{knowledge.ErrArticleNotFound, codes.NotFound, "ARTICLE_NOT_FOUND"},
	{knowledge.ErrPlanNotFound, codes.NotFound, "PLAN_NOT_FOUND"},
	{knowledge.ErrPlanOutdated, codes.FailedPrecondition, "PLAN_OUTDATED"},
	{knowledge.ErrPlanExpired, codes.FailedPrecondition, "PLAN_EXPIRED"},
	{knowledge.ErrPlanApplied, codes.FailedPrecondition, "PLAN_APPLIED"},
}

// toStatus is the one place where errors become gRPC statuses. known is false
// for an error that nobody foresaw: it goes to the log, and the caller learns
// only that it happened.
func toStatus(ctx context.Context, err error) (st *status.Status, known bool) {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return newStatus(k.code, k.reason, k.err.Error(), nil), true
		}
	}
	if errors.Is(err, suggest.ErrClosing) {
		return newStatus(codes.Unavailable, "CLOSING", "the server is stopping; try again in a moment with the same request_id", nil,
			&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}), true
	}
	if st := typedStatus(err); st != nil {
		return st, true
	}
	if st := contextStatus(ctx, err); st != nil {
		return st, true
	}
	var unavailable interface{ Unavailable() bool }
	if errors.As(err, &unavailable) && unavailable.Unavailable() {
		return newStatus(codes.Unavailable, "DATABASE_UNAVAILABLE", "the database does not answer; nothing was lost, try again in a moment with the same request_id", nil,
			&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}), false
	}
	var conflict interface{ Conflict() bool }
	if errors.As(err, &conflict) && conflict.Conflict() {
		return newStatus(codes.Aborted, "CONFLICT", "another call changed the same at the same moment; nothing was lost, try again with the same request_id", nil,
			&errdetails.RetryInfo{RetryDelay: durationpb.New(100 * time.Millisecond)}), false
	}
	var slow interface{ Timeout() bool }
	if errors.As(err, &slow) && slow.Timeout() {
		return timeoutStatus(), false
	}
	if st, ok := status.FromError(err); ok {
		return st, true
	}
	return newStatus(codes.Internal, "INTERNAL", "something went wrong in the server; its log tells more", nil), false
}

func typedStatus(err error) *status.Status {
	var (
		field    *suggest.FieldError
		decided  *suggest.DecidedError
		open     *suggest.UnverifiedError
		claimed  *suggest.ClaimedError
		role     *RoleError
		removals *knowledge.RemovalsError
		blocked  *knowledge.BlockedError
		invalid  *protovalidate.ValidationError
	)
	switch {
	case errors.As(err, &field):
		return newStatus(codes.InvalidArgument, "INVALID_FIELD", field.Error(), nil,
			badRequest(violation(field.Field, field.Message)))
	case errors.As(err, &decided):
		return newStatus(codes.Aborted, "ALREADY_DECIDED", decided.Error(), actorInfo("decided_by", decided.By))
	case errors.As(err, &open):
		return newStatus(codes.FailedPrecondition, "UNVERIFIED_CLAIMS", open.Error(), map[string]string{
			"single_claim_ids": strings.Join(open.Need.Single, ","), "other_claim_ids": strings.Join(open.Need.Others, ","),
		})
	case errors.As(err, &claimed):
		return newStatus(codes.Aborted, "CLAIMED_BY_OTHER", claimed.Error(), actorInfo("claimed_by", claimed.By))
	case errors.As(err, &role):
		return newStatus(codes.PermissionDenied, "ROLE_NOT_ALLOWED", role.Error(), nil)
	case errors.As(err, &removals):
		return newStatus(codes.FailedPrecondition, "REMOVALS_NOT_ALLOWED", removals.Error(), nil)
	case errors.As(err, &blocked):
		return newStatus(codes.FailedPrecondition, "PLAN_HAS_PROBLEMS", blocked.Error(), nil)
	case errors.As(err, &invalid):
		return invalidStatus(invalid)
	}
	return nil
}

// contextStatus asks the call's own context first: a provider's timeout inside
// the call is not the caller's.
func contextStatus(ctx context.Context, err error) *status.Status {
	if ctx.Err() == nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return timeoutStatus()
		}
		return nil
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return newStatus(codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the call's deadline went by; try again with the same request_id and more time", nil)
	}
	return newStatus(codes.Canceled, "CANCELLED", "the caller went away", nil)
}

func timeoutStatus() *status.Status {
	return newStatus(codes.Unavailable, "TIMEOUT", "a part that the server depends on took too long; nothing was lost, try again in a moment with the same request_id", nil,
		&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)})
}

func invalidStatus(invalid *protovalidate.ValidationError) *status.Status {
	var violations []*errdetails.BadRequest_FieldViolation
	summary := ""
	for _, v := range invalid.Violations {
		path := protovalidate.FieldPathString(v.Proto.GetField())
		violations = append(violations, violation(path, v.Proto.GetMessage()))
		if summary != "" {
			summary += "; "
		}
		summary += path + ": " + v.Proto.GetMessage()
	}
	return newStatus(codes.InvalidArgument, "INVALID_FIELD", summary, nil, badRequest(violations...))
}

func violation(field, message string) *errdetails.BadRequest_FieldViolation {
	return &errdetails.BadRequest_FieldViolation{Field: field, Description: message}
}

func badRequest(violations ...*errdetails.BadRequest_FieldViolation) protoadapt.MessageV1 {
	return protoadapt.MessageV1Of(&errdetails.BadRequest{FieldViolations: violations})
}

func actorInfo(name string, a suggest.Actor) map[string]string {
	return map[string]string{name: a.ID, name + "_name": a.Name}
}

func newStatus(code codes.Code, reason, message string, facts map[string]string, details ...protoadapt.MessageV1) *status.Status {
	st := status.New(code, message)
	all := append([]protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: reason, Domain: errorDomain, Metadata: facts}}, details...)
	with, err := st.WithDetails(all...)
	if err != nil {
		return st
	}
	return with
}
