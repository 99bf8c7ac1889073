package api

import (
	"context"

	purserv1 "github.com/purser-desk/purser/proto/purser/v1"
	"github.com/purser-desk/purser/suggest"
	"github.com/purser-desk/purser/suggest/house"
)

// Settings reads the workspace's settings, and replaces them for an admin.
func (s *adminServer) Settings(ctx context.Context, r *purserv1.SettingsRequest) (*purserv1.SettingsResponse, error) {
	p := principal(ctx)
	if r.GetUpdate() == nil {
		found, err := s.settings.Settings(ctx, p.Workspace, r.GetRevision())
		if err != nil {
			return nil, err
		}
		return &purserv1.SettingsResponse{Settings: settingsOut(found)}, nil
	}
	switch {
	case p.Key.Role != RoleAdmin:
		return nil, &RoleError{Role: p.Key.Role, Method: "Settings with an update"}
	case r.GetRequestId() == "":
		return nil, &suggest.FieldError{Field: "request_id", Message: "is missing; an update needs one"}
	case r.GetActor() == nil:
		return nil, &suggest.FieldError{Field: "actor", Message: "is missing; an update says who makes it"}
	}
	changed, err := settingsIn(r.GetUpdate()).Checked()
	if err != nil {
		return nil, err
	}
	changed.Updater = actorIn(r.GetActor())
	return once(ctx, s.requests, purserv1.AdminService_Settings_FullMethodName, r, &purserv1.SettingsResponse{},
		func(in Stores) (*purserv1.SettingsResponse, error) {
			stored, err := in.Settings.PutSettings(ctx, p.Workspace, changed)
			if err != nil {
				return nil, err
			}
			return &purserv1.SettingsResponse{Settings: settingsOut(stored)}, nil
		})
}

func settingsIn(s *purserv1.WorkspaceSettings) house.Settings {
	out := house.Settings{
		Revision: s.GetRevision(), TimeZone: s.GetTimeZone(), DefaultLocale: s.GetDefaultLocale(),
		Brands: mapAll(s.GetBrands(), func(b *purserv1.Brand) house.Brand {
			return house.Brand{Name: b.GetName(), Company: b.GetCompany(), Voice: voiceIn(b.GetVoice())}
		}),
		ChannelRules: mapAll(s.GetChannelRules(), func(r *purserv1.ChannelRule) house.ChannelRule {
			return house.ChannelRule{
				Channel: enumIn[suggest.Channel](r.GetChannel(), "CHANNEL_"), Visibility: enumIn[suggest.Visibility](r.GetVisibility(), "VISIBILITY_"),
				MaxChars: int(r.GetMaxChars()), NoLinks: r.GetNoLinks(), NoGreeting: r.GetNoGreeting(), NoClosing: r.GetNoClosing(),
				NoSignature: r.GetNoSignature(), Instruction: r.GetInstruction(),
			}
		}),
		Mandates: mapAll(s.GetMandates(), func(m *purserv1.Mandate) house.Mandate {
			return house.Mandate{
				Name: m.GetName(), Role: enumIn[string](m.GetRole(), "KEY_ROLE_"), Kind: enumIn[house.MandateKind](m.GetKind(), "MANDATE_KIND_"),
				ContactReasons: m.GetContactReasons(), MaxAmount: moneyIn(m.GetMaxAmount()), MaxDays: int(m.GetMaxDays()), Text: m.GetText(),
			}
		}),
	}
	p := s.GetPolicies()
	out.Policies = house.Policies{
		LocalOnly: p.GetLocalOnly(), RedactBeforeEmbedding: p.GetRedactBeforeEmbedding(), SupervisorApproves: p.GetSupervisorApprovesUnverified(),
		Reasons: mapAll(p.GetReasons(), func(r *purserv1.ReasonPolicy) house.ReasonPolicy {
			return house.ReasonPolicy{
				Reason: enumIn[suggest.Reason](r.GetReason(), "OUTCOME_REASON_"), Help: enumIn[house.Help](r.GetHelp(), "HUMAN_ONLY_HELP_"), LocalOnly: r.GetLocalOnly(),
			}
		}),
	}
	return out
}

