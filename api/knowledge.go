package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/purser-desk/purser/knowledge"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
)

// Importer makes imports ready. What it takes long for it does before there is a
// transaction.
type Importer interface {
	WorkOut(ctx context.Context, w knowledge.Workspace, r knowledge.PlanRequest, docs iter.Seq2[knowledge.Document, error]) (knowledge.Plan, []knowledge.PlannedChange, error)
	Changes(ctx context.Context, w knowledge.Workspace, planID string, after, limit int) ([]knowledge.Change, error)
	Prepare(ctx context.Context, w knowledge.Workspace, planID string) (*knowledge.Prepared, error)
}

// Asker turns a question into a query that search understands: cleaned, with
// its language.
type Asker interface {
	Search(ctx context.Context, w knowledge.Workspace, q knowledge.Query) (knowledge.Results, error)
}

var errHeaderFirst = errors.New("an import begins with its header, sent once; then come the documents")

type knowledgeServer struct {
	purserv1.UnimplementedKnowledgeServiceServer
	library  knowledge.Library
	searcher Asker
	importer Importer
	requests RequestStore
}

func (s *knowledgeServer) Search(ctx context.Context, r *purserv1.SearchRequest) (*purserv1.SearchResponse, error) {
	results, err := s.searcher.Search(ctx, principal(ctx).Workspace, knowledge.Query{
		Text:           r.GetQuery(),
		Locale:         r.GetLocale(),
		Locales:        r.GetArticleLocales(),
		ExcludeLocales: r.GetExcludeLocales(),
		Labels:         r.GetLabels(),
		Limit:          pageSize(r.GetLimit(), 10),
	})
	if err != nil {
		return nil, err
	}
	return &purserv1.SearchResponse{Hits: mapAll(results.Hits, hitOut), WordsOnly: results.WordsOnly}, nil
}

func hitOut(h knowledge.Hit) *purserv1.SearchHit {
	out := &purserv1.SearchHit{
		ArticleKey: h.Key,
		Locale:     h.Locale,
		Revision:   int32Of(h.Revision),
		Title:      h.Title,
		Url:        h.URL,
		Score:      h.Score,
		DenseScore: h.SubScores.Dense,
		TitleScore: h.SubScores.Title,
		WordScore:  h.SubScores.Words,
		Kind:       articleKindOut(h.Kind.OrAnswer()),
	}
	if len(h.Passages) > 0 {
		p := h.Passages[0]
		out.HeadingPath, out.Text = p.HeadingPath, p.Text
		out.Range = &purserv1.TextRange{StartByte: int32Of(p.Start), EndByte: int32Of(p.End)}
	}
	return out
}

func (s *knowledgeServer) GetArticle(ctx context.Context, r *purserv1.GetArticleRequest) (*purserv1.GetArticleResponse, error) {
	locale, err := knowledge.CanonicalLocale("locale", r.GetLocale())
	if err != nil {
		return nil, err
	}
	a, err := s.library.Article(ctx, principal(ctx).Workspace, r.GetKey(), locale, int(r.GetRevision()))
	if err != nil {
		return nil, err
	}
	return &purserv1.GetArticleResponse{Article: articleOut(a)}, nil
}

type articlePlace struct {
	Key    string `json:"key"`
	Locale string `json:"locale"`
}

func (s *knowledgeServer) ListArticles(ctx context.Context, r *purserv1.ListArticlesRequest) (*purserv1.ListArticlesResponse, error) {
	page, err := pageOf(ctx, r, 100)
	if err != nil {
		return nil, err
	}
	f := knowledge.ArticleFilter{
		Source: r.GetSource(), Labels: r.GetLabels(),
		Limit: page.size + 1,
	}
	if r.GetLocale() != "" {
		if f.Locale, err = knowledge.CanonicalLocale("locale", r.GetLocale()); err != nil {
			return nil, err
		}
	}
	var after articlePlace
	if err := page.after(&after); err != nil {
		return nil, err
	}
	f.AfterKey, f.AfterLocale = withoutNUL(after.Key), withoutNUL(after.Locale)
	articles, err := s.library.Articles(ctx, principal(ctx).Workspace, f)
	if err != nil {
		return nil, err
	}
	articles, next, err := cutPage(page, articles, func(a knowledge.Article) any { return articlePlace{a.Key, a.Locale} })
	if err != nil {
		return nil, err
	}
	return &purserv1.ListArticlesResponse{Articles: mapAll(articles, articleOut), NextPageToken: next}, nil
}

