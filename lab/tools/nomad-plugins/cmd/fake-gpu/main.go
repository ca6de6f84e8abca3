// Command fake-gpu is a Nomad device plugin for the lab and for tests: it reports GPUs that are not there, so that
// placement by device can be tried on any machine. Attributes and reservation look like those of Nomad's NVIDIA plugin.
//
//	plugin "fake-gpu" {
//	  config {
//	    group {
//	      name       = "NVIDIA H100 80GB HBM3"
//	      count      = 2
//	      attributes = { memory = "81559 MiB" }
//	    }
//	  }
//	}
package main

import (
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/nomad/plugins"
)

func main() {
	plugins.Serve(func(hclog.Logger) any { return &fakeGPU{} })
}
