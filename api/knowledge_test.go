package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

func header(t *testing.T, source string) *purserv1.PlanImportHeader {
	t.Helper()
	return &purserv1.PlanImportHeader{RequestId: id(t), Actor: kari, Source: source}
}

// numbered are n articles on n matters.
func numbered(n int) []*purserv1.ImportDocument {
	docs := make([]*purserv1.ImportDocument, n)
	for i := range docs {
		docs[i] = &purserv1.ImportDocument{
			Key: fmt.Sprintf("article-%03d", i), Locale: "en", Title: fmt.Sprintf("Matter number %d", i),
			Body: fmt.Sprintf("All that is to be said on matter %d stands here.", i), Origin: fmt.Sprintf("kb/%03d.md", i),
		}
	}
	return docs
}

func (c *caller) apply(t *testing.T, plan *purserv1.ImportPlan, f ...func(*purserv1.ApplyImportRequest)) (*purserv1.ApplyImportResponse, error) {
	t.Helper()
	r := &purserv1.ApplyImportRequest{RequestId: id(t), Actor: kari, PlanId: plan.GetPlanId()}
	for _, change := range f {
		change(r)
	}
	return c.knowledge.ApplyImport(t.Context(), r)
}

func (c *caller) mustPlan(t *testing.T, h *purserv1.PlanImportHeader, docs ...*purserv1.ImportDocument) *purserv1.ImportPlan {
	t.Helper()
	plan, err := c.plan(t, h, docs...)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// articles lists keys and locales, page by page.
func (c *caller) articles(t *testing.T, r *purserv1.ListArticlesRequest) []string {
	t.Helper()
	var all []string
	for {
		page, err := c.knowledge.ListArticles(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.GetArticles() {
			if a.GetBody() != "" {
				t.Error("a list holds bodies")
			}
			all = append(all, a.GetKey()+" "+a.GetLocale())
		}
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			return all
		}
	}
}

func TestAnImportFromPlanToArticle(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.keyOf(t, s.workspace(t, "one"), purserv1.KeyRole_KEY_ROLE_EDITOR))
	docs := numbered(6)
	plan := c.mustPlan(t, header(t, "kb"), docs...)
	equal(t, []int32{plan.GetAdded(), plan.GetChanged(), plan.GetRemoved(), plan.GetUnchanged(), plan.GetExisting()}, []int32{6, 0, 0, 0, 0})
	equal(t, len(c.articles(t, &purserv1.ListArticlesRequest{})), 0) // a plan changes nothing
	applied, err := c.apply(t, plan)
	if err != nil {
		t.Fatal(err)
	}
	if applied.GetPlan().GetApplyTime() == nil {
		t.Error("no time of applying")
	}
	equal(t, len(c.articles(t, &purserv1.ListArticlesRequest{PageSize: 4})), 6)

	// The next import changes one, drops one, adds one and leaves the rest.
	docs[0].Body += " And more."
	docs[5].Key = "article-new"
	next := c.mustPlan(t, header(t, "kb"), docs...)
	equal(t, []int32{next.GetAdded(), next.GetChanged(), next.GetRemoved(), next.GetUnchanged(), next.GetExisting()}, []int32{1, 1, 1, 4, 6})
	equal(t, next.GetNeedsAllowRemovals(), false)
	changes, err := c.knowledge.ListPlanChanges(t.Context(), &purserv1.ListPlanChangesRequest{PlanId: next.GetPlanId()})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, ch := range changes.GetChanges() {
		lines = append(lines, strings.TrimPrefix(ch.GetKind().String(), "ARTICLE_CHANGE_KIND_")+" "+ch.GetKey()+" "+strings.Join(ch.GetFields(), ","))
	}
	equal(t, lines, []string{"REMOVED article-005 ", "CHANGED article-000 body", "ADDED article-new "})
	if _, err := c.apply(t, next); err != nil {
		t.Fatal(err)
	}
	get := func(key string, revision int32) (*purserv1.Article, error) {
		a, err := c.knowledge.GetArticle(t.Context(), &purserv1.GetArticleRequest{Key: key, Locale: "en", Revision: revision})
		return a.GetArticle(), err
	}
	now, err := get("article-000", 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, []any{now.GetRevision(), now.GetCurrent(), now.GetBody()}, []any{int32(2), true, docs[0].GetBody()})
	before, err := get("article-000", 1)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, []any{before.GetRevision(), before.GetCurrent()}, []any{int32(1), false})
	for name, r := range map[string]*purserv1.GetArticleRequest{
		"removed":          {Key: "article-005", Locale: "en"},
		"unknown key":      {Key: "nothing", Locale: "en"},
		"unknown locale":   {Key: "article-000", Locale: "de"},
		"unknown revision": {Key: "article-000", Locale: "en", Revision: 9},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.knowledge.GetArticle(t.Context(), r)
			wantReason(t, err, codes.NotFound, "ARTICLE_NOT_FOUND")
		})
	}
	_, err = c.knowledge.GetArticle(t.Context(), &purserv1.GetArticleRequest{Key: "article-000", Locale: "klingonish-?"})
	wantReason(t, err, codes.InvalidArgument, "INVALID_FIELD")
	if other, err := c.knowledge.GetArticle(t.Context(), &purserv1.GetArticleRequest{Key: "article-000", Locale: "EN"}); err != nil || other.GetArticle().GetLocale() != "en" {
		t.Errorf("another spelling of the locale: %v, %v", other, err)
	}
}

