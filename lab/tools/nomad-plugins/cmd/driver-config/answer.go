package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/nomad/client/taskenv"
	"github.com/hashicorp/nomad/helper/pluginutils/hclutils"
	"github.com/hashicorp/nomad/plugins/drivers"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// question is one task's configuration and what its client knows.
type question struct {
	Driver string         `json:"driver"`
	Config map[string]any `json:"config"`
	// Env is the task's environment: ${NOMAD_PORT_http}, ${env["X"]}.
	Env map[string]string `json:"env"`
	// Node holds the node's properties by full name: "node.datacenter", "attr.cpu.arch", "meta.rack".
	Node map[string]string `json:"node"`
}

// answer says what the driver gets, or why the client fails the task.
type answer struct {
	OK      bool     `json:"ok"`
	Decoded any      `json:"decoded,omitempty"`
	Errors  []string `json:"errors,omitempty"`
}

func refuse(errors ...string) answer { return answer{Errors: errors} }

func answerLine(known map[string]*driver, line []byte) answer {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return refuse("question: " + err.Error())
	}
	driver, ok := known[asked.Driver]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
		return refuse(fmt.Sprintf("no schema of driver %q here; known: %s", asked.Driver, names))
	}
	return driver.decode(asked)
}

// decode follows the client's task runner: variables, schema, the wire to the driver, the driver's own type.
func (d *driver) decode(asked question) answer {
	variables, err := variablesOf(asked)
	if err != nil {
		return refuse("variables: " + err.Error())
	}
	value, diagnostics, errs := hclutils.ParseHclInterface(asked.Config, d.spec, variables)
	if diagnostics.HasErrors() {
		return refuse(texts(errs)...)
	}
	var task drivers.TaskConfig
	if err := task.EncodeDriverConfig(value); err != nil {
		return refuse("encode: " + err.Error())
	}
	if err := task.DecodeDriverConfig(d.newConfig()); err != nil {
		return refuse("decode: " + err.Error())
	}
	decoded, err := plain(value)
	if err != nil {
		return refuse("answer: " + err.Error())
	}
	return answer{OK: true, Decoded: decoded}
}

// variablesOf gives what ${...} can refer to. The client always knows its node, so the node is never empty. Names that
// do not fit together ("a" and "a.b") are left out, as the client leaves them out.
func variablesOf(asked question) (map[string]cty.Value, error) {
	node := map[string]string{"node.unique.id": "00000000-0000-0000-0000-000000000000"}
	maps.Copy(node, asked.Node)
	env := map[string]string{"NOMAD_TASK_NAME": "task"}
	maps.Copy(env, asked.Env)
	variables, _, err := taskenv.NewTaskEnv(env, env, nil, node, nil, "", "").AllValues()
	return variables, err
}

// plain turns a value into JSON data under the names that a job uses, without what was not set.
func plain(value cty.Value) (any, error) {
	text, err := ctyjson.Marshal(value, value.Type())
	if err != nil {
		return nil, err
	}
	var data any
	if err := json.Unmarshal(text, &data); err != nil {
		return nil, err
	}
	return withoutNulls(data), nil
}

func withoutNulls(data any) any {
	switch typed := data.(type) {
	case map[string]any:
		maps.DeleteFunc(typed, func(_ string, item any) bool { return item == nil })
		for key, item := range typed {
			typed[key] = withoutNulls(item)
		}
	case []any:
		for index, item := range typed {
			typed[index] = withoutNulls(item)
		}
	}
	return data
}

func texts(errs []error) []string {
	list := make([]string, 0, len(errs))
	for _, err := range errs {
		list = append(list, err.Error())
	}
	return list
}
