package main

import (
	"html/template"
	"io"

	"tollgate/api"
)

// statementPage is for printing: it loads nothing and runs nothing.
var statementPage = template.Must(template.New("statement").Funcs(template.FuncMap{"count": count, "dollars": dollars}).Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Claude Code, {{(index . 0).Month}}</title>
<style>
body { font: 11pt/1.4 system-ui, sans-serif; margin: 2cm; color: #111 }
section { break-after: page }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.5em }
caption { text-align: left; font-weight: 600; padding: .3em 0 }
th, td { text-align: right; padding: .2em .5em; border-bottom: 1px solid #ccc; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere }
.total { font-size: 140% }
small { color: #555 }
</style>
</head>
<body>
{{range .}}<section>
<h1>{{.Title}}</h1>
<p>{{.Month}} <small>from {{.Since}} until {{.Until}}, {{.TimeZone}}</small></p>
<p class="total">{{dollars .Total.CostNanoUSD}}</p>
<p>{{count .Total.Requests}} requests{{if .Total.EstimatedRequests}}, of which {{count .Total.EstimatedRequests}} are estimated in part{{end}}.</p>
{{range .Parts}}<table>
<caption>By {{.By}}</caption>
<tr><th></th><th>Requests</th><th>Input</th><th>Cache written</th><th>Cache read</th><th>Output</th><th>Cost</th></tr>
{{range .Lines}}<tr><td>{{.Name}}</td><td>{{count .Sum.Requests}}</td><td>{{count .Sum.InputTokens}}</td><td>{{count .Written}}</td><td>{{count .Sum.CacheReadTokens}}</td><td>{{count .Sum.OutputTokens}}</td><td>{{dollars .Sum.CostNanoUSD}}</td></tr>
{{end}}</table>
{{end}}</section>
{{end}}</body>
</html>
`))

// The page's own view of a statement.
type (
	pageStatement struct {
		Title, Month, Since, Until, TimeZone string
		Total                                api.UsageSum
		Parts                                []pagePart
	}
	pagePart struct {
		By    string
		Lines []pageLine
	}
	pageLine struct {
		Name    string
		Written int64
		Sum     api.UsageSum
	}
)

func statementHTML(w io.Writer, all []statement) error {
	var pages []pageStatement
	for _, one := range all {
		page := pageStatement{Title: one.title(), Month: one.Month, Since: timestamp(one.Since.In(zoneNamed(one.TimeZone))), Until: timestamp(one.Until.In(zoneNamed(one.TimeZone))), TimeZone: one.TimeZone, Total: one.Total}
		for _, part := range one.shown() {
			shown := pagePart{By: part.By}
			for _, line := range part.Lines {
				shown.Lines = append(shown.Lines, pageLine{line.label(), line.CacheWrite5mTokens + line.CacheWrite1hTokens, line.UsageSum})
			}
			page.Parts = append(page.Parts, shown)
		}
		pages = append(pages, page)
	}
	if len(pages) == 0 {
		pages = []pageStatement{{Title: "Nothing was consumed"}}
	}
	return statementPage.Execute(w, pages)
}
