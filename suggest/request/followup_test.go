package request_test

import (
	"strings"
	"testing"

	"github.com/purser-desk/purser/suggest/request"
)

func TestFollowUp(t *testing.T) {
	t.Parallel()
	const asked = "Can I return a lamp?"
	for _, c := range []struct {
		name, locale, reply, message string
		want                         request.Reference
		holds                        string
	}{
		{"goes on", "en", "Yes, within 30 days.", "and what if it is broken?", request.Surely, asked},
		{"answers", "en", "Yes. Shall we collect it or will you send it?", "yes, collect please", request.Surely, "Shall we collect it or will you send it?"},
		{"answers without a yes", "en", "Yes. Which colour has it?", "dark green", request.Perhaps, "Which colour has it?"},
		{"another topic that is named", "en", "Yes, within 30 days.", "Another question: do you deliver?", request.Another, ""},
		{"another topic behind the old one", "en", "Yes, within 30 days.", "I have sent it. Besides, the kettle is dented.", request.Another, ""},
		{"another topic beside the old one", "en", "Yes, within 30 days.", "It was sent. Do you sell kettles?", request.Perhaps, asked},
		{"another topic at length", "en", "Yes, within 30 days.", "My neighbour wants to order a green kitchen table with four chairs, which shop has some?", request.Apart, ""},
		{"goes on in German", "de", "Ja, 30 Tage lang.", "und wenn sie kaputt ist?", request.Surely, asked},
		{"words of another language", "de", "Ja, 30 Tage lang.", "and then?", request.Perhaps, asked},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, r := request.FollowUp([]request.Turn{{Customer: true, Text: asked}, {Text: c.reply}}, c.message, c.locale)
			if r != c.want || !strings.Contains(s, c.holds) || !strings.HasSuffix(s, c.message) {
				t.Errorf("%d %q", r, s)
			}
			if r < request.Perhaps && s != c.message {
				t.Errorf("dragged back: %q", s)
			}
		})
	}
	if s, r := request.FollowUp(nil, "and what if it is broken?", "en"); r != request.Apart || s != "and what if it is broken?" {
		t.Errorf("nothing was said before: %d %q", r, s)
	}
}