func (s *knowledgeServer) GetIndexStatus(ctx context.Context, _ *purserv1.GetIndexStatusRequest) (*purserv1.GetIndexStatusResponse, error) {
	st, err := s.library.Status(ctx, principal(ctx).Workspace)
	if err != nil {
		return nil, err
	}
	return &purserv1.GetIndexStatusResponse{
		Articles: int32Of(st.Articles), Passages: int32Of(st.Passages), Embedded: int32Of(st.Embedded), Space: st.Space,
		GivenUp: int32Of(st.GivenUp), GivenUpReason: st.GivenUpReason, ArticlesToCut: int32Of(st.ToCut),
	}, nil
}

func (s *knowledgeServer) PlanImport(stream grpc.ClientStreamingServer[purserv1.PlanImportRequest, purserv1.PlanImportResponse]) error {
	ctx := stream.Context()
	received, err := receiveImport(stream)
	if err != nil {
		return err
	}
	header := received.header
	request := knowledge.PlanRequest{
		Source: strings.TrimSpace(header.GetSource()), KeepMissing: header.GetKeepMissing(), Actor: actorIn(header.GetActor()),
	}
	key := RequestKey{
		Method:      purserv1.KnowledgeService_PlanImport_FullMethodName,
		RequestID:   header.GetRequestId(),
		PayloadHash: received.hash.Sum(nil),
	}
	// The same request again gets its answer, whatever comes of this.
	plan, changes, failed := s.importer.WorkOut(ctx, principal(ctx).Workspace, request, received.all())
	answer, err := onceHashed(ctx, s.requests, key, &purserv1.PlanImportResponse{}, func(in Stores) (*purserv1.PlanImportResponse, error) {
		if failed != nil {
			return nil, failed
		}
		if err := in.Plans.SavePlan(ctx, principal(ctx).Workspace, plan, changes); err != nil {
			return nil, err
		}
		return &purserv1.PlanImportResponse{Plan: planOut(plan)}, nil
	})
	if err != nil {
		return err
	}
	return stream.SendAndClose(answer)
}

// receivedImport is a whole import as it came over the wire.
type receivedImport struct {
	header    *purserv1.PlanImportHeader
	documents []*purserv1.ImportDocument
	hash      hash.Hash
	bytes     int
}

func receiveImport(stream grpc.ClientStreamingServer[purserv1.PlanImportRequest, purserv1.PlanImportResponse]) (*receivedImport, error) {
	received := &receivedImport{hash: sha256.New()}
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := received.add(part); err != nil {
			return nil, err
		}
	}
	if received.header == nil {
		return nil, errHeaderFirst
	}
	return received, nil
}

func (r *receivedImport) add(part *purserv1.PlanImportRequest) error {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(part)
	if err != nil {
		return err
	}
	if r.bytes += len(b); r.bytes > knowledge.MaxImportBytes { // they are held in memory
		return &suggest.FieldError{Field: "documents", Message: fmt.Sprintf("hold more than %d MiB; import them in several sources", knowledge.MaxImportBytes>>20)}
	}
	if header := part.GetHeader(); header != nil {
		if r.header != nil {
			return errHeaderFirst
		}
		r.header = header
		r.hash.Write(b)
		return nil
	}
	if r.header == nil {
		return errHeaderFirst
	}
	// Each document by itself, so that the same import cut into other batches is
	// the same payload.
	for _, d := range part.GetDocuments().GetDocuments() {
		single, err := proto.MarshalOptions{Deterministic: true}.Marshal(d)
		if err != nil {
			return err
		}
		fmt.Fprintf(r.hash, "%d:", len(single))
		r.hash.Write(single)
		r.documents = append(r.documents, d)
	}
	return nil
}

func (r *receivedImport) all() iter.Seq2[knowledge.Document, error] {
	return func(yield func(knowledge.Document, error) bool) {
		for _, d := range r.documents {
			if !yield(documentIn(d), nil) {
				return
			}
		}
	}
}

type changePlace struct {
	After int32 `json:"after"`
}

