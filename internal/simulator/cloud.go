package simulator

// Cloud is what the clouds know of the one account that they serve here. A
// member that is empty is taken from DefaultCloud, unless it says otherwise.
type Cloud struct {
	AccessKeyID, SecretAccessKey string
	SessionToken                 string            // empty: the key needs none
	Region                       string            // of signatures at AWS; empty: any
	Project                      string            // at Google; empty: any
	Location                     string            // at Google; empty: any
	Deployments                  map[string]string // at Azure, to the models they serve; nil: each model under its own name
	Workspace                    string            // at Claude Platform on AWS; empty: any, but one there must be
	ClientID, ClientSecret       string            // at Entra
}

// DefaultCloud is an account for practice. Everybody may know its secrets.
var DefaultCloud = Cloud{
	AccessKeyID: "AKIASIMULATED0000001", SecretAccessKey: "simulated/secret+access/key+0123456789abcd",
	ClientID: "51a0a7ed-0000-4000-8000-0000000c11e7", ClientSecret: "simulated-client-secret",
}

func (c Cloud) complete() Cloud {
	if c.AccessKeyID == "" {
		c.AccessKeyID, c.SecretAccessKey = DefaultCloud.AccessKeyID, DefaultCloud.SecretAccessKey
	}
	if c.ClientID == "" {
		c.ClientID, c.ClientSecret = DefaultCloud.ClientID, DefaultCloud.ClientSecret
	}
	return c
}

// What the clouds' errors tell about an operator, as real ones do, and what must
// therefore never reach a developer.
const (
	accountID  = "999944443333"
	roleARN    = "arn:aws:sts::" + accountID + ":assumed-role/simulated-gateway-role/i-0simulated"
	projectID  = "simulated-project-7731"
	resourceID = "simulated-foundry-resource"
	tenantID   = "51a0a7ed-0000-4000-8000-00000007e4a7"
)

// Secrets are those texts: a gateway's client must see none of them.
var Secrets = []string{accountID, "simulated-gateway-role", projectID, resourceID, tenantID}
