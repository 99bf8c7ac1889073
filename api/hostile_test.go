package api_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest/openai/openaitest"
)

// hostile fills every field of a message with the worst that its type holds. A
// oneof gets the member whose turn it is.
func hostile(m protoreflect.Message, text string, number int64, turn int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if one := f.ContainingOneof(); one != nil && one.Fields().Get(turn%one.Fields().Len()) != f {
			continue
		}
		if f.IsList() {
			list := m.Mutable(f).List()
			for range 2 {
				if f.Message() != nil {
					e := list.NewElement()
					hostileMessage(e.Message(), text, number, turn)
					list.Append(e)
				} else {
					list.Append(hostileValue(f, text, number))
				}
			}
			continue
		}
		if f.Message() != nil {
			hostileMessage(m.Mutable(f).Message(), text, number, turn)
			continue
		}
		m.Set(f, hostileValue(f, text, number))
	}
}

func hostileMessage(m protoreflect.Message, text string, number int64, turn int) {
	switch v := m.Interface().(type) {
	case *timestamppb.Timestamp:
		v.Seconds, v.Nanos = number, 7
	case *durationpb.Duration:
		v.Seconds = number
	default:
		hostile(m, text, number, turn)
	}
}

func hostileValue(f protoreflect.FieldDescriptor, text string, number int64) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(max(math.MinInt32, min(number, math.MaxInt32))))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(number)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(math.NaN())
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(text))
	default:
		return protoreflect.ValueOfString(text)
	}
}

// Whatever stands in a request, the answer is an answer or a refusal that says
// why; never an accident.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	d := newDesk(t, openaitest.Script{Text: bagAnswer})
	ticket := d.ticket(t, "T-1", bagQuestion)
	g := d.mustSuggest(t, asks(t, ticket)).suggestion
	plan := d.mustPlan(t, header(t, "kb"), petArticle())
	ids := map[string]string{"ticket_id": ticket, "suggestion_id": g.GetSuggestionId(), "plan_id": plan.GetPlanId(), "key_id": id(t)}
	texts := map[string]string{
		"NUL": "\x00", "NUL inside": "a\x00b", "override": "\u202e\u2066x", "blank": " \t\n ", "quotes": `'; DROP TABLE tickets; --"\`,
		"percent": "%_%", "JSON": `{"a":1}`, "locale": "en", "token": "eyJpZCI6IjEifQ", "emoji": "🙂👩‍👩‍👧", "separators": "a\u2028b\u0085c",
		"noncharacter": "\ufffe\uffff\U0010ffff", "long": strings.Repeat("é", 3000), "megabyte": strings.Repeat("x", 1<<20), "empty": "",
	}
	numbers := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 253402300800, 1764000000}
	for _, file := range []protoreflect.FileDescriptor{
		purserv1.File_purser_v1_ticket_proto, purserv1.File_purser_v1_suggestion_proto,
		purserv1.File_purser_v1_knowledge_proto, purserv1.File_purser_v1_admin_proto,
	} {
		services := file.Services()
		for i := range services.Len() {
			methods := services.Get(i).Methods()
			for j := range methods.Len() {
				method := methods.Get(j)
				if method.IsStreamingClient() {
					continue // below
				}
				t.Run(string(method.Name()), func(t *testing.T) {
					t.Parallel()
					kind, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
					if err != nil {
						t.Fatal(err)
					}
					turn := 0
					for name, text := range texts {
						for _, number := range numbers[:few(text, len(numbers))] {
							turn++
							req := kind.New().Interface()
							hostile(req.ProtoReflect(), text, number, turn)
							if turn%2 == 0 {
								makePlausible(req.ProtoReflect(), ids)
							}
							calm(t, name, req, invoke(t.Context(), d.conn, method, req))
						}
					}
				})
			}
		}
	}
	t.Run("PlanImport", func(t *testing.T) {
		t.Parallel()
		turn := 0
		for name, text := range texts {
			for _, number := range numbers[:few(text, len(numbers))] {
				turn++
				doc := &purserv1.ImportDocument{}
				hostile(doc.ProtoReflect(), text, number, turn)
				h := header(t, "hostile")
				if turn%2 == 0 {
					h.Source = text
				}
				if turn%3 == 0 {
					doc.Key, doc.Locale, doc.Title, doc.Url, doc.ValidFrom, doc.ValidUntil = "key"+text, "en", "x"+text, "", nil, nil
				}
				plan, err := d.plan(t, h, doc)
				calm(t, name, doc, err)
				if err == nil && plan.GetProblemCount() == 0 {
					_, err := d.apply(t, plan, func(r *purserv1.ApplyImportRequest) { r.AllowRemovals = true })
					calm(t, name, doc, err)
				}
			}
		}
	})
}

// few makes large texts go with two numbers alone.
func few(text string, all int) int {
	if len(text) > 1000 {
		return 2
	}
	return all
}

// makePlausible names things that exist, and an actor, so that a request gets
// past the first checks.
func makePlausible(m protoreflect.Message, ids map[string]string) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch name := string(f.Name()); {
		case name == "actor":
			m.Set(f, protoreflect.ValueOfMessage(kari.ProtoReflect()))
		case name == "request_id":
			m.Set(f, protoreflect.ValueOfString(uuid.NewString()))
		case name == "page_token":
			m.Clear(f)
		case f.Kind() == protoreflect.Int32Kind && !f.IsList():
			m.Clear(f)
		case ids[name] != "" && (f.ContainingOneof() == nil || m.Has(f)):
			m.Set(f, protoreflect.ValueOfString(ids[name]))
		}
	}
}

func invoke(ctx context.Context, conn *grpc.ClientConn, m protoreflect.MethodDescriptor, req proto.Message) error {
	name := "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
	kind, err := protoregistry.GlobalTypes.FindMessageByName(m.Output().FullName())
	if err != nil {
		return err
	}
	if !m.IsStreamingServer() {
		return conn.Invoke(ctx, name, req, kind.New().Interface())
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, name)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(req); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for err == nil {
		err = stream.RecvMsg(kind.New().Interface())
	}
	if err.Error() == "EOF" {
		return nil
	}
	return err
}

// calm fails for an answer that nobody foresaw.
func calm(t *testing.T, name string, req proto.Message, err error) {
	t.Helper()
	switch status.Code(err) {
	case codes.OK, codes.InvalidArgument, codes.NotFound, codes.FailedPrecondition, codes.Aborted, codes.AlreadyExists:
	case codes.ResourceExhausted: // the transport's bound
	default:
		text := prototext.Format(req)
		t.Errorf("%s: %v for %.600s", name, err, text)
	}
}
