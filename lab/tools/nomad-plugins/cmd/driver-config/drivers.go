package main

import (
	"context"
	"fmt"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/nomad/drivers/docker"
	"github.com/hashicorp/nomad/drivers/exec"
	"github.com/hashicorp/nomad/drivers/java"
	"github.com/hashicorp/nomad/drivers/qemu"
	"github.com/hashicorp/nomad/drivers/rawexec"
	"github.com/hashicorp/nomad/helper/pluginutils/hclspecutils"
	"github.com/hashicorp/nomad/plugins/drivers"
	"github.com/hashicorp/nomad/plugins/shared/hclspec"
)

// driver is what a client knows of a task driver before it starts a task.
type driver struct {
	// schema is as the driver states it, spec as the client reads it.
	schema *hclspec.Spec
	spec   hcldec.Spec
	// newConfig makes what the driver decodes a task's configuration into.
	newConfig func() any
}

type constructor func(context.Context, hclog.Logger) drivers.DriverPlugin

// builtIn holds the drivers of the Nomad binary.
var builtIn = map[string]struct {
	construct constructor
	newConfig func() any
}{
	"docker":   {docker.NewDockerDriver, func() any { return new(docker.TaskConfig) }},
	"exec":     {exec.NewExecDriver, func() any { return new(exec.TaskConfig) }},
	"java":     {java.NewDriver, func() any { return new(java.TaskConfig) }},
	"qemu":     {qemu.NewQemuDriver, func() any { return new(qemu.TaskConfig) }},
	"raw_exec": {rawexec.NewRawExecDriver, func() any { return new(rawexec.TaskConfig) }},
}

// loadDrivers asks every driver for its schema. No driver is started or configured.
func loadDrivers() (map[string]*driver, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	loaded := make(map[string]*driver, len(builtIn))
	for name, definition := range builtIn {
		schema, err := definition.construct(ctx, hclog.NewNullLogger()).TaskConfigSchema()
		if err != nil {
			return nil, fmt.Errorf("schema of %s: %w", name, err)
		}
		spec, diagnostics := hclspecutils.Convert(schema)
		if diagnostics.HasErrors() {
			return nil, fmt.Errorf("schema of %s: %w", name, diagnostics)
		}
		loaded[name] = &driver{schema: schema, spec: spec, newConfig: definition.newConfig}
	}
	return loaded, nil
}
