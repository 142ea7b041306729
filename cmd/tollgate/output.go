package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"tollgate"
)

// output prints what a command found: for people, or as JSON.
type output struct{ json bool }

// add puts the flag on a command.
func (o *output) add(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// object prints one object.
func (o *output) object(cmd *cobra.Command, object any) error {
	if o.json {
		return printJSON(cmd.OutOrStdout(), object)
	}
	return describe(object).print(cmd.OutOrStdout())
}

// list prints a list: its JSON as it was received, or the table.
func (o *output) list(cmd *cobra.Command, list any, rows table) error {
	if o.json {
		return printJSON(cmd.OutOrStdout(), list)
	}
	return rows.print(cmd.OutOrStdout())
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// table is lines of cells under a header, in columns as wide as they need to
// be. Columns listed in numbers are aligned to the right.
type table struct {
	header  []string
	numbers map[int]bool
	rows    [][]string
}

func (t table) print(w io.Writer) error {
	lines := t.rows
	if t.header != nil {
		lines = append([][]string{t.header}, t.rows...)
	}
	widths := map[int]int{}
	for _, line := range lines {
		for i := range line {
			line[i] = printable(line[i])
			widths[i] = max(widths[i], utf8.RuneCountInString(line[i]))
		}
	}
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(t.align(line, widths) + "\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (t table) align(line []string, widths map[int]int) string {
	cells := make([]string, len(line))
	for i, cell := range line {
		space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if cells[i] = cell + space; t.numbers[i] {
			cells[i] = space + cell
		}
	}
	return strings.TrimRight(strings.Join(cells, "  "), " ")
}

// printable keeps what clients wrote from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}

// describe lists the members of an object under their JSON names, without
// those that do not apply.
func describe(object any) table {
	var t table
	value := reflect.ValueOf(object)
	for _, field := range reflect.VisibleFields(value.Type()) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		content := value.FieldByIndex(field.Index)
		text := cell(content)
		if name == "" || text == "" || options == "omitempty" && content.IsZero() {
			continue
		}
		if base, isMoney := strings.CutSuffix(name, "_nano_usd"); isMoney {
			name, text = base, dollars(content.Int())
		}
		t.rows = append(t.rows, []string{name, text})
	}
	return t
}

// cell writes a member for people; what does not apply is empty.
func cell(value reflect.Value) string {
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return ""
		}
		value = value.Elem()
	}
	switch content := value.Interface().(type) {
	case time.Time:
		return timestamp(content)
	case []string:
		return strings.Join(content, ", ")
	case []int:
		return numbers(content)
	}
	if kind := value.Kind(); kind == reflect.Struct || kind == reflect.Slice {
		return "" // objects within an object are tables of their own
	}
	return fmt.Sprint(value.Interface())
}

// timestamp is in UTC unless somebody has put the time into another zone.
func timestamp(at time.Time) string { return at.Format(time.RFC3339) }

func dollars(nano int64) string { return tollgate.Money(nano).String() }

func count(n int64) string { return strconv.FormatInt(n, 10) }

// text is what a pointer of package api points to, or nothing.
func text[T any](pointer *T) string {
	return cell(reflect.ValueOf(pointer))
}
