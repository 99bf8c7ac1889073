package kind_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/purser-desk/purser/knowledge/openai"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/kind"
)

// fake embeds by functions.
type fake struct {
	space string
	embed func(texts []string) ([][]float32, error)
}

func (f fake) Space(context.Context) (string, error) { return f.space, nil }

func (f fake) Embed(_ context.Context, texts []string) ([][]float32, error) { return f.embed(texts) }

func real(t *testing.T) kind.Embedder {
	t.Helper()
	url := os.Getenv("PURSER_TEST_EMBEDDING_URL")
	if url == "" {
		t.Fatal(`PURSER_TEST_EMBEDDING_URL is not set: run "make test", or set it to an OpenAI-compatible endpoint with the models e5-query and e5-passage`)
	}
	embedder, err := openai.NewEmbedder(openai.Options{BaseURL: url, QuestionModel: "e5-query", PassageModel: "e5-passage"})
	if err != nil {
		t.Fatal(err)
	}
	return kind.Passages(embedder)
}

// None of these sentences is an example.
func TestTheShippedHeadTellsSentences(t *testing.T) {
	t.Parallel()
	const acts, promises, admits = 1, 2, 4
	for _, c := range []struct {
		locale, sentence string
		kind             suggest.ClaimKind
		flags            int
	}{
		{"en", "Dear Mr Abernathy,", suggest.ClaimGreeting, 0},
		{"en", "I'm so sorry to hear that your parcel is late.", suggest.ClaimEmpathy, 0},
		{"en", "Here is how to change the date of your trip:", suggest.ClaimLeadIn, 0},
		{"en", "Laptops must be taken out of the bag at security. [2]", suggest.ClaimStatement, 0},
		{"en", "- Press and hold the power button for ten seconds", suggest.ClaimStep, 0},
		{"en", "Could you tell us on which date you bought it?", suggest.ClaimQuestion, 0},
		{"en", "I can't see from here whether your order has left the warehouse.", suggest.ClaimGap, 0},
		{"en", "Please let us know if there is anything else we can do for you.", suggest.ClaimClosing, 0},
		{"en", "We have cancelled your order and refunded the price. [1]", suggest.ClaimStatement, acts},
		{"en", "We will refund you in full by tomorrow.", suggest.ClaimStatement, promises},
		{"en", "We admit that the loss of your parcel was our fault.", suggest.ClaimStatement, admits},
		{"de", "Es tut mir leid, dass Ihr Paket verloren ging.", suggest.ClaimEmpathy, 0},
		{"de", "Ich habe Ihre Bestellung soeben storniert.", suggest.ClaimStatement, acts},
		{"de", "Bestellungen können Sie bis zum Versand stornieren.", suggest.ClaimStatement, 0},
		{"fr", "Nous vous rembourserons intégralement dès demain.", suggest.ClaimStatement, promises},
		{"pl", "Czy może Pani podać datę zakupu?", suggest.ClaimQuestion, 0},
		{"ru", "Я уже отменил ваш заказ.", suggest.ClaimStatement, acts},
	} {
		got, err := kind.New(real(t)).Classify(t.Context(), []string{c.sentence}, c.locale)
		if err != nil {
			t.Fatal(err)
		}
		r, flags := got[0], 0
		if r.Acts() {
			flags |= acts
		}
		if r.Promises() {
			flags |= promises
		}
		if r.AdmitsFault() {
			flags |= admits
		}
		if r.Kind != c.kind || flags != c.flags || r.Needs() != c.kind.Says() || !r.Known {
			t.Errorf("%s: %+v", c.sentence, r)
		}
	}
}

func TestWithoutVectorsCertainPhrasesDecide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*kind.Classifier{
		"nobody embeds":   kind.New(nil),
		"another's space": kind.New(fake{space: "another/3/v1"}),
	} {
		for _, s := range []struct {
			locale, sentence string
			kind             suggest.ClaimKind
			needs            bool
		}{
			{"en-GB", "Dear Ms O'Neill,", suggest.ClaimGreeting, false},
			{"en", "Kind regards", suggest.ClaimClosing, false},
			{"de", "Sehr geehrte Frau Dr. Weiß,", suggest.ClaimGreeting, false},
			{"ru", "С уважением,", suggest.ClaimClosing, false},
			{"en", "Dear Tom, we refunded you 300 euros,", suggest.ClaimStatement, true},
			{"en", "Hi all bags are free", suggest.ClaimStatement, true},
			{"en", "I am sorry to hear that.", suggest.ClaimStatement, true},
			{"fi", "Kind regards", suggest.ClaimStatement, true},
			{"en", "", suggest.ClaimStatement, true},
		} {
			got, err := c.Classify(t.Context(), []string{s.sentence}, s.locale)
			if err != nil || got[0].Kind != s.kind || got[0].Needs() != s.needs || got[0].Known {
				t.Errorf("%s, %q: %+v, %v", name, s.sentence, got, err)
			}
		}
	}
}