func TestPlansThatCannotBeApplied(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	c.imports(t, "kb", numbered(10)...)
	bad := numbered(3)
	bad[1].Title = " "

	first, second := c.mustPlan(t, header(t, "kb"), numbered(9)...), c.mustPlan(t, header(t, "other"), bagArticle())
	t.Run("applied already", func(t *testing.T) {
		request := func(r *purserv1.ApplyImportRequest) { r.RequestId = "apply-once" }
		done, err := c.apply(t, second, request)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.apply(t, second, request)
		if err != nil || !proto.Equal(done, again) {
			t.Errorf("the same request: %v, %v", again, err)
		}
		_, err = c.apply(t, second)
		wantReason(t, err, codes.FailedPrecondition, "PLAN_APPLIED")
		_, err = c.apply(t, first, request)
		wantReason(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
	})
	t.Run("outdated", func(t *testing.T) {
		_, err := c.apply(t, first)
		wantReason(t, err, codes.FailedPrecondition, "PLAN_OUTDATED")
	})
	t.Run("removes too much", func(t *testing.T) {
		plan := c.mustPlan(t, header(t, "kb"), numbered(7)...)
		equal(t, plan.GetNeedsAllowRemovals(), true)
		_, err := c.apply(t, plan)
		st := wantReason(t, err, codes.FailedPrecondition, "REMOVALS_NOT_ALLOWED")
		if !strings.Contains(st.Message(), "3 of 10") {
			t.Errorf("says %q", st.Message())
		}
		keeping := header(t, "kb")
		keeping.KeepMissing = true
		kept := c.mustPlan(t, keeping, numbered(7)...)
		equal(t, []any{kept.GetRemoved(), kept.GetNeedsAllowRemovals()}, []any{int32(0), false})
	})
	t.Run("removes everything", func(t *testing.T) {
		plan := c.mustPlan(t, header(t, "kb"))
		equal(t, []any{plan.GetRemoved(), plan.GetNeedsAllowRemovals()}, []any{int32(10), true})
		_, err := c.apply(t, plan)
		wantReason(t, err, codes.FailedPrecondition, "REMOVALS_NOT_ALLOWED")
	})
	t.Run("holds problems", func(t *testing.T) {
		plan := c.mustPlan(t, header(t, "kb"), bad...)
		equal(t, plan.GetProblemCount(), int32(1))
		_, err := c.apply(t, plan, func(r *purserv1.ApplyImportRequest) { r.AllowRemovals = true })
		wantReason(t, err, codes.FailedPrecondition, "PLAN_HAS_PROBLEMS")
	})
	t.Run("unknown", func(t *testing.T) {
		_, err := c.apply(t, &purserv1.ImportPlan{PlanId: id(t)})
		wantReason(t, err, codes.NotFound, "PLAN_NOT_FOUND")
		_, err = c.apply(t, &purserv1.ImportPlan{PlanId: "plan"})
		wantReason(t, err, codes.InvalidArgument, "INVALID_FIELD")
	})
	equal(t, len(c.articles(t, &purserv1.ListArticlesRequest{Source: "kb"})), 10)
	t.Run("allowed to remove", func(t *testing.T) {
		plan := c.mustPlan(t, header(t, "kb"), numbered(7)...)
		if _, err := c.apply(t, plan, func(r *purserv1.ApplyImportRequest) { r.AllowRemovals = true }); err != nil {
			t.Fatal(err)
		}
		equal(t, len(c.articles(t, &purserv1.ListArticlesRequest{Source: "kb"})), 7)
	})
	t.Run("expired", func(t *testing.T) {
		plan := c.mustPlan(t, header(t, "kb"), numbered(8)...)
		s.clock.advance(25 * time.Hour)
		_, err := c.apply(t, plan)
		wantReason(t, err, codes.FailedPrecondition, "PLAN_EXPIRED")
	})
}

func TestDocumentsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	change := func(f func(*purserv1.ImportDocument)) []*purserv1.ImportDocument {
		docs := numbered(3)
		f(docs[1])
		return docs
	}
	for name, w := range map[string]struct {
		docs []*purserv1.ImportDocument
		kind string
	}{
		"no key":         {change(func(d *purserv1.ImportDocument) { d.Key = "" }), "MISSING_FIELD"},
		"blanks in key":  {change(func(d *purserv1.ImportDocument) { d.Key = "a b" }), "INVALID_FIELD"},
		"duplicate key":  {change(func(d *purserv1.ImportDocument) { d.Key = "article-000" }), "DUPLICATE_KEY"},
		"no locale":      {change(func(d *purserv1.ImportDocument) { d.Locale = "" }), "MISSING_FIELD"},
		"unknown locale": {change(func(d *purserv1.ImportDocument) { d.Locale = "klingonish-?" }), "INVALID_FIELD"},
		"no title":       {change(func(d *purserv1.ImportDocument) { d.Title = "" }), "MISSING_FIELD"},
		"NUL title":      {change(func(d *purserv1.ImportDocument) { d.Title = "\x00\u202e" }), "MISSING_FIELD"},
		"long title":     {change(func(d *purserv1.ImportDocument) { d.Title = strings.Repeat("a", 501) }), "INVALID_FIELD"},
		"no text":        {change(func(d *purserv1.ImportDocument) { d.Body = " \n " }), "MISSING_FIELD"},
		"long text":      {change(func(d *purserv1.ImportDocument) { d.Body = strings.Repeat("a ", 500_001) }), "TOO_LARGE"},
		"no web address": {change(func(d *purserv1.ImportDocument) { d.Url = "javascript:alert(1)" }), "INVALID_FIELD"},
		"long label":     {change(func(d *purserv1.ImportDocument) { d.Labels = []string{strings.Repeat("a", 101)} }), "INVALID_FIELD"},
		"ends before it begins": {change(func(d *purserv1.ImportDocument) {
			d.ValidFrom, d.ValidUntil = timestamppb.New(time.Unix(2e9, 0)), timestamppb.New(time.Unix(1e9, 0))
		}), "INVALID_FIELD"},
		"nothing": {nil, "EMPTY"},
	} {
		t.Run(name, func(t *testing.T) {
			plan := c.mustPlan(t, header(t, "kb"), w.docs...)
			if plan.GetProblemCount() != 1 || len(plan.GetProblems()) != 1 {
				t.Fatalf("problems: %v", plan.GetProblems())
			}
			p := plan.GetProblems()[0]
			equal(t, []any{p.GetKind(), p.GetBlocking()}, []any{w.kind, true})
			if w.docs != nil {
				equal(t, p.GetOrigin(), "kb/001.md")
			}
			if len(p.GetMessage()) < 20 {
				t.Errorf("says only %q", p.GetMessage())
			}
			_, err := c.apply(t, plan)
			wantReason(t, err, codes.FailedPrecondition, "PLAN_HAS_PROBLEMS")
		})
	}
	equal(t, len(c.articles(t, &purserv1.ListArticlesRequest{})), 0)
}