func (s *knowledgeServer) ListPlanChanges(ctx context.Context, r *purserv1.ListPlanChangesRequest) (*purserv1.ListPlanChangesResponse, error) {
	page, err := pageOf(ctx, r, 100)
	if err != nil {
		return nil, err
	}
	var place changePlace
	if err := page.after(&place); err != nil {
		return nil, err
	}
	changes, err := s.importer.Changes(ctx, principal(ctx).Workspace, r.GetPlanId(), int(place.After), page.size+1)
	if err != nil {
		return nil, err
	}
	changes, next, err := cutPage(page, changes, func(knowledge.Change) any { return changePlace{place.After + int32Of(page.size)} })
	if err != nil {
		return nil, err
	}
	return &purserv1.ListPlanChangesResponse{Changes: mapAll(changes, changeOut), NextPageToken: next}, nil
}

func (s *knowledgeServer) ApplyImport(ctx context.Context, r *purserv1.ApplyImportRequest) (*purserv1.ApplyImportResponse, error) {
	request := knowledge.ApplyRequest{Actor: actorIn(r.GetActor()), AllowRemovals: r.GetAllowRemovals()}
	// Texts are cut and analysed before the request's transaction begins.
	prepared, err := s.importer.Prepare(ctx, principal(ctx).Workspace, r.GetPlanId())
	if err != nil {
		return nil, err
	}
	return once(ctx, s.requests, purserv1.KnowledgeService_ApplyImport_FullMethodName, r, &purserv1.ApplyImportResponse{},
		func(in Stores) (*purserv1.ApplyImportResponse, error) {
			applied, err := prepared.Apply(ctx, in.Index, request)
			if err != nil {
				return nil, err
			}
			return &purserv1.ApplyImportResponse{Plan: planOut(applied.Plan), PassagesToEmbed: int32Of(applied.PassagesToEmbed)}, nil
		})
}

func documentIn(d *purserv1.ImportDocument) knowledge.Document {
	return knowledge.Document{
		Key: d.GetKey(), Locale: d.GetLocale(), Title: d.GetTitle(), Body: d.GetBody(), Labels: d.GetLabels(), URL: d.GetUrl(),
		ValidFrom: timeIn(d.GetValidFrom()), ValidUntil: timeIn(d.GetValidUntil()), Origin: d.GetOrigin(),
		Kind: enumIn[knowledge.ArticleKind](d.GetKind(), "ARTICLE_KIND_"),
	}
}

func articleOut(a knowledge.Article) *purserv1.Article {
	return &purserv1.Article{
		Key: a.Key, Locale: a.Locale, Revision: int32Of(a.Revision), Title: a.Title, Body: a.Body, Labels: a.Labels, Url: a.URL,
		ValidFrom: timeOut(a.ValidFrom), ValidUntil: timeOut(a.ValidUntil), Source: a.Source,
		ReviseTime: timeOut(a.ReviseTime), Actor: actorOut(a.Actor), Current: a.Current,
		Kind: articleKindOut(a.Kind),
	}
}

func planOut(p knowledge.Plan) *purserv1.ImportPlan {
	return &purserv1.ImportPlan{
		PlanId: p.ID, Source: p.Source, Added: int32Of(p.Added), Changed: int32Of(p.Changed), Removed: int32Of(p.Removed),
		Unchanged: int32Of(p.Unchanged), Existing: int32Of(p.Existing), Problems: mapAll(p.Problems, problemOut),
		ProblemCount: int32Of(p.ProblemCount), NeedsAllowRemovals: p.NeedsAllowRemovals(),
		ExpireTime: timeOut(p.ExpireTime), ApplyTime: timeOut(p.ApplyTime),
	}
}

func problemOut(p knowledge.Problem) *purserv1.ImportProblem {
	return &purserv1.ImportProblem{
		Kind: string(p.Kind), Blocking: p.Severity == knowledge.SeverityError, Origin: p.Origin, Line: int32Of(p.Line), Message: p.Message,
	}
}

func changeOut(c knowledge.Change) *purserv1.ArticleChange {
	return &purserv1.ArticleChange{
		Kind: purserv1.ArticleChangeKind(enumOut(purserv1.ArticleChangeKind_value, "ARTICLE_CHANGE_KIND_", c.Kind)),
		Key:  c.Key, Locale: c.Locale, Title: c.Title, Fields: c.Fields, Origin: c.Origin,
		PassagesBefore: int32Of(c.PassagesBefore), PassagesAfter: int32Of(c.PassagesAfter),
	}
}

func articleKindOut(k knowledge.ArticleKind) purserv1.ArticleKind {
	return purserv1.ArticleKind(enumOut(purserv1.ArticleKind_value, "ARTICLE_KIND_", k))
}

func withoutNUL(s string) string { return strings.ReplaceAll(s, "\x00", "") }
