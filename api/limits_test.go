package api_test

import (
	"testing"
	"unicode/utf8"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/purser-desk/purser/api"
	"github.com/purser-desk/purser/knowledge"
	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
)

// The contract bounds some of what the code bounds too; a client that keeps to
// the one must not be refused by the other.
func TestLimitsAgreeWithTheContract(t *testing.T) {
	t.Parallel()
	rules := func(m proto.Message, field string) *validate.FieldRules {
		f := m.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(field))
		if f == nil {
			t.Fatalf("%T has no %s", m, field)
		}
		r, ok := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules)
		if !ok || r == nil {
			t.Fatalf("%T.%s has no rules", m, field)
		}
		return r
	}
	length := func(m proto.Message, field string) int {
		return int(rules(m, field).GetString().GetMaxLen())
	}
	page := func(m proto.Message) int { return int(rules(m, "page_size").GetInt32().GetLte()) }
	labels := rules(&purserv1.SearchRequest{}, "labels").GetRepeated()
	for name, c := range map[string]struct{ contract, code int }{
		"bytes of a message":        {length(&purserv1.AppendMessageRequest{}, "text") * utf8.UTFMax, suggest.MaxMessageBytes},
		"bytes of a delivered text": {length(&purserv1.ReportDeliveryRequest{}, "text") * utf8.UTFMax, suggest.MaxMessageBytes},
		"bytes of an edited text":   {length(&purserv1.EditDraft{}, "final_text") * utf8.UTFMax, suggest.MaxMessageBytes},
		"bytes of an own reply":     {length(&purserv1.OwnReply{}, "final_text") * utf8.UTFMax, suggest.MaxMessageBytes},
		"a key":                     {length(&purserv1.GetArticleRequest{}, "key"), knowledge.MaxKeyRunes},
		"a source":                  {length(&purserv1.PlanImportHeader{}, "source"), knowledge.MaxSourceRunes},
		"a source that is listed":   {length(&purserv1.ListArticlesRequest{}, "source"), knowledge.MaxSourceRunes},
		"labels":                    {int(labels.GetMaxItems()), knowledge.MaxLabels},
		"a label":                   {int(labels.GetItems().GetString().GetMaxLen()), knowledge.MaxLabelRunes},
		"a page of keys":            {page(&purserv1.ListKeysRequest{}), api.MaxKeysPage},
		"a page of the queue":       {page(&purserv1.ListQueueRequest{}), api.MaxQueuePage},
		"a page of changes":         {page(&purserv1.ListPlanChangesRequest{}), api.MaxChangesPage},
	} {
		if c.contract != c.code || c.code == 0 {
			t.Errorf("%s: %d in the contract, %d in the code", name, c.contract, c.code)
		}
	}
}