func voiceIn(v *purserv1.Voice) house.Voice {
	texts := func(list []*purserv1.VoiceText) []house.Text {
		return mapAll(list, func(t *purserv1.VoiceText) house.Text {
			return house.Text{Locale: t.GetLocale(), Channel: enumIn[suggest.Channel](t.GetChannel(), "CHANNEL_"), Text: t.GetText()}
		})
	}
	return house.Voice{
		Style: v.GetStyle(),
		Address: mapAll(v.GetAddress(), func(a *purserv1.FormOfAddress) house.FormOfAddress {
			return house.FormOfAddress{Locale: a.GetLocale(), Form: enumIn[house.AddressForm](a.GetForm(), "ADDRESS_FORM_")}
		}),
		Greetings: texts(v.GetGreetings()), Closings: texts(v.GetClosings()), Signatures: texts(v.GetSignatures()),
		Forbidden: texts(v.GetForbiddenPhrases()), Disclosures: texts(v.GetDisclosures()),
	}
}

func settingsOut(s house.Settings) *purserv1.WorkspaceSettings {
	out := &purserv1.WorkspaceSettings{
		Revision: s.Revision, UpdateTime: timeOut(s.UpdateTime), TimeZone: s.TimeZone, DefaultLocale: s.DefaultLocale,
		Brands: mapAll(s.Brands, func(b house.Brand) *purserv1.Brand {
			return &purserv1.Brand{Name: b.Name, Company: b.Company, Voice: voiceOut(b.Voice)}
		}),
		ChannelRules: mapAll(s.ChannelRules, func(r house.ChannelRule) *purserv1.ChannelRule {
			return &purserv1.ChannelRule{
				Channel: channelOut(r.Channel), Visibility: purserv1.Visibility(enumOut(purserv1.Visibility_value, "VISIBILITY_", r.Visibility)),
				MaxChars: int32Of(r.MaxChars), NoLinks: r.NoLinks, NoGreeting: r.NoGreeting, NoClosing: r.NoClosing, NoSignature: r.NoSignature,
				Instruction: r.Instruction,
			}
		}),
		Mandates: mapAll(s.Mandates, func(m house.Mandate) *purserv1.Mandate {
			made := &purserv1.Mandate{
				Name: m.Name, Role: purserv1.KeyRole(enumOut(purserv1.KeyRole_value, "KEY_ROLE_", m.Role)),
				Kind:           purserv1.MandateKind(enumOut(purserv1.MandateKind_value, "MANDATE_KIND_", m.Kind)),
				ContactReasons: m.ContactReasons, MaxDays: int32Of(m.MaxDays), Text: m.Text,
			}
			if m.MaxAmount != (suggest.Money{}) {
				made.MaxAmount = moneyOut(m.MaxAmount)
			}
			return made
		}),
	}
	if s.Revision > 0 {
		out.Updater = actorOut(s.Updater)
	}
	p := s.Policies
	out.Policies = &purserv1.Policies{
		LocalOnly: p.LocalOnly, RedactBeforeEmbedding: p.RedactBeforeEmbedding, SupervisorApprovesUnverified: p.SupervisorApproves,
		Reasons: mapAll(p.Reasons, func(r house.ReasonPolicy) *purserv1.ReasonPolicy {
			return &purserv1.ReasonPolicy{
				Reason: purserv1.OutcomeReason(enumOut(purserv1.OutcomeReason_value, "OUTCOME_REASON_", r.Reason)),
				Help:   purserv1.HumanOnlyHelp(enumOut(purserv1.HumanOnlyHelp_value, "HUMAN_ONLY_HELP_", r.Help)), LocalOnly: r.LocalOnly,
			}
		}),
	}
	return out
}

func voiceOut(v house.Voice) *purserv1.Voice {
	texts := func(list []house.Text) []*purserv1.VoiceText {
		return mapAll(list, func(t house.Text) *purserv1.VoiceText {
			return &purserv1.VoiceText{Locale: t.Locale, Channel: channelOut(t.Channel), Text: t.Text}
		})
	}
	return &purserv1.Voice{
		Style: v.Style,
		Address: mapAll(v.Address, func(a house.FormOfAddress) *purserv1.FormOfAddress {
			return &purserv1.FormOfAddress{Locale: a.Locale, Form: purserv1.AddressForm(enumOut(purserv1.AddressForm_value, "ADDRESS_FORM_", a.Form))}
		}),
		Greetings: texts(v.Greetings), Closings: texts(v.Closings), Signatures: texts(v.Signatures),
		ForbiddenPhrases: texts(v.Forbidden), Disclosures: texts(v.Disclosures),
	}
}
