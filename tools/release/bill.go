package main

import (
	"bytes"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// billSuffix ends the name of a software bill of materials in CycloneDX JSON.
const billSuffix = ".cdx.json"

// bill lists what is inside a binary, as Go's linker recorded it there: every
// module with its version, digest and licence.
func (r *release) bill(binary string) ([]byte, error) {
	listed, err := r.command(nil, "go", "tool", "-modfile=tools/go.mod", "cyclonedx-gomod",
		"bin", "-json", "-std", "-licenses", "-noserial", "-notimestamp", "-version", r.version, binary)
	if err != nil {
		return nil, err
	}
	return reproducible(listed, r.time)
}

// reproducible gives a bill the release's time, and takes out of it what
// depends on the machine: the digests of the program that wrote it. It adds
// the two licences that the program cannot find, ours and Go's.
func reproducible(listed []byte, at time.Time) ([]byte, error) {
	var bill cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(listed), cyclonedx.BOMFileFormatJSON).Decode(&bill); err != nil {
		return nil, err
	}
	bill.Metadata.Timestamp = at.Format(time.RFC3339)
	if bill.Metadata.Tools != nil && bill.Metadata.Tools.Tools != nil {
		tools := *bill.Metadata.Tools.Tools
		for i := range tools {
			tools[i].Hashes = nil
		}
	}
	license(bill.Metadata.Component, "Apache-2.0")
	for i := range *bill.Components {
		if component := &(*bill.Components)[i]; component.Name == "std" {
			license(component, "BSD-3-Clause")
		}
	}
	var out bytes.Buffer
	err := cyclonedx.NewBOMEncoder(&out, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(&bill)
	return out.Bytes(), err
}

func license(component *cyclonedx.Component, id string) {
	component.Licenses = &cyclonedx.Licenses{{License: &cyclonedx.License{ID: id}}}
}
