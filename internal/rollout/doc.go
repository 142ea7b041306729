// Package rollout writes the settings that connect developers' machines to the
// gateway, one set of values in the form of each system, and reads settings
// that are there already to say where they conflict with the gateway or have
// drifted from it.
//
// It refuses to write a provider's credential, to write a login that is
// enforced beside a gateway's credential, and to touch a file that it did not
// write. Whatever it writes, it explains. A settings file that it checks may hold
// credentials: none of its findings repeats one.
//
// Facts about Claude Code are from contract.md 7 and client-behaviour.md,
// 2026-11-23, unless a line says otherwise.
package rollout
