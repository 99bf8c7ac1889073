package api_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
)

func voiceOfFjord() *purserv1.WorkspaceSettings {
	return &purserv1.WorkspaceSettings{
		TimeZone: "Europe/Oslo", DefaultLocale: "de",
		Brands: []*purserv1.Brand{{Name: "fjord", Company: "Fjord Ferries", Voice: &purserv1.Voice{
			Style:            "Short.",
			Address:          []*purserv1.FormOfAddress{{Locale: "de", Form: purserv1.AddressForm_ADDRESS_FORM_FORMAL}},
			Greetings:        []*purserv1.VoiceText{{Locale: "en", Channel: purserv1.Channel_CHANNEL_EMAIL, Text: "Dear {name},"}},
			Closings:         []*purserv1.VoiceText{{Text: "Yours"}},
			Signatures:       []*purserv1.VoiceText{{Text: "{agent}, {company}"}},
			ForbiddenPhrases: []*purserv1.VoiceText{{Locale: "en", Text: "unfortunately"}},
			Disclosures:      []*purserv1.VoiceText{{Text: "Written with help."}},
		}}},
		ChannelRules: []*purserv1.ChannelRule{{Channel: purserv1.Channel_CHANNEL_SOCIAL, Visibility: purserv1.Visibility_VISIBILITY_PUBLIC, MaxChars: 280, NoLinks: true}},
		Mandates: []*purserv1.Mandate{{
			Name: "meal", Role: purserv1.KeyRole_KEY_ROLE_AGENT, Kind: purserv1.MandateKind_MANDATE_KIND_GOODWILL, ContactReasons: []string{"delay"},
			MaxAmount: &purserv1.Money{CurrencyCode: "EUR", Units: 15}, Text: "A meal",
		}},
		Policies: &purserv1.Policies{LocalOnly: true, Reasons: []*purserv1.ReasonPolicy{{
			Reason: purserv1.OutcomeReason_OUTCOME_REASON_LEGAL, Help: purserv1.HumanOnlyHelp_HUMAN_ONLY_HELP_FACTS,
		}}},
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	key := s.workspace(t, "one")
	admin := s.as(t, key)
	qa := s.as(t, s.keyOf(t, key, purserv1.KeyRole_KEY_ROLE_QA))
	read := func(c *caller, revision int64) *purserv1.WorkspaceSettings {
		t.Helper()
		r, err := c.admin.Settings(t.Context(), &purserv1.SettingsRequest{Revision: revision})
		if err != nil {
			t.Fatal(err)
		}
		return r.GetSettings()
	}
	if got := read(qa, 0); got.GetRevision() != 0 || len(got.GetBrands()) > 0 {
		t.Errorf("a workspace without settings has %v", got)
	}
	want := voiceOfFjord()
	request := &purserv1.SettingsRequest{RequestId: id(t), Actor: kari, Update: want}
	stored, err := admin.admin.Settings(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := admin.admin.Settings(t.Context(), request)
	if err != nil || !proto.Equal(stored, again) {
		t.Errorf("the same request again: %v, %v", again, err)
	}
	got := read(qa, 0)
	equal(t, got.GetRevision(), int64(1))
	equal(t, got.GetUpdater().GetId(), "kari")
	got.Revision, got.UpdateTime, got.Updater = 0, nil, nil
	if !proto.Equal(got, want) {
		t.Errorf("read %v\nwant %v", got, want)
	}

	want.DefaultLocale = "en"
	_, err = admin.admin.Settings(t.Context(), &purserv1.SettingsRequest{RequestId: id(t), Actor: kari, Update: want})
	wantReason(t, err, codes.Aborted, "SETTINGS_CHANGED")
	want.Revision = 1
	if _, err = admin.admin.Settings(t.Context(), &purserv1.SettingsRequest{RequestId: id(t), Actor: kari, Update: want}); err != nil {
		t.Fatal(err)
	}
	equal(t, read(qa, 1).GetDefaultLocale(), "de")
	equal(t, read(qa, 0).GetDefaultLocale(), "en")
	_, err = qa.admin.Settings(t.Context(), &purserv1.SettingsRequest{Revision: 9})
	wantReason(t, err, codes.NotFound, "SETTINGS_NOT_FOUND")
	if got := read(s.as(t, s.workspace(t, "two")), 0); got.GetRevision() != 0 {
		t.Errorf("another workspace reads %v", got)
	}
}

func TestSettingsRefuse(t *testing.T) {
	t.Parallel()
	s := start(t, startOptions{})
	key := s.workspace(t, "one")
	supervisor := s.as(t, s.keyOf(t, key, purserv1.KeyRole_KEY_ROLE_SUPERVISOR))
	_, err := supervisor.admin.Settings(t.Context(), &purserv1.SettingsRequest{RequestId: id(t), Actor: kari, Update: voiceOfFjord()})
	wantReason(t, err, codes.PermissionDenied, "ROLE_NOT_ALLOWED")
	admin := s.as(t, key)
	for name, change := range map[string]func(*purserv1.SettingsRequest){
		"no request id":       func(r *purserv1.SettingsRequest) { r.RequestId = "" },
		"no actor":            func(r *purserv1.SettingsRequest) { r.Actor = nil },
		"no such time zone":   func(r *purserv1.SettingsRequest) { r.Update.TimeZone = "Oslo" },
		"no such language":    func(r *purserv1.SettingsRequest) { r.Update.DefaultLocale = "norsk?" },
		"a brand twice":       func(r *purserv1.SettingsRequest) { r.Update.Brands = append(r.Update.Brands, r.Update.Brands[0]) },
		"an unknown blank":    func(r *purserv1.SettingsRequest) { r.Update.Brands[0].Voice.Closings[0].Text = "Yours, {boss}" },
		"a reply of no words": func(r *purserv1.SettingsRequest) { r.Update.ChannelRules[0].MaxChars = 5 },
		"money without a sum": func(r *purserv1.SettingsRequest) { r.Update.Mandates[0].MaxAmount = nil },
		"a reason twice": func(r *purserv1.SettingsRequest) {
			r.Update.Policies.Reasons = append(r.Update.Policies.Reasons, r.Update.Policies.Reasons[0])
		},
	} {
		r := &purserv1.SettingsRequest{RequestId: id(t), Actor: kari, Update: voiceOfFjord()}
		change(r)
		_, err := admin.admin.Settings(t.Context(), r)
		t.Log(name)
		wantReason(t, err, codes.InvalidArgument, "INVALID_FIELD")
	}
}