func TestStreamsOfPlanImport(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	head := func(h *purserv1.PlanImportHeader) *purserv1.PlanImportRequest {
		return &purserv1.PlanImportRequest{Part: &purserv1.PlanImportRequest_Header{Header: h}}
	}
	docs := func(d ...*purserv1.ImportDocument) *purserv1.PlanImportRequest {
		return &purserv1.PlanImportRequest{Part: &purserv1.PlanImportRequest_Documents{Documents: &purserv1.ImportDocuments{Documents: d}}}
	}
	send := func(t *testing.T, parts ...*purserv1.PlanImportRequest) (*purserv1.PlanImportResponse, error) {
		t.Helper()
		stream, err := c.knowledge.PlanImport(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			_ = stream.Send(p) // fails once the server has refused
		}
		return stream.CloseAndRecv()
	}
	nine := numbered(9)
	for name, w := range map[string]struct {
		parts  []*purserv1.PlanImportRequest
		reason string
	}{
		"nothing at all":   {nil, "HEADER_MISSING"},
		"no header":        {[]*purserv1.PlanImportRequest{docs(nine...)}, "HEADER_MISSING"},
		"header at last":   {[]*purserv1.PlanImportRequest{docs(nine...), head(header(t, "kb"))}, "HEADER_MISSING"},
		"two headers":      {[]*purserv1.PlanImportRequest{head(header(t, "kb")), head(header(t, "kb"))}, "HEADER_MISSING"},
		"an empty message": {[]*purserv1.PlanImportRequest{head(header(t, "kb")), {}}, "INVALID_FIELD"},
		"no source":        {[]*purserv1.PlanImportRequest{head(header(t, ""))}, "INVALID_FIELD"},
		"blank source":     {[]*purserv1.PlanImportRequest{head(header(t, "  ")), docs(nine...)}, "INVALID_FIELD"},
		"no actor":         {[]*purserv1.PlanImportRequest{head(&purserv1.PlanImportHeader{RequestId: id(t), Source: "kb"})}, "INVALID_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := send(t, w.parts...)
			wantReason(t, err, codes.InvalidArgument, w.reason)
		})
	}
	h := header(t, "kb")
	first, err := send(t, head(h), docs(nine...))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the same in other batches is the same request", func(t *testing.T) {
		again, err := send(t, head(h), docs(nine[:2]...), docs(nine[2:]...))
		if err != nil || !proto.Equal(first, again) {
			t.Errorf("got %v, %v", again, err)
		}
	})
	t.Run("other documents under the same request", func(t *testing.T) {
		_, err := send(t, head(h), docs(nine[:8]...))
		wantReason(t, err, codes.AlreadyExists, "REQUEST_ID_REUSED")
	})
	t.Run("a caller that goes away plans nothing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := c.knowledge.PlanImport(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_ = stream.Send(head(header(t, "gone")))
		_ = stream.Send(docs(nine...))
		cancel()
		if _, err := stream.CloseAndRecv(); err == nil {
			t.Error("got a plan")
		}
		var plans int
		if err := s.schema.Owner.QueryRow(t.Context(), `SELECT count(*) FROM import_plans WHERE source = 'gone'`).Scan(&plans); err != nil {
			t.Fatal(err)
		}
		equal(t, plans, 0)
	})
}

