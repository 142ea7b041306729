package upstream

import (
	"time"

	"tollgate/internal/secret"
	"tollgate/internal/upstream/capability"
)

// Config is one upstream: a place that serves models, under the name by which
// routes, reports and price overrides speak of it.
type Config struct {
	// Name is how everything else speaks of this upstream: lower case letters,
	// digits and hyphens, at most 63, unique. It is written into every ledger
	// row.
	Name string `yaml:"name"`
	// Provider is who answers there: anthropic, bedrock, bedrock-mantle (Amazon
	// Bedrock's Messages API), vertex, foundry or anthropic-aws (Claude Platform
	// on AWS).
	Provider string `yaml:"provider"`
	// Region is where, with bedrock, bedrock-mantle and anthropic-aws a region of
	// AWS, with vertex a location of Google Cloud: global, us, eu or a region.
	// Those four need it, also beside a base_url.
	Region string `yaml:"region"`
	// Project is the id of the Google Cloud project; vertex needs it.
	Project string `yaml:"project"`
	// Resource is the name of the Azure resource; foundry needs it, or a
	// base_url.
	Resource string `yaml:"resource"`
	// Workspace is the id of the workspace, wrkspc_…; anthropic-aws needs it.
	Workspace string `yaml:"workspace"`
	// BaseURL is where requests go, for a proxy or a private address in front
	// of the provider. A path in it is put before the request's own. Plain
	// http is accepted for this machine's own addresses; see allow_plain_http.
	// With vertex the path from /v1/projects on is put behind it; with foundry
	// and bedrock-mantle it ends in /anthropic. Default: the provider's own,
	// https://api.anthropic.com for anthropic.
	BaseURL string `yaml:"base_url"`
	// AllowPlainHTTP accepts an http:// base_url on another machine. The
	// credential and every prompt then cross the network in clear text.
	AllowPlainHTTP bool `yaml:"allow_plain_http"`
	// APIKey is a key of the provider, sent as x-api-key, to bedrock and
	// bedrock-mantle as Authorization: Bearer. An upstream has one credential;
	// which ones there are depends on the provider.
	APIKey secret.String `yaml:"api_key"`
	// Bearer is a token, sent as Authorization: Bearer.
	Bearer secret.String `yaml:"bearer"`
	// BearerFile is the path of a file with such a token. It is read again when it
	// changes, so that another program can renew it.
	BearerFile string `yaml:"bearer_file"`
	// Federation exchanges this machine's own identity for short-lived
	// tokens, so that no credential of the provider is stored here.
	Federation *Federation `yaml:"federation"`
	// AWSAccessKeyID is that of a fixed key of AWS, with which requests to
	// bedrock, bedrock-mantle and anthropic-aws are signed. Without any
	// credential they use AWS's own chain: the environment, the shared
	// configuration, and what the machine they run on is given.
	AWSAccessKeyID string `yaml:"aws_access_key_id"`
	// AWSSecretAccessKey belongs to aws_access_key_id.
	AWSSecretAccessKey secret.String `yaml:"aws_secret_access_key"`
	// AWSSessionToken belongs to an aws_access_key_id that is temporary.
	AWSSessionToken secret.String `yaml:"aws_session_token"`
	// AWSProfile is the name of a profile of AWS's shared configuration, in place
	// of what its chain would find.
	AWSProfile string `yaml:"aws_profile"`
	// AssumeRole is a role of AWS to sign as, with a session for each developer
	// or team if that is wanted. The credentials above are then what assumes it.
	AssumeRole *AssumeRole `yaml:"assume_role"`
	// ServiceAccountFile is the path of a Google service account's key, for vertex,
	// which without any credential uses Google's own chain: the environment, what
	// gcloud left, the machine's metadata service. It is read again for each token.
	ServiceAccountFile string `yaml:"service_account_file"`
	// Entra is an application of Microsoft Entra, for foundry. An empty one, {},
	// uses Azure's own chain.
	Entra *Entra `yaml:"entra"`
	// InferenceProfile is the geography in which bedrock may answer: global, us,
	// eu, jp, au, apac, us-gov, or none for the region alone. Default: the nearest one
	// to the region that serves the model.
	InferenceProfile string `yaml:"inference_profile"`
	// Accepts corrects what is known of the betas and members of the body that a
	// provider accepts. To anthropic everything is sent.
	Accepts capability.Config `yaml:"accepts"`
	// Headers are extra ones for every request to this upstream, in place of
	// what the client sent under these names. Their values are masked wherever the configuration is shown.
	Headers map[string]secret.String `yaml:"headers"`
	// FirstByte is how long to wait for the answer to begin.
	// Default: limits.first_byte.
	FirstByte time.Duration `yaml:"first_byte"`
}

// Federation names the parties of a workload identity exchange.
// Source: providers.md 1.9, 2026-11-23.
type Federation struct {
	// Rule is the federation rule's id, fdrl_….
	Rule string `yaml:"rule"`
	// Organization is the organisation's id, a UUID.
	Organization string `yaml:"organization"`
	// ServiceAccount is the id of the account to act as, svac_…; needed unless
	// the rule names one.
	ServiceAccount string `yaml:"service_account"`
	// Workspace is the workspace to act in, wrkspc_… or "default"; needed when the rule spans several.
	Workspace string `yaml:"workspace"`
	// TokenFile is the path of this machine's identity, a JSON Web Token. It is read
	// again for each exchange.
	TokenFile string `yaml:"token_file"`
}

// AssumeRole is a role of AWS. What a session is called and tagged with is that of
// the gateway key's owner; a client cannot choose it. AWS shows it in its log, and
// in its cost reports once the tags are activated there.
type AssumeRole struct {
	// RoleARN is the role, arn:aws:iam::ACCOUNT:role/NAME. It has to allow
	// sts:AssumeRole, and sts:TagSession for tags.
	RoleARN string `yaml:"role_arn"`
	// ExternalID is what the role's trust policy asks for, if it does.
	ExternalID string `yaml:"external_id"`
	// SessionName is what sessions are called: developer, team, or a name. A service
	// counts as a developer. Default: tollgate.
	SessionName string `yaml:"session_name"`
	// SessionTags are any of developer and team.
	SessionTags []string `yaml:"session_tags"`
}

// Entra is an application of Microsoft Entra that may use the resource.
type Entra struct {
	// Tenant is the directory's id.
	Tenant string `yaml:"tenant"`
	// ClientID is the application's id.
	ClientID string `yaml:"client_id"`
	// ClientSecret is one of the application's secrets.
	ClientSecret secret.String `yaml:"client_secret"`
	// CertificateFile is the path of one of its certificates with the private key,
	// PEM or PKCS #12 without a password, in place of client_secret. It is read
	// again for each token.
	CertificateFile string `yaml:"certificate_file"`
}
