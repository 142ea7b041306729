package config

import (
	"fmt"
	"time"
	_ "time/tzdata" // so that a container without a zone database knows them too
)

// TimeZone is a place's rules of time, by IANA name. The zero TimeZone is UTC.
type TimeZone struct{ location *time.Location }

// Location is never nil.
func (z TimeZone) Location() *time.Location {
	if z.location == nil {
		return time.UTC
	}
	return z.location
}

// UnmarshalText looks the name up. "Local" is refused: reports must not
// depend on the machine they are made on.
func (z *TimeZone) UnmarshalText(name []byte) error {
	location, err := time.LoadLocation(string(name))
	if err != nil || location == time.Local || len(name) == 0 {
		return fmt.Errorf("%q is not an IANA time zone such as UTC or Europe/Berlin", name)
	}
	z.location = location
	return nil
}

// MarshalText is the name.
func (z TimeZone) MarshalText() ([]byte, error) { return []byte(z.Location().String()), nil }
