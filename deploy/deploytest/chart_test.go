package deploytest

import (
	"crypto/x509"
	"encoding/pem"
	"flag"
	"maps"
	"net/http/httptest"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

const chart = "../chart"

var update = flag.Bool("update", false, "write the golden files anew")

// Each file is one way to install the chart.
func eachValues(t *testing.T, test func(t *testing.T, name string, values map[string]any)) {
	paths, err := filepath.Glob("testdata/values/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no values to install the chart with: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) { test(t, name, parseValues(t, read(t, path))) })
	}
}

func TestTheChartHasNothingToLint(t *testing.T) {
	eachValues(t, func(t *testing.T, _ string, values map[string]any) {
		for _, message := range lint.RunAll(chart, values, "llm").Messages {
			if message.Severity >= support.WarningSev {
				t.Error(message)
			}
		}
	})
}

func TestTheChartRendersAsBefore(t *testing.T) {
	eachValues(t, func(t *testing.T, name string, values map[string]any) {
		got, golden := manifest(render(t, values)), filepath.Join("testdata/golden", name+".yaml")
		if *update {
			put(t, golden, got, 0o644)
		}
		if got != read(t, golden) {
			t.Errorf("the chart renders otherwise than %s says; if it should, run: go -C deploy/deploytest test -run Chart -update", golden)
		}
	})
}

func TestKubernetesKnowsEveryMemberOfTheChart(t *testing.T) {
	eachValues(t, func(t *testing.T, _ string, values map[string]any) {
		if objects := decode(t, render(t, values)); len(objects) < 3 {
			t.Errorf("there are %d objects only", len(objects))
		}
	})
}

func TestThePodWaitsLongerThanADrainAndIsLockedIn(t *testing.T) {
	eachValues(t, func(t *testing.T, _ string, values map[string]any) {
		pod := find[*apps.StatefulSet](t, decode(t, render(t, values))).Spec.Template.Spec
		drain := 120.0
		if given, ok := values["drainSeconds"].(float64); ok {
			drain = given
		}
		if grace := float64(*pod.TerminationGracePeriodSeconds); grace < drain+30 {
			t.Errorf("Kubernetes kills after %vs, but answers may take %vs to finish and their rows have to be written", grace, drain)
		}
		security, inner := pod.SecurityContext, pod.Containers[0].SecurityContext
		locked := *security.RunAsNonRoot && *security.RunAsUser == imageUser && security.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault &&
			*inner.ReadOnlyRootFilesystem && !*inner.AllowPrivilegeEscalation && slices.Equal(inner.Capabilities.Drop, []core.Capability{"ALL"}) &&
			!*pod.AutomountServiceAccountToken
		if !locked {
			t.Errorf("the pod may do more than it has to: %v %v", security, inner)
		}
	})
}

func TestTheConfigurationOfTheChartIsRight(t *testing.T) {
	eachValues(t, func(t *testing.T, _ string, values map[string]any) {
		text := find[*core.ConfigMap](t, decode(t, render(t, values))).Data["tollgate.yaml"]
		secrets := t.TempDir()
		for _, name := range []string{"tollgate/provider/api-key", "tollgate/admin/prometheus", "tokens/anthropic"} {
			put(t, filepath.Join(secrets, name), "a-secret-of-many-characters\n", 0o600)
		}
		certify(t, filepath.Join(secrets, "tollgate-tls"))
		checkConfig(t, strings.NewReplacer("/var/run/secrets", secrets, "/run/secrets", secrets).Replace(text))
	})
}

func TestTheRulesOfTheChartAreThoseOfPrometheus(t *testing.T) {
	values := parseValues(t, read(t, "testdata/values/everything.yaml"))
	rule := find[*monitoring.PrometheusRule](t, decode(t, render(t, values)))
	var want monitoring.PrometheusRuleSpec
	if err := yaml.UnmarshalStrict([]byte(read(t, "../prometheus/alerts.yaml")), &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Groups) == 0 || !reflect.DeepEqual(rule.Spec, want) {
		t.Error("the chart has other rules than deploy/prometheus")
	}
}

func TestValuesThatAreRefused(t *testing.T) {
	for values, want := range map[string]string{
		`replicas: 2`:                                "additional properties 'replicas' not allowed",
		`drainSeconds: 0`:                            "minimum",
		`persistence: {size: 5Gi, mode: x}`:          "additional properties 'mode' not allowed",
		`secrets: [{name: x}]`:                       "existingSecret",
		`config: {data_dir: /elsewhere}`:             "config.data_dir is the chart's own",
		`config: {listen: {address: ":1"}}`:          "config.listen.address is the chart's own: set service.port instead",
		`config: {limits: {drain: 10m}}`:             "config.limits.drain is the chart's own: set drainSeconds instead",
		`serviceMonitor: {enabled: true}`:            "serviceMonitor needs admin.enabled",
		`ingress: {enabled: true, className: nginx}`: "ingress.host",
	} {
		if _, err := tryRender(parseValues(t, values)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", values, err, want)
		}
	}
}

func TestAChangedConfigurationStartsThePodAnew(t *testing.T) {
	sum := func(values string) string {
		return find[*apps.StatefulSet](t, decode(t, render(t, parseValues(t, values)))).Spec.Template.Annotations["checksum/config"]
	}
	if one, other := sum(`{}`), sum(`config: {log: {level: debug}}`); one == other || one == "" {
		t.Errorf("the pod's template has %q before and %q after", one, other)
	}
}

// tryRender is helm install --dry-run without a cluster: the files by name.
func tryRender(values map[string]any) (map[string]string, error) {
	loaded, err := loader.LoadDir(chart)
	if err != nil {
		return nil, err
	}
	all, err := util.ToRenderValues(loaded, values, common.ReleaseOptions{Name: "tollgate", Namespace: "llm", IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	return engine.Render(loaded, all)
}

func render(t *testing.T, values map[string]any) map[string]string {
	t.Helper()
	files, err := tryRender(values)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// manifest is everything that is rendered, in one text, but for the alert
// rules, which change for reasons of their own.
func manifest(files map[string]string) string {
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if text := strings.TrimSpace(files[name]); text != "" && path.Base(name) != "prometheusrule.yaml" {
			all.WriteString("---\n# " + name + "\n" + text + "\n")
		}
	}
	return all.String()
}

// decode reads every object as the type of Kubernetes that it says it is. A
// member that the type does not have is an error.
func decode(t *testing.T, files map[string]string) []runtime.Object {
	t.Helper()
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, monitoring.AddToScheme} {
		if err := add(known); err != nil {
			t.Fatal(err)
		}
	}
	decoder := serializer.NewCodecFactory(known, serializer.EnableStrict).UniversalDeserializer()
	var objects []runtime.Object
	for name, text := range files {
		if path.Ext(name) != ".yaml" || strings.TrimSpace(text) == "" {
			continue
		}
		object, _, err := decoder.Decode([]byte(text), nil, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		objects = append(objects, object)
	}
	return objects
}

// find returns the one object of a type.
func find[T runtime.Object](t *testing.T, objects []runtime.Object) (found T) {
	t.Helper()
	count := 0
	for _, object := range objects {
		if one, ok := object.(T); ok {
			found, count = one, count+1
		}
	}
	if count != 1 {
		t.Fatalf("there are %d of %T, want one", count, found)
	}
	return found
}

func parseValues(t *testing.T, text string) map[string]any {
	t.Helper()
	values, err := loader.LoadValues(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// certify writes a certificate and its key in the way of a Secret of type
// kubernetes.io/tls.
func certify(t *testing.T, folder string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"tls.crt": {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		"tls.key": {Type: "PRIVATE KEY", Bytes: key},
	} {
		put(t, filepath.Join(folder, name), string(pem.EncodeToMemory(block)), 0o600)
	}
}
