package main

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// explainFlag says in our words what is wrong with how a flag was written.
func explainFlag(_ *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return misuse("there is no flag %s", dashed(unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames()))
	}
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return misuse("%s needs a value", dashed(bare.GetSpecifiedName(), bare.GetSpecifiedShortnames()))
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return misuse("--%s cannot be %q; write %s", wrong.GetFlag().Name, wrong.GetValue(), flagForms[wrong.GetFlag().Value.Type()])
	}
	return misuse("%v", err)
}

// dashed is a flag as it was written.
func dashed(name, shortnames string) string {
	if shortnames != "" {
		return "-" + strings.TrimPrefix(name, "-")
	}
	return "--" + name
}

// flagForms say what the values of a type of flag look like.
var flagForms = map[string]string{
	"bool":        "true or false",
	"int":         "a number",
	"figure":      "a whole number of at least 1",
	"percentages": "whole numbers separated by commas, such as 50,80,100, or none",
	"duration":    "a number with its unit, such as 20ms or 1s",
	"stringSlice": "words separated by commas",
}

// refuseEmpty refuses flags that were given an empty value: it comes from a
// variable that is not set, and to go on without it would mean something else
// than was asked for.
func refuseEmpty(cmd *cobra.Command, _ []string) (err error) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		values := []string{flag.Value.String()}
		if list, isList := flag.Value.(pflag.SliceValue); isList {
			values = list.GetSlice()
		}
		if len(values) == 0 || slices.Contains(values, "") {
			err = misuse("--%s has an empty value; leave it out, or check the variable that it comes from", flag.Name)
		}
	})
	return err
}

// demand refuses to do without flags that have no default.
func demand(cmd *cobra.Command, what string, flags ...string) error {
	var missing []string
	for _, flag := range flags {
		if !cmd.Flags().Changed(flag) {
			missing = append(missing, "--"+flag)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return misuse("%s needs %s", what, strings.Join(missing, " and "))
}

// checkListen makes sure that --listen is host:port.
func checkListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return misuse("--listen cannot be %q; write host:port, such as --listen 127.0.0.1:9090", address)
	}
	return nil
}
