package main

import (
	"errors"
	"strconv"
	"strings"
)

// figure is a flag that is a number of at least 1, or is not set.
type figure struct{ at **int64 }

func (f figure) String() string {
	if f.at == nil || *f.at == nil {
		return ""
	}
	return count(**f.at)
}

// Set implements pflag.Value.
func (f figure) Set(text string) error {
	number, err := strconv.ParseInt(text, 10, 64)
	if err == nil && number < 1 {
		err = errors.New("is less than 1")
	}
	*f.at = &number
	return err
}

// Type is the flag's in flagForms.
func (f figure) Type() string { return "figure" }

// percentages is a flag that is a list of numbers, the word none for an empty
// one, or is not set.
type percentages struct{ at **[]int }

func (p percentages) String() string {
	if p.at == nil || *p.at == nil {
		return ""
	}
	return numbers(**p.at)
}

// Set implements pflag.Value.
func (p percentages) Set(text string) error {
	list := []int{}
	for word := range strings.SplitSeq(text, ",") {
		if text == "none" {
			break
		}
		number, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return err
		}
		list = append(list, number)
	}
	*p.at = &list
	return nil
}

// Type is the flag's in flagForms.
func (p percentages) Type() string { return "percentages" }

// numbers are written as percentages reads them.
func numbers(list []int) string {
	if len(list) == 0 {
		return "none"
	}
	words := make([]string, len(list))
	for i, number := range list {
		words[i] = strconv.Itoa(number)
	}
	return strings.Join(words, ", ")
}