func TestPagesOfPlanChanges(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	plan := c.mustPlan(t, header(t, "kb"), numbered(25)...)
	var keys []string
	sizes := []int{}
	for token := ""; ; {
		page, err := c.knowledge.ListPlanChanges(t.Context(), &purserv1.ListPlanChangesRequest{PlanId: plan.GetPlanId(), PageSize: 10, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.GetChanges()))
		for _, ch := range page.GetChanges() {
			keys = append(keys, ch.GetKey())
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	equal(t, sizes, []int{10, 10, 5})
	for i, k := range keys {
		equal(t, k, fmt.Sprintf("article-%03d", i))
	}
	// "nonsense", {}, {"after":99999999999999}, {"after":-5}, {"after":"x"}, {"key":"\u0000"}
	tokens := []string{"nonsense", "e30", "eyJhZnRlciI6OTk5OTk5OTk5OTk5OTl9", "eyJhZnRlciI6LTV9", "eyJhZnRlciI6IngifQ", "eyJrZXkiOiJcdTAwMDAifQ"}
	for _, token := range tokens {
		_, err := c.knowledge.ListPlanChanges(t.Context(), &purserv1.ListPlanChangesRequest{PlanId: plan.GetPlanId(), PageToken: token})
		wantReason(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID")
		_, err = c.knowledge.ListArticles(t.Context(), &purserv1.ListArticlesRequest{PageToken: token})
		wantReason(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID")
	}
	_, err := c.knowledge.ListPlanChanges(t.Context(), &purserv1.ListPlanChangesRequest{PlanId: id(t)})
	wantReason(t, err, codes.NotFound, "PLAN_NOT_FOUND")
}

func TestRolesAndImports(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	admin := s.workspace(t, "one")
	plan := s.as(t, admin).mustPlan(t, header(t, "kb"), numbered(2)...)
	for _, role := range []purserv1.KeyRole{purserv1.KeyRole_KEY_ROLE_AGENT, purserv1.KeyRole_KEY_ROLE_QA, purserv1.KeyRole_KEY_ROLE_SUPERVISOR} {
		t.Run(role.String(), func(t *testing.T) {
			c := s.as(t, s.keyOf(t, admin, role))
			_, err := c.plan(t, header(t, "kb"), numbered(2)...)
			wantReason(t, err, codes.PermissionDenied, "ROLE_NOT_ALLOWED")
			_, err = c.apply(t, plan)
			wantReason(t, err, codes.PermissionDenied, "ROLE_NOT_ALLOWED")
		})
	}
	_, err := s.as(t, "").plan(t, header(t, "kb"), numbered(2)...)
	wantReason(t, err, codes.Unauthenticated, "KEY_MISSING")
	editor := s.as(t, s.keyOf(t, admin, purserv1.KeyRole_KEY_ROLE_EDITOR))
	_, err = editor.suggest(t.Context(), asks(t, id(t)))
	wantReason(t, err, codes.PermissionDenied, "ROLE_NOT_ALLOWED")
	if _, err := editor.apply(t, plan); err != nil {
		t.Error(err)
	}
}

// The connection is killed in the middle of an import: nothing of it is there,
// and the same request carries it out later.
func TestAnImportThatIsKilledAppliesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	plan := c.mustPlan(t, header(t, "kb"), numbered(50)...)
	holder, err := s.schema.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// By the time that lexemes are written, the plan is claimed and articles are in.
	if _, err := holder.Exec(t.Context(), `LOCK TABLE passage_lexemes IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	var holderPID int
	if err := holder.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&holderPID); err != nil {
		t.Fatal(err)
	}
	request := func(r *purserv1.ApplyImportRequest) { r.RequestId = "apply" }
	failed := make(chan error, 1)
	go func() {
		_, err := c.apply(t, plan, request)
		failed <- err
	}()
	super, err := pgx.Connect(t.Context(), s.schema.SuperuserURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = super.Close(context.WithoutCancel(t.Context())) }()
	eventually(t, "the import waits for the lock and is killed", func() bool {
		var killed int
		err := super.QueryRow(t.Context(), `SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE $1 = ANY (pg_blocking_pids(pid))) k`, holderPID).Scan(&killed)
		return err == nil && killed > 0
	})
	wantRetry(t, wantReason(t, <-failed, codes.Unavailable, "DATABASE_UNAVAILABLE"))
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, len(c.articles(t, &purserv1.ListArticlesRequest{})), 0)
	for _, table := range []string{"articles", "revisions", "passages", "passage_lexemes", "title_lexemes", "lexeme_counts"} {
		var rows int
		if err := s.schema.Owner.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if rows != 0 {
			t.Errorf("%d rows are left in %s", rows, table)
		}
	}
	if _, err := c.apply(t, plan, request); err != nil {
		t.Fatalf("the same request again: %v", err)
	}
	equal(t, len(c.articles(t, &purserv1.ListArticlesRequest{})), 50)
}