func TestAFailingEmbedderLeavesPhrases(t *testing.T) {
	t.Parallel()
	failed := errors.New("the provider is away")
	c := kind.New(fake{space: kind.Shipped().Space(), embed: func([]string) ([][]float32, error) { return nil, failed }})
	got, err := c.Classify(t.Context(), []string{"Hello Tom,", "We have refunded you."}, "en")
	if !errors.Is(err, failed) || len(got) != 2 || got[0].Needs() || !got[1].Needs() || got[1].Known {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestVectorsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	for name, vectors := range map[string][][]float32{
		"too few": {}, "too short": {{1, 2, 3}}, "empty": {{}},
	} {
		c := kind.New(fake{space: kind.Shipped().Space(), embed: func([]string) ([][]float32, error) { return vectors, nil }})
		if got, err := c.Classify(t.Context(), []string{"We have refunded you."}, "en"); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A head is found by its space, whatever version of the passages' template the
// space counts.
func TestAHeadIsFoundByItsSpace(t *testing.T) {
	t.Parallel()
	for space, want := range map[string]bool{
		"e5-query+e5-passage/384/v1": true, "e5-query+e5-passage/384/v7": true,
		"e5-query+e5-passage/384/v1/a1b2c3d4": false, "e5-query+e5-passage/768/v1": false, "": false,
	} {
		got, err := kind.New(fake{space: space}).Tells(t.Context())
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", space, got, err)
		}
	}
}

func TestAHeadForAnotherSpaceIsFitted(t *testing.T) {
	t.Parallel()
	// A poor embedder: what letters the text is made of.
	letters := fake{space: "letters/8/v1", embed: func(texts []string) ([][]float32, error) {
		out := make([][]float32, len(texts))
		for i, s := range texts {
			out[i] = make([]float32, 8)
			for _, r := range s {
				out[i][r%8]++
			}
		}
		return out, nil
	}}
	last := 0
	h, err := kind.Fit(t.Context(), letters, func(done, total int) {
		if done <= last || done > total {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err = kind.ReadHead(h.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := kind.New(letters, h).Classify(t.Context(), []string{"Would you like a refund?", "Refunds are paid to the card:"}, "en")
	if err != nil || !got[0].Known || got[0].Kind != suggest.ClaimQuestion || got[1].Kind != suggest.ClaimLeadIn {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestExamplesAreOfEveryKindInEveryLanguage(t *testing.T) {
	t.Parallel()
	all, err := kind.Examples()
	if err != nil {
		t.Fatal(err)
	}
	type cell struct {
		language string
		kind     suggest.ClaimKind
	}
	count, marks, seen := map[cell]int{}, map[string][3]int{}, map[string]bool{}
	for _, e := range all {
		count[cell{e.Language, e.Kind}]++
		m := marks[e.Language]
		for i, is := range []bool{e.Action, e.Promise, e.Liability} {
			if is {
				m[i]++
			}
		}
		marks[e.Language] = m
		if key := e.Language + strings.ToLower(e.Sentence); seen[key] {
			t.Errorf("twice in %s: %s", e.Language, e.Sentence)
		} else {
			seen[key] = true
		}
	}
	for _, language := range strings.Fields("en nl de fr es it pl no sv ru") {
		for _, k := range suggest.ClaimKinds() {
			if n := count[cell{language, k}]; n < 6 {
				t.Errorf("%s has %d examples of %s", language, n, k)
			}
		}
		for i, n := range marks[language] {
			if n < 10 {
				t.Errorf("%s has %d examples of mark %d", language, n, i)
			}
		}
	}
}

func FuzzReadHead(f *testing.F) {
	f.Add(kind.Shipped().Bytes())
	f.Add([]byte("purser kind\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := kind.ReadHead(b)
		if err != nil {
			if !errors.Is(err, kind.ErrNotAHead) {
				t.Error(err)
			}
			return
		}
		if again, err := kind.ReadHead(h.Bytes()); err != nil || again.Space() != h.Space() {
			t.Errorf("%v", err)
		}
	})
}

func FuzzReadExamples(f *testing.F) {
	f.Add("[closing bank held]\nS| Bye.\n# a remark\n[action shop]\nA| We have sent it.")
	f.Add("A| before a section")
	f.Fuzz(func(t *testing.T, s string) {
		all, err := kind.ReadExamples(strings.NewReader(s), "en")
		if err != nil {
			return
		}
		for _, e := range all {
			if e.Sentence == "" || e.Batch == "" || e.Kind == "" {
				t.Errorf("%q: %+v", s, e)
			}
		}
	})
}

func FuzzClassify(f *testing.F) {
	f.Add("Dear Ms Smith, [1]", "en")
	f.Add("- **Ünïcode** 👩‍👩‍👧 ...", "de")
	f.Fuzz(func(t *testing.T, s, locale string) {
		got, err := kind.New(nil).Classify(t.Context(), []string{s}, locale)
		if err != nil || len(got) != 1 || got[0].Kind == "" {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	})
}
