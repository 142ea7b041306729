package explain

import (
	"regexp"
	"strings"
)

// rejection is what a client is told of a request that a cloud rejected in a
// shape of its own: a token that Claude Code recovers by, or else the model's
// own words, where the cloud only hands them on, or the sentence.
func rejection(said words, sentence string) string {
	if code := tokenOf(said.message); code != "" {
		return "capability_rejected: " + code
	}
	if own := modelsOwn(said.message); own != "" {
		return own
	}
	for _, known := range cloudRejections {
		if known.says.MatchString(said.message) {
			return known.sentence
		}
	}
	return sentence
}

// token is a code behind capability_rejected, and the wordings that mean it.
type token struct {
	code string
	says *regexp.Regexp
}

// unwanted is how a member is said not to be taken.
const unwanted = `(?:extra inputs are not permitted|not (?:currently )?(?:supported|available|permitted|allowed)|unsupported|does(?:n't| not) support|isn't supported|does not match)`

// tokens are tried in order. Codes: providers.md 6.3; wordings: 1.3, 2.5 and
// contract.md 4.5 and 5.8, 2026-11-23.
var tokens = []token{
	{"max_tokens_context_overflow", says(`input length and .?max_tokens.? exceed`)},
	{"prompt_too_long", says(`prompt is too long|input is too long|too many input tokens|exceeds? the (?:model'?s? )?(?:maximum )?context (?:window|length)|input token count .*exceeds`)},
	{"media_budget", says(`too (?:many|much) (?:images|documents|media|pdf pages)|maximum of \d+ (?:images|documents|pdf pages)`)},
	{"image_block", says(`could not process image|image exceeds|(?:\bimages?\b|image_url).{0,80}` + unwanted + `|` + unwanted + `.{0,40}\bimages?\b`)},
	{"document_block", says(`could not process (?:pdf|document)|(?:\bdocuments?\b|\bpdfs?\b).{0,80}` + unwanted + `|` + unwanted + `.{0,40}\b(?:documents?|pdfs?)\b`)},
	{"thinking_signature", says(`invalid .{0,3}signature.{0,3} in .{0,3}thinking|bound to a different conversation|(?:thinking|redacted_thinking).{0,60}cannot be modified`)},
	{"thinking_type:adaptive", says(`adaptive thinking.{0,60}` + unwanted + `|thinking.{0,20}adaptive.{0,80}` + unwanted + `|thinking.{0,20}input tag .?adaptive`)},
	{"thinking_type:enabled", says(`thinking\.type\.enabled.{0,80}` + unwanted + `|thinking.{0,20}enabled.{0,80}` + unwanted + `|thinking.{0,20}input tag .?enabled`)},
	{"structured_outputs_unsupported", says(`(?:output_config\.format|output_format|structured outputs?|json_schema|\.strict).{0,80}` + unwanted)},
	{"effort_unsupported", says(`\beffort\b.{0,80}` + unwanted + `|` + unwanted + `.{0,40}\beffort\b`)},
	{"mid_conv_system", says(`unexpected role .{0,3}system|messages\.\d+\.role|role .{0,3}system.{0,60}` + unwanted)},
	{"cache_control_field", says(`cache_control\S*.{0,80}` + unwanted)},
}

func says(wording string) *regexp.Regexp { return regexp.MustCompile(`(?is)` + wording) }

// refusedBeta is how a beta is refused by its name.
var refusedBeta = regexp.MustCompile("(?is)(?:unexpected value\\(s\\)\\s*|invalid beta flag:?\\s*|unsupported beta(?: header)?:?\\s*)[`'\"]?([a-z0-9][a-z0-9-]{2,62}-\\d{4}-\\d{2}-\\d{2})[`'\"]?(?:[^A-Za-z0-9_:.-]|$)")

// tokenOf finds the code that a wording means; empty for none.
func tokenOf(message string) string {
	if found := refusedBeta.FindStringSubmatch(message); found != nil {
		return "beta_header:" + strings.ToLower(found[1])
	}
	for _, each := range tokens {
		if each.says.MatchString(message) {
			return each.code
		}
	}
	return ""
}

// handedOn is how Bedrock begins when it hands on what the model said
// (providers.md 2.5, 2026-11-23).
const handedOn = "The model returned the following errors: "

// member is how the Messages API begins when it names what is wrong.
var member = regexp.MustCompile(`^(?:messages|system|tools|tool_choice|thinking|output_config|context_management|metadata|max_tokens|temperature|top_p|top_k|stop_sequences|model|anthropic_version|anthropic_beta|cache_control)[A-Za-z0-9_.]*: `)

// modelsOwn are the words of the model itself, which are those of the Messages
// API: clients recover by them, and they know nothing of accounts.
func modelsOwn(message string) string {
	if own, found := strings.CutPrefix(message, handedOn); found {
		return own
	}
	if member.MatchString(message) {
		return message
	}
	return ""
}

// cloudRejection is a wording of a cloud about something that the operator can
// mend or the developer get round.
type cloudRejection struct {
	says     *regexp.Regexp
	sentence string
}

// cloudRejections: providers.md 2.5 and 4, 2026-11-23.
var cloudRejections = []cloudRejection{
	{says(`on-demand throughput isn.?t supported`), "the model provider serves this model only under an inference profile, and the gateway is configured with none for it; pick another model with /model, or tell your administrator"},
	{says(`provided model identifier is invalid|invalid model parameter|model not found|deployment not found`), "the model provider does not know this model under the name that the gateway is configured with; pick another with /model, or tell your administrator"},
	{says(`guardrail`), "a guardrail of the gateway's account at the model provider is not set up as the request asks; tell your administrator"},
	{says(`federation is disabled`), "the gateway's account at the model provider is not set up to let it in; your key is not the cause: tell your administrator"},
}
