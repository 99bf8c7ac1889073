package api_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

// A token continues the list that gave it, and no other: not another kind of
// list, nor one with other filters, nor the same of another workspace.
func TestPageTokensBelongToTheirList(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	one, two := s.as(t, s.workspace(t, "one")), s.as(t, s.workspace(t, "two"))
	var plans []*purserv1.ImportPlan
	for _, c := range []*caller{two, one, one} {
		c.ticket(t, "T-1", "Where is my bag?")
		ticket := c.ticket(t, "T-2", "And my dog?")
		for range 2 {
			c.mustSuggest(t, asks(t, ticket))
		}
		c.imports(t, "kb", numbered(3)...)
		plans = append(plans, c.mustPlan(t, header(t, "other"), petArticle(), &purserv1.ImportDocument{Key: "x", Locale: "en", Title: "x", Body: "x"}))
		if _, err := c.admin.CreateKey(t.Context(), &purserv1.CreateKeyRequest{RequestId: id(t), Actor: kari, Name: "k", Role: purserv1.KeyRole_KEY_ROLE_QA}); err != nil {
			t.Fatal(err)
		}
	}
	lists := map[string]func(c *caller, size int32, token string) (string, error){
		"keys": func(c *caller, size int32, token string) (string, error) {
			r, err := c.admin.ListKeys(t.Context(), &purserv1.ListKeysRequest{PageSize: size, PageToken: token})
			return r.GetNextPageToken(), err
		},
		"queue": func(c *caller, size int32, token string) (string, error) {
			r, err := c.tickets.ListQueue(t.Context(), &purserv1.ListQueueRequest{PageSize: size, PageToken: token})
			return r.GetNextPageToken(), err
		},
		"queue of one actor": func(c *caller, size int32, token string) (string, error) {
			r, err := c.tickets.ListQueue(t.Context(), &purserv1.ListQueueRequest{PageSize: size, PageToken: token, UnclaimedOrBy: "kari"})
			return r.GetNextPageToken(), err
		},
		"suggestions": func(c *caller, size int32, token string) (string, error) {
			r, err := c.suggestions.ListSuggestions(t.Context(), &purserv1.ListSuggestionsRequest{PageSize: size, PageToken: token})
			return r.GetNextPageToken(), err
		},
		"articles": func(c *caller, size int32, token string) (string, error) {
			r, err := c.knowledge.ListArticles(t.Context(), &purserv1.ListArticlesRequest{PageSize: size, PageToken: token})
			return r.GetNextPageToken(), err
		},
		"a plan's changes": func(c *caller, size int32, token string) (string, error) {
			r, err := c.knowledge.ListPlanChanges(t.Context(), &purserv1.ListPlanChangesRequest{PlanId: plans[1].GetPlanId(), PageSize: size, PageToken: token})
			return r.GetNextPageToken(), err
		},
		"another plan's changes": func(c *caller, size int32, token string) (string, error) {
			r, err := c.knowledge.ListPlanChanges(t.Context(), &purserv1.ListPlanChangesRequest{PlanId: plans[2].GetPlanId(), PageSize: size, PageToken: token})
			return r.GetNextPageToken(), err
		},
	}
	for from, list := range lists {
		t.Run(from, func(t *testing.T) {
			token, err := list(one, 1, "")
			if err != nil || token == "" {
				t.Fatalf("token %q, %v", token, err)
			}
			if _, err := list(one, 2, token); err != nil {
				t.Errorf("its own list: %v", err)
			}
			for to, other := range lists {
				if to != from {
					_, err := other(one, 1, token)
					wantReason(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID")
				}
			}
			_, err = list(two, 1, token)
			wantReason(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID")
		})
	}
}

// The longest keys that an import takes can be paged through.
func TestPagesOfLongKeys(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	c := s.as(t, s.workspace(t, "one"))
	documents := numbered(3)
	for i, letter := range []string{"<", "🧳", "é"} {
		documents[i].Key = strings.Repeat(letter, 200)
	}
	c.imports(t, "kb", documents...)
	seen := 0
	for token := ""; ; {
		page, err := c.knowledge.ListArticles(t.Context(), &purserv1.ListArticlesRequest{PageSize: 1, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		seen += len(page.GetArticles())
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	equal(t, seen, 3)
}
