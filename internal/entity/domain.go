package entity

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Domain is the part of a host that somebody registered, such as
// "skerry.example" of "help.skerry.example"; an IP address stays as it is. It is
// "" where Host is, and for a host under which anyone registers, such as "co.uk".
func (f Entity) Domain() string {
	host := f.Host()
	if host == "" {
		return ""
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}

// IsContact reports entities that lead a reader somewhere: links to a host,
// e-mail addresses, phone numbers and IBANs.
func (f Entity) IsContact() bool {
	switch f.Kind {
	case URL:
		return f.Host() != ""
	case Email, Phone, IBAN:
		return true
	case Number, Amount, Percent, Date, Time, Duration, Card, Code:
	}
	return false
}

// IsPlace reports links that a browser can follow to a host on the web.
func (f Entity) IsPlace() bool {
	host := f.Host()
	return f.Kind == URL && strings.Contains(host, ".") && !strings.Contains(f.Value, "://")
}
