// Command steppe-lab-csi is a CSI plugin for the lab: a fixture to try Nomad's side of storage with, not a driver to keep
// data with. Its volumes are directories, of a directory that all hosts of the lab share or of an NFSv4 export. Capacity
// is written down and not enforced, nothing is encrypted and there are no snapshots.
//
// Whatever it knows lies beside the volumes as files. It can be killed at any moment, and several can run at once.
//
// See https://github.com/container-storage-interface/spec/blob/v1.12.0/spec.md
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	options, err := parseOptions(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, options); err != nil {
		slog.Error("cannot go on", "error", err)
		os.Exit(1)
	}
}
